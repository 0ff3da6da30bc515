import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startClairServer } from '../../../test/clair-server.ts';
import { runCommandLine } from '../../../test/command-line.ts';
import { archiveOf, dockerSave, sha256 } from '../../../test/images.ts';
import { tar } from '../../../test/tar.ts';

const [base, top] = ['base', 'top'].map((name) => tar({ path: `etc/${name}`, body: Buffer.from(name) })) as [
  Buffer,
  Buffer,
];
const baseId = sha256(base).slice(7);
const topId = sha256(Buffer.from(`sha256:${baseId} ${sha256(top)}`)).slice(7);
const image = archiveOf(dockerSave([{ layers: [{ tar: base }, { tar: top }] }]));

let directory: string;
let earlier: string | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'analyze-'));
  earlier = process.env.TMPDIR;
  process.env.TMPDIR = directory;
});
afterEach(() => {
  if (earlier === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = earlier;
  rmSync(directory, { recursive: true });
});

const openssl = {
  Name: 'openssl',
  Version: '1.1.1k-1',
  AddedBy: topId,
  Vulnerabilities: [
    { Name: 'CVE-2022-0778', Severity: 'High', Description: 'The BN_mod_sqrt() function\nloops.', FixedBy: '1.1.1n-0' },
    { Name: 'CVE-2007-6755', Severity: 'Negligible' },
  ],
};
const removed = {
  Name: 'bash',
  Version: '4.2',
  AddedBy: baseId,
  RemovedBy: topId,
  Vulnerabilities: [{ Name: 'CVE-2014-6271', Severity: 'Critical' }],
};

/** A server that fetches what it is named, as Clair does. */
async function analyze(
  argv: readonly string[],
  { features = [openssl, removed] as readonly object[], status = 201, env = {} } = {},
) {
  const fetched: Buffer[] = [];
  await using server = await startClairServer(async ({ method, body }) => {
    if (method === 'GET') return { body: { Layer: { Name: topId, Features: features } } };
    const { Path: path } = (body as { Layer: { Path: string } }).Layer;
    if (path.startsWith('http')) fetched.push(Buffer.from(await (await fetch(path)).arrayBuffer()));
    else fetched.push(Buffer.alloc(statSync(path).size));
    return { status, body: { Layer: {} } };
  });
  const endpoint = ['-endpoint', server.endpoint, '--port', '0'];
  const answer = await runCommandLine(['analyze-local-images', ...endpoint, ...argv], { env });
  return { ...answer, fetched, seen: server.seen };
}

describe('cvescan analyze-local-images', () => {
  test('of an archive posts its layers in order, and prints the worst first', async () => {
    const file = join(directory, 'image.tar');
    writeFileSync(file, image);
    const { code, stdout, fetched, seen } = await analyze(['-minimum-severity', 'Low', '-color=never', file]);
    expect(code).toBe(10);
    expect(fetched).toEqual([base, top]);
    const posted = seen.map(({ body }) => (body as { Layer?: Record<string, string> } | undefined)?.Layer);
    expect(posted.map((layer) => layer && [layer.Name, layer.ParentName, layer.Format])).toEqual([
      [baseId, undefined, 'Docker'],
      [topId, baseId, 'Docker'],
      undefined,
    ]);
    expect(posted[0]?.Path).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/[0-9a-f]{64}$/);
    expect(seen.at(-1)?.url).toBe(`/v1/layers/${topId}?vulnerabilities&allLayers`);
    expect(stdout).toBe(
      [
        `Clair report for image ${file} (2026-08-01T00:00:00.000Z)`,
        'CVE-2022-0778 (High)',
        '\tThe BN_mod_sqrt() function loops.',
        '',
        '\tPackage:       openssl @ 1.1.1k-1',
        '\tFixed version: 1.1.1n-0',
        `\tLayer:         ${topId}`,
        '',
        'A total of 1 vulnerability has been detected in your image',
        '',
        'In lower layers only: a layer above removed these packages, but whoever has the image can read them.',
        '',
        'CVE-2014-6271 (Critical)',
        '\tPackage:       bash @ 4.2',
        `\tLayer:         ${baseId}`,
        `\tRemoved by:    ${topId}`,
        '',
        '',
      ].join('\n'),
    );
  });

  test('of an image that docker holds leaves no files behind, whether it succeeds or not', async () => {
    for (const status of [201, 422]) {
      const { code, fetched } = await analyze(['debian:12'], { status, env: fakeDocker('cat image.tar') });
      expect([code, fetched.length]).toEqual(status === 201 ? [10, 2] : [1, 1]);
      expect(readdirSync(directory).sort()).toEqual(['bin', 'image.tar']);
    }
  });

  test('asks docker history where the archive has no manifest.json', async () => {
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    writeFileSync(join(directory, 'image.tar'), archiveOf({ [`${a}/layer.tar`]: base, [`${b}/layer.tar`]: top }));
    const env = fakeDocker(
      `case $1 in save) cat image.tar;; history) printf '${b}\\n<missing>\\n${a}\\n';; esac`,
      false,
    );
    const { fetched, seen } = await analyze(['old:1'], { env });
    expect(fetched).toEqual([base, top]);
    expect(seen.at(-1)?.url).toContain(topId);
  });

  test('by path, which is gone afterwards', async () => {
    const file = join(directory, 'image.tar');
    writeFileSync(file, image);
    const { fetched, seen } = await analyze(['--by-path', file]);
    expect(fetched.map(({ length }) => length)).toEqual([base.length, top.length]);
    expect((seen[0]!.body as { Layer: { Path: string } }).Layer.Path).toMatch(
      RegExp(`^${directory}/.*/${baseId}.tar$`),
    );
    expect(readdirSync(directory)).toEqual(['image.tar']);
  });

  test('nothing found, and nothing at the severity', async () => {
    const file = join(directory, 'image.tar');
    writeFileSync(file, image);
    const clean = await analyze([file], { features: [{ Name: 'a', Version: '1' }] });
    expect([clean.code, clean.stdout]).toEqual([0, expect.stringContaining('Success!')]);
    const low = await analyze(['-minimum-severity', 'Critical', file], { features: [openssl] });
    expect([low.code, low.stdout]).toEqual([0, expect.stringContaining('minimum severity')]);
    const none = await analyze([file], { features: [] });
    expect([none.code, none.stdout]).toEqual([0, expect.stringContaining('No features')]);
  });

  test('refuses a layer that is not what the config states', async () => {
    const files = dockerSave([{ layers: [{ tar: base, stored: top }] }]);
    writeFileSync(join(directory, 'image.tar'), archiveOf(files));
    const { code, stderr, seen } = await analyze([join(directory, 'image.tar')]);
    expect([code, seen.length]).toEqual([3, 0]);
    expect(stderr).toContain("but the image's config says");
  });

  for (const [argv, message] of [
    [['-minimum-severity', 'Hihg', 'x'], 'did you mean High'],
    [['-color', 'perhaps', 'x'], 'always, auto, never'],
    [['a', 'b'], 'give IMAGE'],
  ] as const) {
    test(`refuses ${argv.join(' ')}`, async () => {
      const { code, stderr } = await runCommandLine(['analyze-local-images', ...argv]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    });
  }

  test('docker is not there, or does not know the image', async () => {
    const missing = await analyze(['debian:12'], { env: { PATH: directory } });
    expect([missing.code, missing.stderr]).toEqual([3, expect.stringContaining('docker cannot be run')]);
    const unknown = await analyze(['debian:12'], { env: fakeDocker('echo No such image >&2; exit 1') });
    expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining('docker save failed: No such image')]);
  });
});

/** An environment in which `docker` is a script that runs in the directory. */
function fakeDocker(script: string, writesImage = true) {
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  if (writesImage) writeFileSync(join(directory, 'image.tar'), image);
  writeFileSync(join(bin, 'docker'), `#!/bin/sh\ncd ${directory}\n${script}\n`);
  chmodSync(join(bin, 'docker'), 0o755);
  return { PATH: `${bin}:/usr/bin:/bin` };
}
