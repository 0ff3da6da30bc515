import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alignPaths, normalizePath } from './align-paths.ts';

const FILES = ['init/main.c', 'kernel/fork.c', 'mm/memory.c'];

const cases: readonly (readonly [paths: readonly string[], aligned: readonly string[], shows: string])[] = [
  [FILES, FILES, 'paths of the tree stay'],
  [FILES.map((path) => `./${path}`), FILES, 'what find writes'],
  [FILES.map((path) => `linux-6.6/${path}`), FILES, 'a first folder'],
  [
    [...FILES.map((path) => `/usr/src/kernel/${path}`), '/usr/include/stdio.h'],
    FILES,
    'a build machine, and what it adds',
  ],
  [['a/init/main.c', 'b/kernel/fork.c'], ['a/init/main.c', 'b/kernel/fork.c'], 'no root is guessed'],
  [
    ['a', 'b'].flatMap((root) => FILES.map((path) => `${root}/${path}`)),
    ['a', 'b'].flatMap((root) => FILES.map((path) => `${root}/${path}`)),
    'of two roots none is chosen',
  ],
];

describe('alignPaths', () => {
  for (const [paths, aligned, shows] of cases) test(shows, () => expect(alignPaths(paths)).toEqual(aligned));
});

test('normalizePath resolves what lies inside, and keeps what leads out', () => {
  expect(normalizePath('arch/x86/kvm/../../../virt/kvm/kvm_main.o')).toBe('virt/kvm/kvm_main.o');
  expect(normalizePath('./a//b/')).toBe('a/b');
  expect(normalizePath('../../etc')).toBe('../../etc');
  expect(normalizePath('/a/../../b')).toBe('/../b');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/') }), (path) => {
      expect(normalizePath(normalizePath(path))).toBe(normalizePath(path));
    }),
  );
});
