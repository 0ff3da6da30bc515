import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LayerWalk, WalkOptions } from './layer-walk.ts';
import { shadows } from './layer-walk.ts';
import { walkLayer } from './walk-layer.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'directory-layer-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('a root file system', () => {
  test('has its wanted files, its symlinks and its paths', async () => {
    put('etc/os-release', 'ID=debian');
    put('bin/tool', '\x7fELF', 0o755);
    symlinkSync('../etc', join(root, 'bin', 'up'));
    const { walk, files } = await walkRoot();
    expect(files).toEqual({ 'etc/os-release': 'ID=debian', 'bin/tool': '\x7fELF' });
    expect(walk).toMatchObject({ symlinks: [['bin/up', '../etc']], verification: 'not_verified', fileCount: 5 });
    expect(['bin', 'bin/up', 'bin/tool'].filter((path) => shadows(walk, path))).toEqual(['bin/up', 'bin/tool']);
  });

  test('wants sees what an archive would show', async () => {
    put('bin/tool', '\x7fELF'.padEnd(100, 'x'), 0o755);
    const heads: unknown[] = [];
    const wants: WalkOptions['wants'] = ({ path, mode, sizeBytes, head }) => {
      heads.push([path, mode, sizeBytes, Buffer.from(head).toString()]);
      return false;
    };
    await walkRoot({ wants });
    expect(heads).toEqual([['bin/tool', 0o755, 100, '\x7fELF'.padEnd(64, 'x')]]);
  });

  test('is not left through symlinks', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'directory-layer-outside-'));
    writeFileSync(join(outside, 'secret'), 'secret');
    symlinkSync(outside, join(root, 'out'));
    symlinkSync(join(outside, 'secret'), join(root, 'secret'));
    expect((await walkRoot()).files).toEqual({});
    rmSync(outside, { recursive: true });
  });

  test('files called like whiteouts are files', async () => {
    put('a/.wh.b', 'text');
    const { walk, files } = await walkRoot();
    expect(files).toEqual({ 'a/.wh.b': 'text' });
    expect(walk.whiteouts).toEqual([]);
  });

  test('what the kernel makes up is left out', async () => {
    for (const path of ['proc/version', 'sys/kernel/x', 'dev/x', 'srv/proc/x']) put(path, 'text');
    expect(Object.keys((await walkRoot()).files)).toEqual(['srv/proc/x']);
  });

  test('a socket is no file', async () => {
    const server = createServer().listen(join(root, 'socket'));
    await once(server, 'listening');
    const { walk, files } = await walkRoot();
    server.close();
    expect(files).toEqual({});
    expect(shadows(walk, 'socket')).toBe(true);
    expect(walk.problems).toMatchObject([{ code: 'layer.special-file', path: 'socket' }]);
  });

  // The superuser may read everything.
  test.skipIf(process.getuid?.() === 0)('what may not be read is a problem', async () => {
    put('closed/a', 'text');
    chmodSync(join(root, 'closed'), 0);
    const { walk } = await walkRoot();
    chmodSync(join(root, 'closed'), 0o700);
    expect(walk.problems).toEqual([{ code: 'layer.unreadable', message: 'cannot be read: EACCES', path: 'closed' }]);
  });

  for (const [limit, value] of [
    ['maxFilesPerLayer', 2],
    ['maxWantedFileBytes', 4],
  ] as const) {
    test(`${limit}: at it, and one above`, async () => {
      put('a/b', 'text');
      await walkRoot({ limits: { [limit]: value } });
      const above = walkRoot({ limits: { [limit]: value - 1 } });
      await expect(above).rejects.toMatchObject({ code: 'image.limit-exceeded', details: { limit, value: value - 1 } });
    });
  }

  test('that does not exist', async () => {
    await expect(walkRoot({}, join(root, 'nowhere'))).rejects.toMatchObject({ code: 'image.damaged' });
  });
});

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}

async function walkRoot(
  options: Partial<WalkOptions> = {},
  path = root,
): Promise<{ readonly walk: LayerWalk; readonly files: Record<string, string> }> {
  const files: Record<string, string> = {};
  const walk = await walkLayer(
    { index: 0, digest: '', content: { kind: 'directory', path } },
    {
      wants: () => true,
      onFile: async (file) => {
        files[file.path] = await file.text();
      },
      verify: 'blobs',
      ...options,
    },
  );
  return { walk, files };
}
