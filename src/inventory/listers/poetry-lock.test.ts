import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { poetryLockLister } from './poetry-lock.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['nothing of an empty lockfile', 'package = []\n[metadata]\nlock-version = "2.0"\n', []],
    [
      'groups',
      '[[package]]\nname = "a"\nversion = "1"\ngroups = ["main", "dev"]\n[[package]]\nname = "b"\nversion = "1"\ngroups = ["dev", "docs"]\n[[package]]\nname = "c"\nversion = "1"\n',
      ['a 1', 'b 1 dev', 'c 1'],
    ],
    [
      'categories',
      '[[package]]\nname = "a"\nversion = "1"\ncategory = "main"\n[[package]]\nname = "b"\nversion = "1"\ncategory = "dev"\n',
      ['a 1', 'b 1 dev'],
    ],
    [
      'no names of sub-tables',
      '[[package]]\nname = "a"\nversion = "1"\n[package.dependencies]\nname = "*"\nversion = ">2"\n',
      ['a 1'],
    ],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(poetryLockLister, 'poetry.lock', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    ['no name', '[[package]]\nversion = "1"\n', [], 'lister.incomplete-entry line 1: a package without a name'],
    [
      'no version',
      '[metadata]\nx = 1\n[[package]]\nname = "a"\n',
      ['a'],
      'lister.incomplete-entry line 3: a has no version',
    ],
    [
      'a place that is no TOML',
      '[[package]]\nname = "a"\nversion = "1"\nx y\n[[package]]\nname = "b"\nversion = "2"\n',
      ['a 1', 'b 2'],
      'lister.malformed-line line 4',
    ],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(poetryLockLister, 'poetry.lock', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['poetry.lock', true],
    ['srv/poetry.lock', true],
    ['usr/lib/python3/site-packages/a/poetry.lock', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(poetryLockLister, path)).toBe(isWanted));
  }
});
