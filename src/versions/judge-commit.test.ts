import { expect, test } from 'vitest';
import { judgeCommit } from './judge-commit.ts';

const [FIX, OTHER_FIX, BEGIN, LATER] = ['9305c0e1', 'b45c377f', '1da177e4', 'ffffffff'].map((start) =>
  start.padEnd(40, '0'),
) as [string, string, string, string];

const cases = [
  // commit   range                                                                       outcome
  [FIX, [{ introduced: '0', fixed: FIX }], 'not_affected', 'is where it is fixed'],
  [
    OTHER_FIX,
    [
      { introduced: '0', fixed: FIX },
      { introduced: '0', fixed: OTHER_FIX },
    ],
    'not_affected',
    'is where it is fixed',
  ],
  [BEGIN, [{ introduced: BEGIN, fixed: FIX }], 'affected', 'is where the range begins'],
  [BEGIN, [{ introduced: BEGIN, fixed: BEGIN }], 'not_affected', 'is where it is fixed'],
  [LATER, [{ introduced: BEGIN, lastAffected: LATER }], 'affected', 'is the last affected commit'],
  [LATER, [{ introduced: '0' }], 'affected', 'all commits are affected'],
  [LATER, [{ introduced: BEGIN }], 'undecided', 'which is not read'],
  [LATER, [{ introduced: '0', fixed: FIX }], 'undecided', 'which is not read'],
  [LATER, [{ introduced: '0', lastAffected: FIX }], 'undecided', 'which is not read'],
  // An abbreviated bound may be any commit that begins so.
  [FIX, [{ introduced: '0', fixed: '9305c0e1' }], 'undecided', 'which is not read'],
] as const;

for (const [commit, affected, outcome, reason] of cases) {
  test(`${commit.slice(0, 8)} in ${JSON.stringify(affected).replaceAll(/0{16,}/g, '')}: ${outcome}`, () => {
    const found = judgeCommit(commit, { affected });
    expect(found).toMatchObject({ scheme: 'git', version: commit, outcome });
    expect(found.reason).toContain(reason);
  });
}
