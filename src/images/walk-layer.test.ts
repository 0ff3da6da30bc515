import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { asyncProperty, assert as hold, uint8Array } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../test/images.ts';
import { pax, TAR_END, type TarEntrySpec, tar } from '../../test/tar.ts';
import { ScannerError } from '../model/errors.ts';
import type { LayerSource } from '../model/layer.ts';
import type { LayerWalk, WalkOptions } from './layer-walk.ts';
import { shadows } from './layer-walk.ts';
import { walkLayer } from './walk-layer.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'walk-layer-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const link = (path: string, linkPath: string): TarEntrySpec => ({ path, type: '2', linkPath });
const hardLink = (path: string, linkPath: string): TarEntrySpec => ({ path, type: '1', linkPath });
const directoryAt = (path: string): TarEntrySpec => ({ path, type: '5' });

interface Expected {
  readonly files?: Readonly<Record<string, string>>;
  readonly symlinks?: Readonly<Record<string, string>>;
  readonly whiteouts?: readonly string[];
  readonly opaque?: readonly string[];
  readonly replaced?: readonly string[];
  readonly problems?: readonly string[];
}

const cases: readonly (readonly [what: string, entries: readonly TarEntrySpec[], expected: Expected])[] = [
  [
    'paths are written in many ways',
    [
      { path: './a', body: '1' },
      { path: '/b', body: '2' },
      { path: 'c//./d', body: '3' },
    ],
    { files: { a: '1', b: '2', 'c/d': '3' } },
  ],
  [
    'of a path that comes twice the last one counts',
    [
      { path: 'a', body: '1' },
      { path: './a', body: '2' },
    ],
    { files: { a: '2' } },
  ],
  [
    'names that climb out end at the root, and are told',
    [
      { path: '../../etc/passwd', body: '1' },
      { path: 'a/../../b', body: '2' },
    ],
    { files: { 'etc/passwd': '1', b: '2' }, problems: ['layer.escaping-path', 'layer.escaping-path'] },
  ],
  ['whiteouts', [{ path: '.wh.a' }, { path: 'd/.wh.b' }, { path: './d/.wh..c' }], { whiteouts: ['a', 'd/.c', 'd/b'] }],
  [
    'a whiteout leaves what the same layer brings',
    [{ path: 'a', body: '1' }, { path: '.wh.a' }],
    { files: { a: '1' }, whiteouts: ['a'] },
  ],
  ['opaque directories, the root too', [{ path: 'd/.wh..wh..opq' }, { path: '.wh..wh..opq' }], { opaque: ['', 'd'] }],
  [
    'other marks of aufs',
    [{ path: '.wh..wh.plnk/1.2' }, { path: '.wh..wh.aufs' }],
    { files: { '.wh..wh.plnk/1.2': '' } },
  ],
  [
    'whiteouts of nothing, of itself, of the parent',
    [{ path: 'x/.wh.' }, { path: 'x/.wh..' }, { path: 'x/.wh...' }],
    { problems: Array(3).fill('layer.bad-whiteout') },
  ],
  [
    'symlinks are listed with their targets as written',
    [link('b', '../../x'), link('a', '/y')],
    { symlinks: { a: '/y', b: '../../x' } },
  ],
  [
    'a file beneath a symlinked directory lies where that points to',
    [link('lib', 'usr/lib'), { path: 'lib/x', body: '1' }],
    { symlinks: { lib: 'usr/lib' }, files: { 'usr/lib/x': '1' } },
  ],
  [
    'also beneath one that points out of the root',
    [link('out', '../../../tmp'), { path: 'out/x', body: '1' }],
    { symlinks: { out: '../../../tmp' }, files: { 'tmp/x': '1' } },
  ],
  [
    'a whiteout beneath a symlinked directory too',
    [link('lib', 'usr/lib'), { path: 'lib/.wh.x' }],
    { symlinks: { lib: 'usr/lib' }, whiteouts: ['usr/lib/x'] },
  ],
  [
    'a file beneath a symlink to itself lies nowhere',
    [link('loop', 'loop'), { path: 'loop/x', body: '1' }],
    { symlinks: { loop: 'loop' }, problems: ['layer.symlink-loop'] },
  ],
  [
    'a directory takes the place of a symlink',
    [link('run', '../run'), directoryAt('run'), { path: 'run/x', body: '1' }],
    { files: { 'run/x': '1' } },
  ],
  [
    'a symlink takes the place of a wanted file',
    [{ path: 'a', body: '1' }, link('a', 'b')],
    { files: { a: '1' }, symlinks: { a: 'b' }, replaced: ['a'] },
  ],
  [
    'a file takes the place of a directory and all in it',
    [{ path: 'd/e/f', body: '1' }, link('d/l', 'x'), { path: 'd', body: '2' }],
    { files: { 'd/e/f': '1', d: '2' }, replaced: ['d/e/f'] },
  ],
  [
    'and the directory comes again',
    [{ path: 'd/f', body: '1' }, { path: 'd', body: '2' }, directoryAt('d'), { path: 'd/f', body: '3' }],
    { files: { 'd/f': '3', d: '2' }, replaced: ['d'] },
  ],
  [
    'a hard link has the bytes of its target',
    [{ path: 'unwanted', body: '1' }, hardLink('a', 'unwanted')],
    { files: { a: '1' } },
  ],
  ['also where that is wanted itself', [{ path: 'b', body: '1' }, hardLink('a', './b')], { files: { a: '1', b: '1' } }],
  [
    'also through another hard link',
    [{ path: 'unwanted', body: '1' }, hardLink('unwanted2', 'unwanted'), hardLink('a', 'unwanted2')],
    { files: { a: '1' } },
  ],
  ['a hard link to a symlink is that symlink', [link('s', 't'), hardLink('a', 's')], { symlinks: { a: 't', s: 't' } }],
  [
    'a hard link to a file of a lower layer is a symlink to it',
    [hardLink('a', 'lower/file')],
    { symlinks: { a: '/lower/file' } },
  ],
  [
    'a hard link out of the root stays inside',
    [hardLink('a', '../../etc/shadow')],
    { symlinks: { a: '/etc/shadow' }, problems: ['layer.escaping-path'] },
  ],
  [
    'hard links in a circle',
    [hardLink('a', 'b'), hardLink('b', 'a')],
    { problems: ['layer.link-loop', 'layer.link-loop'] },
  ],
  [
    'devices and pipes are no files, and a problem where one is wanted',
    [
      { path: 'null', type: '3' },
      { path: 'sda', type: '4' },
      { path: 'pipe', type: '6' },
    ],
    { problems: ['layer.special-file', 'layer.special-file', 'layer.special-file'] },
  ],
  [
    'a sparse file is a problem',
    [pax({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'a' }), { path: 'GNUSparseFile.0/a', body: 'map' }],
    { problems: ['layer.sparse-file'] },
  ],
  ['an unknown entry is a problem', [{ path: 'v', type: 'V' }], { problems: ['layer.unknown-entry'] }],
  [
    'a file as the root is a problem',
    [{ path: './', body: '1' }, link('/', 'x')],
    { problems: ['layer.bad-path', 'layer.bad-path'] },
  ],
  [
    'a NUL byte in a path is a problem',
    [pax({ path: 'a\0b' }), { path: 'x', body: '1' }],
    { problems: ['layer.bad-path'] },
  ],
];

