import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { composerLister } from './composer.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['nothing of an empty lockfile', '{}', []],
    [
      'packages for development, marked',
      JSON.stringify({
        packages: [{ name: 'a/b', version: '1.0.0' }],
        'packages-dev': [{ name: 'c/d', version: 'v2.0.0' }],
      }),
      ['a/b 1.0.0', 'c/d v2.0.0 dev'],
    ],
    [
      'a branch as it is written',
      JSON.stringify({ packages: [{ name: 'a/b', version: 'dev-main' }] }),
      ['a/b dev-main'],
    ],
    ['what Composer 1 has installed', JSON.stringify([{ name: 'a/b', version: '1.0.0' }]), ['a/b 1.0.0']],
    [
      'what Composer 2 has installed',
      JSON.stringify({
        packages: [
          { name: 'a/b', version: '1.0.0' },
          { name: 'c/d', version: '2.0.0' },
        ],
        'dev-package-names': ['c/d'],
      }),
      ['a/b 1.0.0', 'c/d 2.0.0 dev'],
    ],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(composerLister, 'composer.lock', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    [
      'no name',
      JSON.stringify({ packages: [{ name: 'a/b', version: '1.0.0' }, { version: '2.0.0' }] }),
      ['a/b 1.0.0'],
      'lister.incomplete-entry package 2: no name',
    ],
    ['no version', JSON.stringify({ packages: [{ name: 'a/b' }] }), ['a/b'], 'lister.incomplete-entry a/b: no version'],
    ['no JSON', '{', [], 'lister.malformed-file no JSON'],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(composerLister, 'composer.lock', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['composer.lock', true],
    ['srv/composer.lock', true],
    ['srv/vendor/composer/installed.json', true],
    ['srv/vendor/a/b/composer.lock', false],
    ['srv/installed.json', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(composerLister, path)).toBe(isWanted));
  }
});
