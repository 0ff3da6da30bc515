import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { pythonInstalledLister } from './python-installed.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    [
      'names as the distribution writes itself',
      'Metadata-Version: 2.1\nName: Zope.Interface\nVersion: 5.4.0\n',
      ['Zope.Interface 5.4.0'],
    ],
    ['fields in any case', 'name: a\nVERSION: 1\n', ['a 1']],
    ['Windows line ends', 'Name: a\r\nVersion: 1\r\n\r\nVersion: 2\r\n', ['a 1']],
    ['nothing of the description', 'Name: a\nVersion: 1\n\nName: b\nVersion: 2\n', ['a 1']],
    ['the first of a field that comes twice', 'Name: a\nName: b\nVersion: 1\n', ['a 1']],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(pythonInstalledLister, 'x-1.dist-info/METADATA', text)).toEqual({
        packages,
        problems: [],
      }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    ['no name', 'Version: 1\n', [], 'lister.incomplete-entry metadata: no name'],
    ['no version', 'Name: a\n\nVersion: 1\n', ['a'], 'lister.incomplete-entry a: no version'],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(pythonInstalledLister, 'x-1.dist-info/METADATA', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['usr/lib/python3/dist-packages/a-1.dist-info/METADATA', true],
    ['usr/lib/python3/dist-packages/a-1.egg-info/PKG-INFO', true],
    ['usr/lib/python3/dist-packages/a-1.egg-info', true],
    ['opt/a-1-py3.egg/EGG-INFO/PKG-INFO', true],
    ['usr/lib/python3/dist-packages/a-1.dist-info/RECORD', false],
    ['usr/src/a/PKG-INFO', false],
    ['usr/share/METADATA', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(pythonInstalledLister, path)).toBe(isWanted));
  }
});