describe('walkLayer', () => {
  for (const [
    what,
    entries,
    { files = {}, symlinks = {}, whiteouts = [], opaque = [], replaced = [], problems = [] },
  ] of cases) {
    for (const how of ['seeking', 'gzip', 'full'] as const) {
      test(`${what} (${how})`, async () => {
        const { walk, files: got } = await walkEntries(entries, how);
        expect(got).toEqual(files);
        expect(Object.fromEntries(walk.symlinks)).toEqual(symlinks);
        expect(walk.whiteouts).toEqual(whiteouts);
        expect(walk.opaqueDirectories).toEqual(opaque);
        expect(walk.replacedFiles).toEqual(replaced);
        expect(walk.problems.map(({ code }) => code)).toEqual(problems);
      });
    }
  }

  test('knows what hides a directory of a lower layer', async () => {
    const { walk } = await walkEntries([
      { path: 'file' },
      link('link', 'x'),
      { path: 'null', type: '3' },
      directoryAt('dir'),
      { path: 'dir/x' },
    ]);
    const paths = ['file', 'link', 'null', 'dir', 'dir/x', 'other'];
    expect(paths.filter((path) => shadows(walk, path))).toEqual(['file', 'link', 'null', 'dir/x']);
    expect(walk).toMatchObject({ fileCount: 5, verification: 'not_verified' });
  });

  test('wants sees path, mode, size and first bytes', async () => {
    const heads: unknown[] = [];
    const wants: WalkOptions['wants'] = ({ path, mode, sizeBytes, head }) => {
      heads.push([path, mode, sizeBytes, Buffer.from(head).toString()]);
      return false;
    };
    const entries = [
      { path: 'bin/go', mode: 0o755, body: `\x7fELF${'x'.repeat(100)}` },
      { path: 'a', body: 'hi' },
      hardLink('b', 'a'),
    ];
    await walkLayer(layerOf(gzipSync(tar(...entries))), { wants, onFile: async () => {}, verify: 'blobs' });
    expect(heads).toEqual([
      ['bin/go', 0o755, 104, `\x7fELF${'x'.repeat(60)}`],
      ['a', 0o644, 2, 'hi'],
      ['b', 0o644, 0, ''],
    ]);
  });

  for (const how of ['seeking', 'memory', 'spooled'] as const) {
    test(`a wanted file can be read in pieces (${how})`, async () => {
      const body = Buffer.from('0123456789'.repeat(1000));
      const archive = tar({ path: 'a', body });
      const limits = how === 'spooled' ? { maxMemoryFileBytes: 9_999 } : { maxMemoryFileBytes: 10_000 };
      const pieces: string[] = [];
      await walkLayer(layerOf(how === 'seeking' ? archive : gzipSync(archive)), {
        wants: () => true,
        verify: 'blobs',
        limits,
        onFile: async (file) => {
          expect(file).toMatchObject({ path: 'a', realPath: 'a', sizeBytes: 10_000 });
          expect((await file.bytes()).equals(body)).toBe(true);
          expect(await file.text()).toBe(body.toString());
          for (const [offset, length] of [
            [0, 3],
            [9_998, 5],
            [10_000, 1],
            [20_000, 1],
          ] as const) {
            pieces.push((await file.read(offset, length)).toString());
          }
        },
      });
      expect(pieces).toEqual(['012', '89', '', '']);
    });
  }

  test('spooled bytes leave nothing behind, also when a plugin throws', async () => {
    const before = spoolCount();
    const layer = layerOf(gzipSync(tar({ path: 'a', body: 'x'.repeat(2000) })));
    const onFile = async () => {
      throw new Error('the plugin broke');
    };
    const walking = walkLayer(layer, {
      wants: () => true,
      onFile,
      verify: 'blobs',
      limits: { maxMemoryFileBytes: 10 },
    });
    await expect(walking).rejects.toThrow('the plugin broke');
    expect(spoolCount()).toBe(before);
  });
});

