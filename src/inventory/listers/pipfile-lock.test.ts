import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { pipfileLockLister } from './pipfile-lock.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['nothing of an empty lockfile', JSON.stringify({ _meta: {}, default: {}, develop: {} }), []],
    ['pins', '{"default":{"a":{"version":"==1.0"},"b":{"version":"===2.0"}}}', ['a 1.0', 'b 2.0']],
    [
      'development only if nothing else needs it',
      JSON.stringify({
        develop: { a: { version: '==1.0' }, b: { version: '==1.0' } },
        default: { a: { version: '==1.0' } },
      }),
      ['a 1.0', 'b 1.0 dev'],
    ],
    [
      'what states no version, without one',
      JSON.stringify({
        default: { a: { git: 'https://x.org/a.git', ref: '1' }, b: { path: '.', editable: true }, c: null },
      }),
      ['a', 'b', 'c'],
    ],
    ['categories of the project’s own', JSON.stringify({ docs: { a: { version: '==1.0' } } }), ['a 1.0']],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(pipfileLockLister, 'Pipfile.lock', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [['no JSON', '{', [], 'lister.malformed-file no JSON']] as const) {
    test(shows, async () => {
      const listing = await sampleListing(pipfileLockLister, 'Pipfile.lock', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['Pipfile.lock', true],
    ['srv/Pipfile.lock', true],
    ['srv/Pipfile', false],
    ['usr/lib/python3/site-packages/a/Pipfile.lock', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(pipfileLockLister, path)).toBe(isWanted));
  }
});
