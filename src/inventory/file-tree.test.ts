import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FileTree } from './file-tree.ts';
import { type SampleLayer, sampleWalk } from './sample-layer.ts';

/** The files of the merged file system: `path=text`, sorted. */
function merge(...layers: readonly SampleLayer[]) {
  const tree = new FileTree<string>();
  for (const layer of layers) tree.apply(sampleWalk(layer), Object.entries(layer.files ?? {}));
  return { tree, files: [...tree.filesBelow('')].map(([path, text]) => `${path}=${text}`).sort() };
}

const base: SampleLayer = { files: { 'etc/a': '1', 'var/lib/db/x': '1', 'var/lib/db/y': '1' } };

describe('an upper layer', () => {
  for (const [shows, layers, files] of [
    ['adds files', [base, { files: { 'etc/b': '2' } }], ['etc/a=1', 'etc/b=2', 'var/lib/db/x=1', 'var/lib/db/y=1']],
    ['replaces a file', [base, { files: { 'etc/a': '2' } }], ['etc/a=2', 'var/lib/db/x=1', 'var/lib/db/y=1']],
    ['deletes a file', [base, { whiteouts: ['etc/a'] }], ['var/lib/db/x=1', 'var/lib/db/y=1']],
    ['deletes a directory', [base, { whiteouts: ['var/lib/db'] }], ['etc/a=1']],
    [
      'deletes only what lies below it',
      [base, { files: { 'etc/a': '2' }, whiteouts: ['etc/a'] }],
      ['etc/a=2', 'var/lib/db/x=1', 'var/lib/db/y=1'],
    ],
    [
      'hides a directory',
      [base, { files: { 'var/lib/db/x': '2' }, opaqueDirectories: ['var/lib/db'] }],
      ['etc/a=1', 'var/lib/db/x=2'],
    ],
    ['hides everything', [base, { files: { 'etc/b': '2' }, opaqueDirectories: [''] }], ['etc/b=2']],
    ['replaces a directory by a file', [base, { files: { 'var/lib': '2' } }], ['etc/a=1', 'var/lib=2']],
    ['replaces a directory by a symlink', [base, { symlinks: { 'var/lib': '/opt' } }], ['etc/a=1']],
    [
      'replaces a file by a directory',
      [base, { files: { 'etc/a/b': '2' }, directories: ['etc/a'] }],
      ['etc/a/b=2', 'var/lib/db/x=1', 'var/lib/db/y=1'],
    ],
    [
      'keeps a directory that it also has',
      [base, { directories: ['etc', 'var/lib/db'] }],
      ['etc/a=1', 'var/lib/db/x=1', 'var/lib/db/y=1'],
    ],
    [
      'deletes nothing where there is nothing',
      [base, { whiteouts: ['usr/x', 'etc/a/b'] }],
      ['etc/a=1', 'var/lib/db/x=1', 'var/lib/db/y=1'],
    ],
    ['is the same twice', [base, base], ['etc/a=1', 'var/lib/db/x=1', 'var/lib/db/y=1']],
    [
      'writes through a symlink of a lower one',
      [{ symlinks: { lib: 'usr/lib' } }, { files: { 'lib/x': '2' } }],
      ['usr/lib/x=2'],
    ],
    [
      'deletes through a symlink of a lower one',
      [{ files: { 'usr/lib/x': '1' }, symlinks: { lib: 'usr/lib' } }, { whiteouts: ['lib/x'] }],
      [],
    ],
    [
      'deletes a symlink, not what it leads to',
      [{ files: { 'usr/lib/x': '1' }, symlinks: { lib: 'usr/lib' } }, { whiteouts: ['lib'] }],
      ['usr/lib/x=1'],
    ],
    [
      'replaces a symlink by a directory',
      [
        { files: { 'usr/lib/x': '1' }, symlinks: { lib: 'usr/lib' } },
        { files: { 'lib/x': '2' }, directories: ['lib'] },
      ],
      ['lib/x=2', 'usr/lib/x=1'],
    ],
  ] as const) {
    test(shows, () => expect(merge(...layers).files).toEqual(files));
  }
});

