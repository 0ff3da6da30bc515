import { describe, expect, test } from 'vitest';
import { containPath, resolvePath } from './resolve-path.ts';

const written = [
  // written          path       escapes  what the row shows
  ['etc/passwd', 'etc/passwd', false, 'clean as it is'],
  ['./etc/passwd', 'etc/passwd', false, 'as most tars write it'],
  ['/etc/passwd', 'etc/passwd', false, 'absolute'],
  ['usr/share/', 'usr/share', false, 'a directory'],
  ['./', '', false, 'the root'],
  ['.', '', false, 'the root'],
  ['', '', false, 'nothing is the root'],
  ['a//b/./c', 'a/b/c', false, 'empty segments and dots'],
  ['a/../b', 'b', false, 'up and down inside'],
  ['../a', 'a', true, 'out of the root'],
  ['a/../../../b', 'b', true, 'out of the root, later'],
  ['..', '', true, 'the root itself'],
  ['a/..b/c..', 'a/..b/c..', false, 'dots within names'],
  ['.hidden/...', '.hidden/...', false, 'names that begin with dots'],
] as const;

describe('containPath', () => {
  for (const [text, path, isEscaping, shows] of written) {
    test(`${JSON.stringify(text)}: ${shows}`, () => expect(containPath(text)).toEqual({ path, isEscaping }));
  }
});

const symlinks: Readonly<Record<string, string>> = {
  lib: 'usr/lib',
  'etc/os-release': '../usr/lib/os-release',
  chain1: 'chain2',
  chain2: '/chain3',
  chain3: 'end',
  loop: 'loop',
  ping: 'pong',
  pong: '/ping',
  root: '/',
  escape: '../../../../etc/shadow',
  'usr/lib/up': '../..',
  dangling: 'nowhere/at/all',
};

const resolved = [
  // path                       end                        what the row shows
  ['usr/lib/os-release', 'usr/lib/os-release', 'no symlink on the way'],
  ['etc/os-release', 'usr/lib/os-release', 'a relative target starts beside the symlink'],
  ['lib/x/y', 'usr/lib/x/y', 'a symlink in the middle'],
  ['chain1', 'end', 'a chain, with an absolute target in it'],
  ['root/etc/os-release', 'usr/lib/os-release', 'back at the root'],
  ['escape', 'etc/shadow', 'what climbs out ends at the root'],
  ['lib/up/lib/os-release', 'usr/lib/os-release', 'symlinks of symlinked directories'],
  ['lib/../a', 'usr/a', 'up from where the symlink leads, not from where it lies'],
  ['dangling', 'nowhere/at/all', 'whether anything lies there is not asked'],
  ['loop', undefined, 'a symlink to itself'],
  ['ping/x', undefined, 'two that point to each other'],
] as const;

describe('resolvePath', () => {
  const limits = { maxSymlinkDepth: 40, maxPathBytes: 4096 };
  const resolve = (path: string, maxSymlinkDepth = 40) =>
    resolvePath(path, (at) => symlinks[at], { ...limits, maxSymlinkDepth });

  for (const [path, end, shows] of resolved) {
    test(`${path} -> ${end}: ${shows}`, () => expect(resolve(path)).toBe(end));
  }
  test('as many symlinks as maxSymlinkDepth', () => expect(resolve('chain1', 3)).toBe('end'));
  test('one more', () => expect(resolve('chain1', 2)).toBeUndefined());
  test('a target that multiplies itself is given up', () => {
    const target = `${'a/../'.repeat(2000)}x`;
    expect(resolvePath('x', () => target, { maxSymlinkDepth: 40, maxPathBytes: 100 })).toBeUndefined();
  });
});
