import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tar } from '../../test/tar.ts';
import type { LayerFile, LayerSource } from '../model/layer.ts';
import { walkLayer } from './walk-layer.ts';

/** Long enough for memory of its own. */
const TEXT = 'x'.repeat(100_000);
const ARCHIVE = tar({ path: 'a', body: TEXT }, { path: 'b', type: '1', linkPath: 'a' });
const COMPRESSED = gzipSync(ARCHIVE);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kept-files-'));
  mkdirSync(join(directory, 'root'));
  writeFileSync(join(directory, 'root/a'), TEXT);
  writeFileSync(join(directory, 'a.tar'), ARCHIVE);
  writeFileSync(join(directory, 'a.tar.gz'), COMPRESSED);
});
afterAll(() => rmSync(directory, { recursive: true }));

function layerAt(name: string, sizeBytes: number): LayerSource {
  const file = join(directory, name);
  const content =
    name === 'root'
      ? ({ kind: 'directory', path: file } as const)
      : ({ kind: 'tar', file, offset: 0, sizeBytes } as const);
  return { index: 0, digest: '', content };
}

describe('a file that was asked to stay can be read at the end of the walk', () => {
  for (const [where, name, sizeBytes, maxMemoryFileBytes, canStay] of [
    ['in an uncompressed layer', 'a.tar', ARCHIVE.length, 100_000, true],
    ['in a compressed layer', 'a.tar.gz', COMPRESSED.length, 100_000, true],
    ['not where it was spooled', 'a.tar.gz', COMPRESSED.length, 99_999, false],
    ['not in a directory', 'root', 0, 100_000, false],
  ] as const) {
    test(where, async () => {
      const files: LayerFile[] = [];
      let readAtEnd: readonly string[] = [];
      await walkLayer(layerAt(name, sizeBytes), {
        verify: 'blobs',
        limits: { maxMemoryFileBytes },
        wants: ({ path }) => path === 'a' || path === 'b',
        onFile: async (file) => {
          file.keep?.();
          files.push(file);
        },
        onEnd: async () => {
          readAtEnd = await Promise.all(files.filter((file) => file.keep).map((file) => file.text()));
        },
      });
      expect(files.map(({ path }) => path)).toEqual(name === 'root' ? ['a'] : ['a', 'b']);
      expect(readAtEnd).toEqual(canStay ? [TEXT, TEXT] : []);
    });
  }
});

test('files that were not asked to stay take the same memory', async () => {
  const bytes: Buffer[] = [];
  const archive = gzipSync(tar({ path: 'a', body: 'first' }, { path: 'b', body: 'other' }));
  writeFileSync(join(directory, 'two.tar.gz'), archive);
  await walkLayer(layerAt('two.tar.gz', archive.length), {
    verify: 'blobs',
    wants: () => true,
    onFile: async (file) => {
      bytes.push(await file.bytes());
    },
  });
  expect(bytes.map(String)).toEqual(['other', 'other']);
});
