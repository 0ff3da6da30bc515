import { describe, expect, test } from 'vitest';
import { readTarget, readTargetOptions } from './target-options.ts';

test('without options the merged file system is read, with the cache', () =>
  expect(readTargetOptions({})).toEqual({ layers: 'squashed', verify: 'blobs', cache: true, showOwned: false }));

test('all options', () =>
  expect(
    readTargetOptions({
      ...{ layers: 'all', verify: 'full', 'no-cache': true, 'show-owned': true },
      ...{ platform: 'linux/arm64', image: 'shop', distro: 'alpine:v3.20' },
    }),
  ).toEqual({
    ...{ layers: 'all', verify: 'full', cache: false, showOwned: true },
    ...{ platform: 'linux/arm64', image: 'shop', distro: 'alpine:v3.20' },
  }));

describe('what is refused', () => {
  for (const [options, message] of [
    [{ layers: 'some' }, '--layers some: it is one of squashed, all'],
    [{ verify: 'none' }, '--verify none: it is one of blobs, full'],
    [{ distro: 'Debian 12' }, '--distro Debian 12: it is a release such as debian:12 or alpine:v3.20'],
    [{ distro: 'nonsense' }, '--distro nonsense: there is no distribution nonsense; known: almalinux, alpine, amzn'],
    [{ distro: 'debain:12' }, '--distro debain:12: there is no distribution debain; did you mean debian?'],
    [{ distro: 'npm' }, '--distro npm: there is no distribution npm'],
  ] as const) {
    test(message, () => expect(() => readTargetOptions(options)).toThrow(message));
  }
  test('no target', () => expect(() => readTarget([], 'USAGE')).toThrow('give a target: USAGE'));
  test('two targets', () => expect(() => readTarget(['a', 'b'], 'USAGE')).toThrow('not also b'));
});
