import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { uvLockLister } from './uv-lock.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['nothing of an empty lockfile', 'version = 1\n', []],
    [
      'neither the project nor the members of its workspace',
      '[[package]]\nname = "app"\nversion = "0.1.0"\nsource = { virtual = "." }\n[[package]]\nname = "lib"\nversion = "0.1.0"\nsource = { editable = "lib" }\n',
      [],
    ],
    [
      'what comes from elsewhere',
      '[[package]]\nname = "a"\nversion = "1"\nsource = { git = "https://x.org/a?rev=1#2" }\n[[package]]\nname = "b"\nversion = "2"\nsource = { url = "https://x.org/b.whl" }\n',
      ['a 1', 'b 2'],
    ],
    ['one without a version', '[[package]]\nname = "a"\nsource = { git = "https://x.org/a" }\n', ['a']],
    [
      'what only development leads to',
      '[[package]]\nname = "app"\nsource = { editable = "." }\ndependencies = [{ name = "a" }]\n[package.optional-dependencies]\nx = [{ name = "b" }]\n[package.dev-dependencies]\ndev = [{ name = "c" }]\ntest = [{ name = "a" }]\n[[package]]\nname = "a"\nversion = "1"\n[[package]]\nname = "b"\nversion = "1"\n[[package]]\nname = "c"\nversion = "1"\ndependencies = [{ name = "d" }, { name = "a" }]\n[[package]]\nname = "d"\nversion = "1"\n',
      ['a 1', 'b 1', 'c 1 dev', 'd 1 dev'],
    ],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(uvLockLister, 'uv.lock', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    ['no name', '[[package]]\nversion = "1"\n', [], 'lister.incomplete-entry line 1: a package without a name'],
    [
      'a place that is no TOML',
      '[[package]]\nname = "a"\nversion = "1"\nx y\n[[package]]\nname = "b"\nversion = "2"\n',
      ['a 1', 'b 2'],
      'lister.malformed-line line 4',
    ],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(uvLockLister, 'uv.lock', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['uv.lock', true],
    ['srv/uv.lock', true],
    ['usr/lib/python3/site-packages/a/uv.lock', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(uvLockLister, path)).toBe(isWanted));
  }
});