describe('a path leads', () => {
  const layer: SampleLayer = {
    files: { 'usr/lib/os-release': 'x' },
    symlinks: {
      'etc/os-release': '../usr/lib/os-release',
      lib: 'usr/lib',
      lib64: '/lib',
      'a/escape': '../../../../etc/os-release',
      loop: 'loop',
      ping: 'pong',
      pong: 'ping',
      here: './usr/./lib/../lib//os-release/',
      gone: 'nowhere/at/all',
    },
  };
  const { tree } = merge(layer);
  for (const [path, real] of [
    ['usr/lib/os-release', 'usr/lib/os-release'],
    ['etc/os-release', 'usr/lib/os-release'],
    ['lib/os-release', 'usr/lib/os-release'],
    ['lib64/os-release', 'usr/lib/os-release'],
    ['a/escape', 'usr/lib/os-release'],
    ['here', 'usr/lib/os-release'],
    ['gone', 'nowhere/at/all'],
    ['no/such/file', 'no/such/file'],
    ['lib/../etc/os-release', 'usr/etc/os-release'],
    ['loop', undefined],
    ['ping/x', undefined],
    ['', ''],
  ] as const) {
    test(`${path} to ${real}`, () => expect(tree.resolve(path)).toBe(real));
  }

  test('through as many symlinks as Linux follows, and not one more', () => {
    const symlinks = Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`l${i}`, `l${i + 1}`]));
    const chain = merge({ symlinks }).tree;
    expect(chain.resolve('l1')).toBe('l41');
    expect(chain.resolve('l0')).toBe(undefined);
  });
});

test('symlinks below a directory are listed, and not followed', () => {
  const { tree } = merge({
    symlinks: { 'var/lib/dpkg/status': '/opt/status', 'var/lib/dpkg/x/y': 'z', 'var/other': 'x' },
  });
  expect([...tree.symlinksBelow('var/lib/dpkg')].sort()).toEqual(['status', 'x/y']);
});

test('without symlinks it is what a plain list of paths makes of the same layers', () => {
  const segment = fc.constantFrom('a', 'b', 'c');
  const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
  const layer = fc
    .record({
      files: fc.array(path, { maxLength: 4 }),
      directories: fc.array(path, { maxLength: 2 }),
      whiteouts: fc.array(path, { maxLength: 2 }),
      opaqueDirectories: fc.array(path, { maxLength: 1 }),
    })
    // A layer has one entry for a path, and nothing below its files.
    .map((it) => ({
      ...it,
      files: it.files.filter(
        (file) =>
          ![...it.files, ...it.directories, ...it.opaqueDirectories].some(
            (other) => other !== file && other.startsWith(`${file}/`),
          ) &&
          !it.directories.includes(file) &&
          !it.opaqueDirectories.includes(file),
      ),
    }));

  fc.assert(
    fc.property(fc.array(layer, { maxLength: 4 }), (layers) => {
      let merged = new Map<string, string>();
      for (const [index, { files, directories, whiteouts, opaqueDirectories }] of layers.entries()) {
        const isBelow = (it: string, directory: string) => it.startsWith(`${directory}/`);
        const isGone = (it: string) =>
          whiteouts.some((gone) => it === gone || isBelow(it, gone)) ||
          opaqueDirectories.some((directory) => isBelow(it, directory)) ||
          files.some((file) => it === file || isBelow(it, file)) ||
          directories.includes(it) ||
          files.some((file) => isBelow(file, it));
        merged = new Map([...merged].filter(([it]) => !isGone(it)));
        for (const file of files) merged.set(file, `${index}`);
      }
      const samples = layers.map((it, index) => ({
        ...it,
        files: Object.fromEntries(it.files.map((file) => [file, `${index}`])),
      }));
      expect(merge(...samples).files).toEqual([...merged].map(([it, text]) => `${it}=${text}`).sort());
    }),
  );
});