describe('verification', () => {
  const archive = Buffer.concat([tar({ path: 'a', body: 'one' }), Buffer.from('behind the end')]);
  const [gzip, zstd] = [gzipSync(archive), zstdCompressSync(archive)];
  const other = sha256(Buffer.from('another'));

  const rows: readonly (readonly [
    what: string,
    bytes: Buffer,
    source: Partial<LayerSource>,
    verify: WalkOptions['verify'],
    outcome: string,
  ])[] = [
    ['gzip with its digest', gzip, { digest: sha256(gzip) }, 'blobs', 'verified'],
    ['zstd with its digest', zstd, { digest: sha256(zstd) }, 'blobs', 'verified'],
    ['gzip with another digest', gzip, { digest: other }, 'blobs', 'image.digest-mismatch'],
    ['gzip without a digest', gzip, { digest: '' }, 'blobs', 'not_verified'],
    ['an uncompressed layer is walked by seeking', archive, { digest: other }, 'blobs', 'not_verified'],
    ['an uncompressed layer in full', archive, { digest: sha256(archive) }, 'full', 'verified'],
    ['an uncompressed layer with another digest', archive, { digest: other }, 'full', 'image.digest-mismatch'],
    ['a diff id in full', gzip, { digest: sha256(gzip), diffId: sha256(archive) }, 'full', 'verified'],
    ['another diff id in full', gzip, { digest: sha256(gzip), diffId: other }, 'full', 'image.digest-mismatch'],
    ['another diff id', gzip, { digest: sha256(gzip), diffId: other }, 'blobs', 'verified'],
    [
      'a diff id for want of a digest',
      gzip,
      { digest: sha256(archive), digestIsDiffId: true },
      'blobs',
      'not_verified',
    ],
    ['the same in full', gzip, { digest: sha256(archive), digestIsDiffId: true }, 'full', 'verified'],
    ['another one in full', gzip, { digest: other, digestIsDiffId: true }, 'full', 'image.digest-mismatch'],
    ['an uncompressed one in full', archive, { digest: sha256(archive), digestIsDiffId: true }, 'full', 'verified'],
    [
      'a broken gzip is first of all another blob',
      flipped(gzip),
      { digest: sha256(gzip) },
      'blobs',
      'image.digest-mismatch',
    ],
    ['a gzip that was broken all along', flipped(gzip), { digest: sha256(flipped(gzip)) }, 'blobs', 'image.damaged'],
    ['a tar that is cut, digest and all', gzipSync(archive.subarray(0, 400)), { digest: '' }, 'blobs', 'image.damaged'],
  ];
  for (const [what, bytes, source, verify, outcome] of rows) {
    test(`${what} (${verify}): ${outcome}`, async () => {
      const walking = walkLayer(
        { ...layerOf(bytes), ...source },
        { wants: () => true, onFile: async () => {}, verify },
      );
      if (outcome.startsWith('image.'))
        await expect(walking).rejects.toMatchObject({ code: outcome, message: expect.stringMatching(/^layer 3 /) });
      else expect(await walking).toMatchObject({ verification: outcome });
    });
  }

  test('a layer whose file is too short is damaged', async () => {
    const layer = layerOf(archive);
    const content = { ...layer.content, sizeBytes: archive.length + TAR_END.length + 1 } as LayerSource['content'];
    const walking = walkLayer({ ...layer, content }, { wants: () => false, onFile: async () => {}, verify: 'blobs' });
    await expect(walking).rejects.toMatchObject({
      code: 'image.damaged',
      message: expect.stringMatching(/cut short by 1 bytes/),
    });
  });
});

