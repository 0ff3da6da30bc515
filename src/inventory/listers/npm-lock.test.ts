import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { npmLockLister } from './npm-lock.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['nothing of an empty lockfile', '{}', []],
    [
      'version 1 to any depth',
      JSON.stringify({
        dependencies: {
          a: { version: '1.0.0', dependencies: { b: { version: '2.0.0', dependencies: { a: { version: '3.0.0' } } } } },
        },
      }),
      ['a 1.0.0', 'b 2.0.0', 'a 3.0.0'],
    ],
    [
      'an alias under its real name',
      JSON.stringify({ dependencies: { x: { version: 'npm:@types/node@18.0.0' } } }),
      ['@types/node 18.0.0'],
    ],
    [
      'what comes from elsewhere than a registry, without a version',
      JSON.stringify({
        dependencies: {
          a: { version: 'git+ssh://git@github.com/a/b.git#1' },
          b: { version: 'file:../b' },
          c: { version: 'https://x.org/c-1.0.0.tgz' },
        },
      }),
      ['a', 'b', 'c'],
    ],
    [
      'the real name of an alias in version 3',
      JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/x': { name: 'lodash', version: '4.17.15' } } }),
      ['lodash 4.17.15'],
    ],
    [
      'no links, and not what they lead to',
      JSON.stringify({
        lockfileVersion: 3,
        packages: {
          '': { name: 'app' },
          'packages/a': { version: '1.0.0' },
          'node_modules/a': { link: true, resolved: 'packages/a' },
        },
      }),
      [],
    ],
    [
      'what a workspace has of its own',
      JSON.stringify({ lockfileVersion: 3, packages: { 'packages/a/node_modules/@b/c': { version: '1.0.0' } } }),
      ['@b/c 1.0.0'],
    ],
    [
      'development only if no place needs it for more',
      JSON.stringify({
        lockfileVersion: 3,
        packages: {
          'node_modules/a': { version: '1.0.0', dev: true },
          'node_modules/b/node_modules/a': { version: '1.0.0' },
          'node_modules/c': { version: '1.0.0', dev: true },
        },
      }),
      ['a 1.0.0', 'c 1.0.0 dev'],
    ],
    [
      'what is for development or optional, not marked',
      JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/a': { version: '1.0.0', devOptional: true } } }),
      ['a 1.0.0'],
    ],
    [
      'names of Object’s own',
      '{"lockfileVersion":3,"packages":{"node_modules/__proto__":{"version":"1.0.0"},"node_modules/constructor":{"version":"1.0.0"}}}',
      ['__proto__ 1.0.0', 'constructor 1.0.0'],
    ],
    [
      'entries of no sense as nothing',
      JSON.stringify({
        lockfileVersion: 3,
        packages: { 'node_modules/': { version: '1.0.0' }, 'node_modules/a': null, 'node_modules/b': { version: 7 } },
      }),
      ['a', 'b'],
    ],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(npmLockLister, 'package-lock.json', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    [
      'a version of the lockfile to come',
      JSON.stringify({ lockfileVersion: 4, packages: { 'node_modules/a': { version: '1.0.0' } } }),
      ['a 1.0.0'],
      'lister.unknown-version version 4',
    ],
    ['no JSON object', '[]', [], 'lister.malformed-file no JSON object'],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(npmLockLister, 'package-lock.json', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['package-lock.json', true],
    ['srv/package-lock.json', true],
    ['srv/npm-shrinkwrap.json', true],
    ['srv/node_modules/a/package-lock.json', false],
    ['srv/node_modules/.package-lock.json', false],
    ['srv/my-package-lock.json', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(npmLockLister, path)).toBe(isWanted));
  }
});
