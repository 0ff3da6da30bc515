import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { npmInstalledLister } from './npm-installed.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['a scoped name', JSON.stringify({ name: '@angular/core', version: '17.0.1' }), ['@angular/core 17.0.1']],
    [
      'the name in the file, not that of an alias',
      JSON.stringify({ name: 'lodash', version: '4.17.15' }),
      ['lodash 4.17.15'],
    ],
    ['a version as it is written', JSON.stringify({ name: 'a', version: 'v1.0' }), ['a v1.0']],
    ['after a byte order mark', '﻿{"name":"a","version":"1.0.0"}', ['a 1.0.0']],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(npmInstalledLister, 'node_modules/x/package.json', text)).toEqual({
        packages,
        problems: [],
      }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    [
      'no version: it is listed all the same',
      JSON.stringify({ name: 'a' }),
      ['a'],
      'lister.incomplete-entry a: no version',
    ],
    ['no name', JSON.stringify({ version: '1.0.0' }), [], 'lister.incomplete-entry package.json: no name'],
    [
      'a name that is no text',
      JSON.stringify({ name: ['a'], version: '1.0.0' }),
      [],
      'lister.incomplete-entry package.json: no name',
    ],
    [
      'a version that is no text',
      JSON.stringify({ name: 'a', version: 1 }),
      ['a'],
      'lister.incomplete-entry a: no version',
    ],
    ['no JSON', '{', [], 'lister.malformed-file no JSON'],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(npmInstalledLister, 'node_modules/x/package.json', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['node_modules/express/package.json', true],
    ['usr/lib/node_modules/npm/node_modules/@npmcli/arborist/package.json', true],
    ['srv/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json', true],
    ['srv/package.json', false],
    ['srv/node_modules/a/esm/package.json', false],
    ['srv/node_modules/.cache/package.json', false],
    ['srv/node_modules/package.json', false],
    ['srv/node_modules/@a/package.json', false],
    ['srv/my_node_modules/a/package.json', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(npmInstalledLister, path)).toBe(isWanted));
  }
});
