import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { gemfileLockLister } from './gemfile-lock.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    [
      'gems, not what they need',
      'GEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.0)\n      b (~> 2.0)\n    b (2.0.1)\n\nPLATFORMS\n  ruby\n',
      ['a 1.0', 'b 2.0.1'],
    ],
    [
      'a gem of several platforms once',
      'GEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.0)\n    a (1.0-java)\n    a (1.0-x86_64-linux)\n',
      ['a 1.0'],
    ],
    [
      'gems of git and of the project',
      'GIT\n  remote: x\n  specs:\n    a (1.0.pre)\n\nPATH\n  remote: .\n  specs:\n    b (0.1)\n',
      ['a 1.0.pre', 'b 0.1'],
    ],
    ['nothing outside of a source’s list', 'DEPENDENCIES\n    a (1.0)\n\nCHECKSUMS\n    b (1.0)\n', []],
    ['Windows line ends', 'GEM\r\n  remote: https://rubygems.org/\r\n  specs:\r\n    a (1.0)\r\n', ['a 1.0']],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(gemfileLockLister, 'Gemfile.lock', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    [
      'a gem without a version',
      'GEM\n  remote: https://rubygems.org/\n  specs:\n    a\n    b (1.0)\n',
      ['b 1.0'],
      'lister.malformed-line line 4',
    ],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(gemfileLockLister, 'Gemfile.lock', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['Gemfile.lock', true],
    ['srv/gems.locked', true],
    ['usr/lib/ruby/gems/3.1.0/gems/rack-2.2.4/Gemfile.lock', false],
    ['srv/gems/Gemfile.lock', true],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(gemfileLockLister, path)).toBe(isWanted));
  }
});
