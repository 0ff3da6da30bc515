import { describe, expect, test } from 'vitest';
import { type AliasStatement, aliasGroups } from './alias-groups.ts';

const cases: readonly (readonly [
  shows: string,
  statements: readonly AliasStatement[],
  groups: Record<string, string[]>,
])[] = [
  ['two names of one flaw', [['GHSA-a', 'CVE-1']], { 'CVE-1': ['CVE-1', 'GHSA-a'] }],
  [
    'a chain of names',
    [
      ['GHSA-a', 'CVE-1'],
      ['PYSEC-1', 'GHSA-a'],
    ],
    { 'CVE-1': ['CVE-1', 'GHSA-a', 'PYSEC-1'] },
  ],
  ['without a CVE, GHSA gives the name', [['GO-1', 'GHSA-b']], { 'GHSA-b': ['GHSA-b', 'GO-1'] }],
  ['without both, the first by text', [['RUSTSEC-1', 'GO-1']], { 'GO-1': ['GO-1', 'RUSTSEC-1'] }],
  [
    'an id that names two CVEs joins both groups, and links none',
    [
      ['GHSA-a', 'CVE-1'],
      ['GHSA-a', 'CVE-2'],
      ['PYSEC-1', 'CVE-1'],
      ['PYSEC-1', 'GHSA-a'],
    ],
    { 'CVE-1': ['CVE-1', 'GHSA-a', 'PYSEC-1'], 'CVE-2': ['CVE-2', 'GHSA-a'] },
  ],
  [
    'a chain that ends at two CVEs: each id goes with the one it names, one that names none with both',
    [
      ['GHSA-a', 'CVE-1'],
      ['GHSA-b', 'CVE-2'],
      ['GO-1', 'GHSA-a'],
      ['GO-1', 'GHSA-b'],
    ],
    { 'CVE-1': ['CVE-1', 'GHSA-a', 'GO-1'], 'CVE-2': ['CVE-2', 'GHSA-b', 'GO-1'] },
  ],
  ['two CVEs are never one', [['CVE-1', 'CVE-2']], {}],
  [
    'errata are no aliases',
    [
      ['RHSA-2024:1', 'CVE-1'],
      ['GHSA-a', 'DSA-5000-1'],
    ],
    {},
  ],
  ['an id is no alias of itself', [['GHSA-a', 'GHSA-a']], {}],
];

describe('aliasGroups', () => {
  for (const [shows, statements, groups] of cases) {
    test(shows, () => {
      const wanted = Object.entries(groups).map(([canonical, ids]) => ({ canonical, ids }));
      expect(aliasGroups(statements)).toEqual(wanted);
      expect(aliasGroups(statements.toReversed().map(([a, b]) => [b, a]))).toEqual(wanted);
    });
  }
});
