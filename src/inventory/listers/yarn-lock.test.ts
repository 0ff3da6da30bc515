import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { yarnLockLister } from './yarn-lock.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['names without quotes', 'a@^1, a@^2:\n  version "2.0.0"\n', ['a 2.0.0']],
    ['scoped names', '"@a/b@^1":\n  version "1.0.0"\n', ['@a/b 1.0.0']],
    ['a blank in the pattern', '"a@>= 1 < 2":\n  version "1.0.0"\n', ['a 1.0.0']],
    ['an alias under its real name', '"x@npm:@types/node@^18":\n  version "18.0.0"\n', ['@types/node 18.0.0']],
    [
      'what comes from git or a file',
      '"a@git+https://github.com/a/b.git#1":\n  version "1.0.0"\nb@file:./b:\n  version "0.0.0"\n',
      ['a 1.0.0', 'b 0.0.0'],
    ],
    [
      'no version of a dependency of that name',
      'a@^1:\n  version "1.0.0"\n  dependencies:\n    version "^9"\n',
      ['a 1.0.0'],
    ],
    ['Windows line ends', 'a@^1:\r\n  version "1.0.0"\r\n\r\nb@^1:\r\n  version "2.0.0"\r\n', ['a 1.0.0', 'b 2.0.0']],
    [
      'berry: by its resolution',
      '__metadata:\n  version: 8\n"x@npm:lodash@^4":\n  version: 4.17.15\n  resolution: "lodash@npm:4.17.15"\n',
      ['lodash 4.17.15'],
    ],
    [
      'berry: a patched package once',
      '__metadata:\n  version: 8\n"a@npm:1.0.0":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n"a@patch:a@npm%3A1.0.0#x":\n  version: 1.0.0\n  resolution: "a@patch:a@npm%3A1.0.0#x::version=1.0.0&hash=1"\n',
      ['a 1.0.0'],
    ],
    [
      'berry: from git',
      '__metadata:\n  version: 8\n"a@https://github.com/a/b.git#1":\n  version: 1.0.0\n  resolution: "a@https://github.com/a/b.git#commit=1"\n  linkType: hard\n',
      ['a 1.0.0'],
    ],
    [
      'berry: no workspaces',
      '__metadata:\n  version: 8\n"app@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "app@workspace:."\n  linkType: soft\n',
      [],
    ],
    [
      'berry: an entry with a very long key',
      '__metadata:\n  version: 8\n? "a@npm:^1, a@npm:^2"\n:\n  version: 2.0.0\n  resolution: "a@npm:2.0.0"\n',
      ['a 2.0.0'],
    ],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(yarnLockLister, 'yarn.lock', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    ['no name', '^1:\n  version "1.0.0"\n', [], 'lister.incomplete-entry line 1: an entry without the name'],
    ['no version', 'a@^1:\n  resolved "x"\n', ['a'], 'lister.incomplete-entry line 1: package a has no version'],
    [
      'berry: no version',
      '__metadata:\n  version: 8\n"a@npm:1":\n  resolution: "a@npm:1.0.0"\n',
      ['a'],
      'lister.incomplete-entry line 3: package a has no version',
    ],
    ['berry: a line of no sense', '__metadata:\n  version: 8\nteapot\n', [], 'lister.malformed-line line 3'],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(yarnLockLister, 'yarn.lock', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['yarn.lock', true],
    ['srv/yarn.lock', true],
    ['srv/node_modules/a/yarn.lock', false],
    ['srv/.yarn/releases/yarn.lock', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(yarnLockLister, path)).toBe(isWanted));
  }
});
