import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openLocalLayer } from './open-local-layer.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'cvescan-local-')));
const layers = join(root, 'layers');
mkdirSync(join(layers, 'sub'), { recursive: true });
mkdirSync(join(root, 'layers-of-others'));
writeFileSync(join(layers, 'sub', 'a.tar'), 'layer');
writeFileSync(join(root, 'secret'), 'secret');
writeFileSync(join(root, 'layers-of-others', 'a.tar'), 'secret');
symlinkSync(join(root, 'secret'), join(layers, 'link'));
symlinkSync(join(layers, 'sub', 'a.tar'), join(layers, 'inner-link'));
symlinkSync(root, join(layers, 'up'));
symlinkSync('sub', join(layers, 'down'));
symlinkSync(layers, join(root, 'linked-layers'));
linkSync(join(layers, 'sub', 'a.tar'), join(layers, 'hard'));
const hasFifo = spawnSync('mkfifo', [join(layers, 'fifo')]).status === 0;
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  ['a file', join(layers, 'sub', 'a.tar'), [layers]],
  ['a hard link', join(layers, 'hard'), [layers]],
  ['through a directory that is a symlink within', join(layers, 'down', 'a.tar'), [layers]],
  ['below a directory that is listed by a symlink', join(layers, 'sub', 'a.tar'), [join(root, 'linked-layers')]],
  ['the second directory of the list, with a slash', join(layers, 'hard'), ['/nonexistent', `${layers}/`]],
  ['below the root', join(layers, 'hard'), ['/']],
])('%s is opened', async (_, path, localPaths) => {
  await using file = await openLocalLayer(path, localPaths);
  const bytes = Buffer.alloc(5);
  readSync(file.fd, bytes, 0, 5, 0);
  expect([file.sizeBytes, bytes.toString()]).toEqual([5, 'layer']);
});

test.each([
  ['nothing is listed', join(layers, 'hard'), [], 'add "'],
  ['not there', join(layers, 'none'), [layers], 'does not exist'],
  ['beside', join(root, 'secret'), [layers], `to allow it, add ${JSON.stringify(root)} there`],
  ['beside, with the same beginning', join(root, 'layers-of-others', 'a.tar'), [layers], 'below none'],
  ['dots', join(layers, '../secret'), [layers], 'below none'],
  ['a symlink out', join(layers, 'link'), [layers], 'circles (ELOOP)'],
  ['a symlink within', join(layers, 'inner-link'), [layers], 'circles (ELOOP)'],
  ['through a symlink out', join(layers, 'up', 'secret'), [layers], 'below none'],
  ['relative', 'layers/hard', ['/'], 'neither a URL nor absolute'],
  ['another scheme', 'ftp://host/x', ['/'], 'neither a URL nor absolute'],
  ['a device', '/dev/zero', ['/dev'], 'no regular file'],
])('%s is refused, and the log is told why', async (_, path, localPaths, reason) => {
  const opening = openLocalLayer(path, localPaths);
  await expect(opening).rejects.toMatchObject({ code: 'layer.unreachable', message: expect.stringContaining(reason) });
});

test('a directory is no archive', async () => {
  await expect(openLocalLayer(join(layers, 'sub'), [layers])).rejects.toMatchObject({ code: 'archive.damaged' });
});

test.runIf(hasFifo)('a FIFO that nobody writes to is refused at once', async () => {
  await expect(openLocalLayer(join(layers, 'fifo'), [layers])).rejects.toMatchObject({
    code: 'layer.unreachable',
    message: expect.stringContaining('no regular file'),
  });
});
