import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { swiftResolvedLister } from './swift-resolved.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['nothing of an empty lockfile', '{}', []],
    [
      'the name of a repository',
      JSON.stringify({
        pins: [
          { location: 'https://github.com/apple/swift-nio.git', state: { version: '1.0.0' } },
          { location: 'https://github.com/Apple/X/', state: { version: '1.0.0' } },
          { location: 'git@github.com:a/b.git', state: { version: '1.0.0' } },
          { location: 'ssh://git@gitlab.com:22/a/b/c', state: { version: '1.0.0' } },
          { location: 'http://user@example.com:8080/a.b', state: { version: '1.0.0' } },
        ],
      }),
      [
        'github.com/apple/swift-nio 1.0.0',
        'github.com/Apple/X 1.0.0',
        'github.com/a/b 1.0.0',
        'gitlab.com/a/b/c 1.0.0',
        'example.com/a.b 1.0.0',
      ],
    ],
    [
      'one that follows a branch, without a version',
      JSON.stringify({ pins: [{ location: 'https://github.com/a/b', state: { branch: 'main', revision: '1' } }] }),
      ['github.com/a/b'],
    ],
    [
      'of a registry, its identity',
      JSON.stringify({ pins: [{ location: '', state: { version: '1.0.0' }, identity: 'mona.LinkedList' }] }),
      ['mona.LinkedList 1.0.0'],
    ],
    [
      'of the project, its identity',
      JSON.stringify({ pins: [{ location: '/Users/mona/lib', state: { version: '1.0.0' }, identity: 'lib' }] }),
      ['lib 1.0.0'],
    ],
    [
      'version 1',
      JSON.stringify({
        object: { pins: [{ package: 'A', repositoryURL: 'https://github.com/a/b.git', state: { version: '1.0.0' } }] },
        version: 1,
      }),
      ['github.com/a/b 1.0.0'],
    ],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(swiftResolvedLister, 'Package.resolved', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    [
      'no name at all',
      JSON.stringify({ pins: [{ state: { version: '1.0.0' } }] }),
      [],
      'lister.incomplete-entry pin 1: neither',
    ],
    ['no JSON', '{', [], 'lister.malformed-file no JSON'],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(swiftResolvedLister, 'Package.resolved', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['Package.resolved', true],
    ['App.xcodeproj/project.xcworkspace/xcshareddata/swiftpm/Package.resolved', true],
    ['srv/.build/checkouts/a/Package.resolved', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(swiftResolvedLister, path)).toBe(isWanted));
  }
});