describe('limits', () => {
  const three = [{ path: 'a', body: 'four' }, { path: 'b' }, { path: 'é' }];
  const rows = [
    // limit                  at it  entries
    ['maxFilesPerLayer', 3, three],
    ['maxWantedFileBytes', 4, three],
    ['maxPathBytes', 2, three],
    ['maxExtensionBytes', 9, [pax({ path: 'x' }), { path: 'a' }]],
    ['maxDecompressedBytes', tar(...three).length, three],
  ] as const;
  for (const [limit, value, entries] of rows) {
    test(`${limit}: at it`, async () => {
      await walkEntries(entries, 'gzip', { [limit]: value });
    });
    test(`${limit}: one above it names limit, value and layer`, async () => {
      await expect(walkEntries(entries, 'gzip', { [limit]: value - 1 })).rejects.toMatchObject({
        code: 'image.limit-exceeded',
        message: expect.stringMatching(new RegExp(`^layer 3 .*${limit} = ${value - 1}`)),
        details: { limit, value: value - 1, layer: expect.any(String) },
      });
    });
  }

  test('maxProblemsPerLayer: one more says how many there were', async () => {
    const climbing = Array.from({ length: 5 }, (_, i) => ({ path: `../${i}` }));
    const problems = async (maxProblemsPerLayer: number) =>
      (await walkEntries(climbing, 'gzip', { maxProblemsPerLayer })).walk.problems.map(({ message }) => message);
    expect(await problems(5)).toHaveLength(5);
    expect((await problems(4)).at(-1)).toBe('1 more problems of this layer are not listed');
  });

  test('maxSymlinkDepth: a path behind more symlinks lies nowhere', async () => {
    const entries = [link('a', 'b'), link('b', 'c'), { path: 'a/x', body: '1' }];
    expect((await walkEntries(entries, 'gzip', { maxSymlinkDepth: 2 })).files).toEqual({ 'c/x': '1' });
    expect((await walkEntries(entries, 'gzip', { maxSymlinkDepth: 1 })).files).toEqual({});
  });

  test('directories that come and go thousands of times cost no more than their entries', async () => {
    const entries = Array.from({ length: 30_000 }, (_, i) => (i % 2 ? { path: 'd' } : link('d/l', 'x')));
    const startedMs = performance.now();
    await walkEntries([...Array.from({ length: 5_000 }, (_, i) => link(`s/${i}`, 'x')), ...entries], 'gzip');
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});

test('any bytes as a layer: a walk or a ScannerError', async () => {
  await hold(
    asyncProperty(uint8Array({ maxLength: 2000 }), async (bytes) => {
      for (const layer of [Buffer.from(bytes), gzipSync(bytes), Buffer.concat([gzipSync(''), bytes])]) {
        await walkLayer(layerOf(layer), { wants: () => true, onFile: async () => {}, verify: 'full' }).catch(
          (error) => {
            expect(error).toBeInstanceOf(ScannerError);
          },
        );
      }
    }),
    { numRuns: 60 },
  );
});

async function walkEntries(
  entries: readonly TarEntrySpec[],
  how: 'seeking' | 'gzip' | 'full' = 'seeking',
  limits: WalkOptions['limits'] = {},
): Promise<{ readonly walk: LayerWalk; readonly files: Record<string, string> }> {
  const archive = tar(...entries);
  const files: Record<string, string> = {};
  const walk = await walkLayer(layerOf(how === 'gzip' ? gzipSync(archive) : archive), {
    wants: ({ path }) => !path.startsWith('unwanted'),
    onFile: async (file) => {
      files[file.path] = await file.text();
    },
    verify: how === 'full' ? 'full' : 'blobs',
    limits,
  });
  return { walk, files };
}

let layerCount = 0;

/** A layer in the middle of a larger file. */
function layerOf(bytes: Buffer): LayerSource {
  const file = join(directory, `${layerCount++ % 8}.bin`);
  writeFileSync(file, Buffer.concat([Buffer.from('front'), bytes, TAR_END]));
  return { index: 3, digest: '', content: { kind: 'tar', file, offset: 5, sizeBytes: bytes.length } };
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = bytes.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 0xff;
  return copy;
}

function spoolCount(): number {
  return readdirSync(tmpdir()).filter((name) => /^cvescan-.{6}$/.test(name)).length;
}
