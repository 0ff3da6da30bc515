import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ImageTargetOptions, openImageTarget } from './image-target.ts';

const directory = mkdtempSync(join(tmpdir(), 'cvescan-image-target-'));
const server = createServer(({ url }, response) => {
  if (url === '/images/a.tar') return response.end('image');
  if (url === '/images/elsewhere') return response.writeHead(302, { location: '/secret/a.tar' }).end();
  if (url === '/images/moved') return response.writeHead(302, { location: '/images/a.tar' }).end();
  if (url === '/secret/a.tar') return response.end('secret');
  return response.writeHead(404).end();
});
let base = '';
beforeAll(async () => {
  writeFileSync(join(directory, 'a.tar'), 'image');
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

const open = (target: { path: string } | { url: string }, more: Partial<ImageTargetOptions> = {}) =>
  openImageTarget(
    { kind: 'image', ...target },
    {
      ...{ localPaths: [directory], allowUrls: [`${base}/images/`], userAgent: 'cvescan', env: {} },
      signal: new AbortController().signal,
      ...more,
    },
  );

describe('an image of a job', () => {
  test('is a file below runner.localpaths', async () => {
    using file = await open({ path: join(directory, 'a.tar') });
    expect(readFileSync(file.path, 'utf8')).toBe('image');
  });

  for (const path of ['images/a.tar', 'moved']) {
    test(`is fetched from below runner.allowurls (${path}), and removed at the end`, async () => {
      const url = `${base}/images/${path.replace('images/', '')}`;
      const file = await open({ url });
      expect(readFileSync(file.path, 'utf8')).toBe('image');
      file[Symbol.dispose]();
      expect(existsSync(file.path)).toBe(false);
    });
  }

  const refused: readonly [
    shows: string,
    code: string,
    target: () => { path: string } | { url: string },
    more?: Partial<ImageTargetOptions>,
  ][] = [
    ['a file elsewhere', 'image.not-found', () => ({ path: '/etc/passwd' })],
    ['a file that is not there', 'image.not-found', () => ({ path: join(directory, 'b.tar') })],
    [
      'any file where nothing is listed',
      'image.not-found',
      () => ({ path: join(directory, 'a.tar') }),
      { localPaths: [] },
    ],
    ['a URL elsewhere', 'permission.denied', () => ({ url: `${base}/secret/a.tar` })],
    ['a URL that leads elsewhere', 'permission.denied', () => ({ url: `${base}/images/elsewhere` })],
    [
      'any URL where nothing is listed',
      'permission.denied',
      () => ({ url: `${base}/images/a.tar` }),
      { allowUrls: [] },
    ],
    ['a URL that is not there', 'image.not-found', () => ({ url: `${base}/images/b.tar` })],
    ['an image above the limit', 'image.limit-exceeded', () => ({ url: `${base}/images/a.tar` }), { maxImageBytes: 4 }],
  ];
  for (const [shows, code, target, more] of refused) {
    test(`is not ${shows}: ${code}`, async () => {
      await expect(open(target(), more)).rejects.toMatchObject({ code });
    });
  }

  test('at the limit is taken', async () => {
    (await open({ url: `${base}/images/a.tar` }, { maxImageBytes: 5 }))[Symbol.dispose]();
  });
});
