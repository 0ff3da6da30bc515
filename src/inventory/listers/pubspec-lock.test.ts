import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { pubspecLockLister } from './pubspec-lock.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['nothing of an empty lockfile', 'packages: {}\nsdks:\n  dart: ">=3"\n', []],
    [
      'direct and transitive packages',
      'packages:\n  a:\n    dependency: transitive\n    source: hosted\n    version: "1.0.0+1"\n  b:\n    dependency: "direct dev"\n    source: hosted\n    version: "2.0.0"\n',
      ['a 1.0.0+1', 'b 2.0.0 dev'],
    ],
    [
      'what comes with the SDK, without a version',
      'packages:\n  flutter:\n    source: sdk\n    version: "0.0.0"\n',
      ['flutter'],
    ],
    [
      'no field of the description',
      'packages:\n  a:\n    description:\n      version: "9"\n    version: "1.0.0"\n',
      ['a 1.0.0'],
    ],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(pubspecLockLister, 'pubspec.lock', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    ['no version', 'packages:\n  a:\n    source: hosted\n', ['a'], 'lister.incomplete-entry line 2: a has no version'],
    ['a line of no sense', 'teapot\n', [], 'lister.malformed-line line 1'],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(pubspecLockLister, 'pubspec.lock', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['pubspec.lock', true],
    ['srv/pubspec.lock', true],
    ['root/.pub-cache/hosted/pub.dev/a-1.0.0/pubspec.lock', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(pubspecLockLister, path)).toBe(isWanted));
  }
});
