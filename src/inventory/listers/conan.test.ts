import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { conanLister } from './conan.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['nothing of an empty lockfile', '{}', []],
    [
      'references of Conan 2',
      JSON.stringify({ version: '0.5', requires: ['a/1.0', 'b/2.0#1%2', 'c/3.0@user/channel#1'] }),
      ['a 1.0', 'b 2.0', 'c 3.0'],
    ],
    [
      'what only builds, marked',
      JSON.stringify({ requires: ['a/1.0'], build_requires: ['a/1.0', 'b/2.0'], python_requires: ['c/3.0'] }),
      ['a 1.0', 'b 2.0 dev', 'c 3.0 dev'],
    ],
    [
      'nodes of Conan 1, not the project',
      JSON.stringify({
        graph_lock: {
          nodes: {
            '0': { ref: 'app/0.1', path: 'conanfile.py' },
            '1': { ref: 'a/1.0#1' },
            '2': { ref: 'b/2.0', context: 'build' },
            '3': {},
          },
        },
      }),
      ['a 1.0', 'b 2.0 dev'],
    ],
    ['a range without a version', JSON.stringify({ requires: ['a/[>=1.0 <2]'] }), ['a']],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(conanLister, 'conan.lock', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    [
      'no reference',
      JSON.stringify({ requires: ['a/1.0', 'teapot'] }),
      ['a 1.0'],
      'lister.incomplete-entry no name and version in "teapot"',
    ],
    ['no JSON', '{', [], 'lister.malformed-file no JSON'],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(conanLister, 'conan.lock', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['conan.lock', true],
    ['srv/conanfile.txt', true],
    ['srv/conanfile.py', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(conanLister, path)).toBe(isWanted));
  }
});

test('lists what conanfile.txt requires', async () => {
  const text = '[requires]\r\na/1.0 # one\r\n\r\n[tool_requires]\nb/[>1]\n[options]\nc/3.0:shared=True\n';
  expect(await sampleListing(conanLister, 'conanfile.txt', text)).toEqual({
    packages: ['a 1.0', 'b dev'],
    problems: [],
  });
});
