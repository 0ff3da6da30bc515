import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { cargoLockLister } from './cargo-lock.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['nothing of an empty lockfile', 'version = 3\n', []],
    [
      'the project’s own crate, too',
      '[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n "a 1.0.0",\n]\n\n[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n',
      ['app 0.1.0', 'a 1.0.0'],
    ],
    [
      'two versions of a crate',
      '[[package]]\nname = "a"\nversion = "1.0.0"\n[[package]]\nname = "a"\nversion = "2.0.0+build.1"\n',
      ['a 1.0.0', 'a 2.0.0+build.1'],
    ],
    ['the root of old lockfiles', '[root]\nname = "app"\nversion = "0.1.0"\n', ['app 0.1.0']],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(cargoLockLister, 'Cargo.lock', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    ['no name', '[[package]]\nversion = "1.0.0"\n', [], 'lister.incomplete-entry line 1: a crate without a name'],
    ['no version', '[[package]]\nname = "a"\n', ['a'], 'lister.incomplete-entry line 1: a has no version'],
    [
      'a place that is no TOML',
      '[[package]]\nname = "a"\nversion = "1.0.0"\nx y\n',
      ['a 1.0.0'],
      'lister.malformed-line line 4',
    ],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(cargoLockLister, 'Cargo.lock', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['Cargo.lock', true],
    ['srv/Cargo.lock', true],
    ['root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/time-0.1.43/Cargo.lock', false],
    ['srv/cargo.lock', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(cargoLockLister, path)).toBe(isWanted));
  }
});
