import { describe, expect, test } from 'vitest';
import type { PackageLister } from '../src/inventory/lister.ts';
import { isWantedBy, sampleListing } from '../src/inventory/sample-listing.ts';

/** What a lister of one kind of lockfile is held to. */
export interface LockfileTable {
  /** What the row shows, the text, its packages as `sampleListing` writes them. */
  readonly lists: readonly (readonly [shows: string, text: string, packages: readonly string[]])[];
  /** The same with the beginning of the one problem. */
  readonly problems: readonly (readonly [shows: string, text: string, packages: readonly string[], problem: string])[];
}

/** Tests of a lister of Python lockfiles in TOML: those of the table, and what holds of each. */
export function testTomlLockfile(lister: PackageLister, fileName: string, { lists, problems }: LockfileTable): void {
  describe('lists', () => {
    for (const [shows, text, packages] of lists)
      test(shows, async () => expect(await sampleListing(lister, fileName, text)).toEqual({ packages, problems: [] }));
  });

  describe('what cannot be read is a problem', () => {
    for (const [shows, text, packages, problem] of [...COMMON_PROBLEMS, ...problems])
      test(shows, async () => {
        const listing = await sampleListing(lister, fileName, text);
        expect(listing.packages).toEqual(packages);
        expect(listing.problems).toEqual([expect.stringContaining(problem)]);
      });
  });

  describe('wants', () => {
    for (const [path, isWanted] of [
      [fileName, true],
      [`srv/${fileName}`, true],
      [`usr/lib/python3/site-packages/a/${fileName}`, false],
    ] as const)
      test(`${path}: ${isWanted}`, () => expect(isWantedBy(lister, path)).toBe(isWanted));
  });
}

const COMMON_PROBLEMS: LockfileTable['problems'] = [
  ['no name', '[[package]]\nversion = "1"\n', [], 'lister.incomplete-entry line 1: a package without a name'],
  [
    'a place that is no TOML',
    '[[package]]\nname = "a"\nversion = "1"\nx y\n[[package]]\nname = "b"\nversion = "2"\n',
    ['a 1', 'b 2'],
    'lister.malformed-line line 4',
  ],
];
