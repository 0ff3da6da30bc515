import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { pnpmLockLister } from './pnpm-lock.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['nothing of an empty lockfile', "lockfileVersion: '9.0'\n", []],
    [
      'version 5: names and versions parted by slashes',
      'lockfileVersion: 5.3\npackages:\n  /a/1.0.0:\n    dev: false\n  /@b/c/2.0.0_react@17.0.2+x@1.0.0:\n    dev: true\n  /d_e/3.0.0-rc.1_hash:\n',
      ['a 1.0.0', '@b/c 2.0.0 dev', 'd_e 3.0.0-rc.1'],
    ],
    [
      'version 5: of another registry',
      'lockfileVersion: 5.4\npackages:\n  registry.example.com/@a/b/1.0.0:\n    dev: false\n',
      ['@a/b 1.0.0'],
    ],
    [
      'version 6: an at sign',
      "lockfileVersion: '6.0'\npackages:\n  /a@1.0.0(b@2.0.0(c@3.0.0)):\n  /@d/e@1.0.0-rc.1:\n    dev: true\n  registry.example.com/f@1.0.0:\n",
      ['a 1.0.0', '@d/e 1.0.0-rc.1 dev', 'f 1.0.0'],
    ],
    [
      'version 9: no slash',
      "lockfileVersion: '9.0'\npackages:\n  a.js@1.0.0:\n    resolution: {integrity: x}\n  '@b/c@2.0.0':\n    resolution: {integrity: x}\n",
      ['a.js 1.0.0', '@b/c 2.0.0'],
    ],
    [
      'what names itself',
      "lockfileVersion: '6.0'\npackages:\n  github.com/a/b/1234567:\n    resolution: {tarball: x}\n    name: '@a/b'\n    version: 1.0.0\n",
      ['@a/b 1.0.0'],
    ],
    [
      'what states no version, without one',
      "lockfileVersion: '9.0'\npackages:\n  a@https://x.org/a.tgz:\n    resolution: {tarball: https://x.org/a.tgz}\n",
      ['a'],
    ],
    [
      'no directories of the project',
      "lockfileVersion: '9.0'\npackages:\n  a@file:a:\n    resolution: {directory: a, type: directory}\n",
      [],
    ],
    [
      'version 9: what only development leads to, with its peers, aliases and optional packages',
      "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1\n        version: 1.0.0(p@1.0.0)\n    devDependencies:\n      x:\n        specifier: npm:'@b/c'\n        version: '@b/c@1.0.0'\npackages:\n  a@1.0.0:\n  p@1.0.0:\n  '@b/c@1.0.0':\n  d@1.0.0:\n  e@1.0.0:\nsnapshots:\n  a@1.0.0(p@1.0.0):\n    dependencies:\n      p: 1.0.0\n    optionalDependencies:\n      d: 1.0.0\n    transitivePeerDependencies:\n      - e\n  p@1.0.0: {}\n  '@b/c@1.0.0':\n    dependencies:\n      d: 1.0.0\n      z: e@1.0.0\n  d@1.0.0: {}\n  e@1.0.0: {}\n",
      ['a 1.0.0', 'p 1.0.0', '@b/c 1.0.0 dev', 'd 1.0.0', 'e 1.0.0 dev'],
    ],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(pnpmLockLister, 'pnpm-lock.yaml', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    [
      'a key without a name',
      "lockfileVersion: '9.0'\npackages:\n  '1.0.0':\n    resolution: {integrity: x}\n",
      [],
      'lister.incomplete-entry line 3: a package without a name',
    ],
    ['a line of no sense', 'teapot\n', [], 'lister.malformed-line line 1'],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(pnpmLockLister, 'pnpm-lock.yaml', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['pnpm-lock.yaml', true],
    ['srv/pnpm-lock.yaml', true],
    ['srv/node_modules/a/pnpm-lock.yaml', false],
    ['srv/node_modules/.pnpm/lock.yaml', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(pnpmLockLister, path)).toBe(isWanted));
  }
});
