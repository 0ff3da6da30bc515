import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { hexLockLister } from './hex-lock.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['nothing of an empty lockfile', '%{\n}\n', []],
    [
      'the package, not the application',
      '%{\n  "live": {:hex, :phoenix_live_view, "0.18.3", "x", [:mix], [{:a, "~> 1.0", [hex: :a]}], "hexpm", "y"},\n}\n',
      ['phoenix_live_view 0.18.3'],
    ],
    ['on the first line', '%{"a": {:hex, :a, "1.0.0"},\n  "b": {:hex, :"b", "2.0.0"}}\n', ['a 1.0.0', 'b 2.0.0']],
    ['what comes from git, without a version', '%{\n  "a": {:git, "https://x.org/a.git", "1", []},\n}\n', ['a']],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(hexLockLister, 'mix.lock', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    [
      'an entry of no sense',
      '%{\n  "a": teapot,\n  "b": {:hex, :b, "1.0.0"},\n}\n',
      ['b 1.0.0'],
      'lister.malformed-line line 2',
    ],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(hexLockLister, 'mix.lock', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['mix.lock', true],
    ['srv/rebar.lock', true],
    ['srv/deps/a/mix.lock', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(hexLockLister, path)).toBe(isWanted));
  }
});

test('lists packages of rebar.lock, old ones too', async () => {
  const text = '[{<<"a">>,{pkg,<<"b">>,<<"1.0.0">>},0},\n {<<"c">>,\n  {git,"https://x.org/c.git",{ref,"1"}},1}].\n';
  const { packages } = await sampleListing(hexLockLister, 'rebar.lock', text);
  expect(packages).toEqual(['b 1.0.0', 'c']);
});
