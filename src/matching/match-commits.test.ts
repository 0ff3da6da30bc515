import { describe, expect, test } from 'vitest';
import { advisory, type FakeDatabase, fakeAdvisories, installed } from '../../test/fake-advisories.ts';
import type { Package } from '../model/package.ts';
import { fingerprintOf, issueKeyOf } from './fingerprint.ts';
import { matchPackages } from './match-packages.ts';
import { replay } from './replay.ts';

/** PYSEC-2012-7, mended on three branches of Django. */
const FIXES = [
  '9305c0e12d43c4df999c3301a1f0c742264a657e',
  'b45c377f8f488955e0c7069cad3f3dd21910b071',
  '92d3430f12171f16f566c9050c40feefb830a4a3',
];
const UNKNOWN = 'c45d7c49ea75133e52ab22a8e9e13173938e36ff';
const BEGIN = '1da177e4c3f41524e886b7f1b8a0c1fc7321cac2';

const onDjango = { source: 'osv', vulnerabilityId: 'PYSEC-2012-7', packageKind: 'binary' } as const;
const byCommit = advisory({
  ...{ ...onDjango, namespace: 'git', packageName: 'github.com/django/django' },
  affected: FIXES.map((fixed) => ({ introduced: BEGIN, fixed })),
});
const byVersion = advisory({ ...onDjango, namespace: 'pypi', packageName: 'django', fixed: '1.3.2' });

const github = (commit: string): Package =>
  installed({
    ...{ name: 'django/django', version: commit, versionScheme: 'github', type: 'github', namespace: 'github' },
    purl: `pkg:github/django/django@${commit}`,
  });
const pypi = (version: string, commit: string): Package =>
  installed({
    ...{ name: 'django', version, versionScheme: 'pep440', type: 'pypi', namespace: 'pypi' },
    purl: `pkg:pypi/django@${version}?vcs_url=git%2Bhttps://github.com/django/django.git%40${commit}`,
  });

function match(of: Package, database: FakeDatabase = { advisories: [byCommit, byVersion] }, allStatements = true) {
  const source = fakeAdvisories({ coverage: { pypi: [{ source: 'osv' }] }, ...database });
  return matchPackages([of], source, { now: new Date('2026-08-01'), allStatements });
}

describe('a package that names its commit', () => {
  const cases = [
    // package                        status                 why
    [github(FIXES[0]!), 'fixed', 'the fix of one branch'],
    [github(FIXES[2]!), 'fixed', 'the fix of another'],
    [github(BEGIN), 'affected', 'where the range begins'],
    [github(UNKNOWN), 'under_investigation', 'its history is not read'],
    [pypi('1.4', UNKNOWN), 'fixed', 'the version says what the commit leaves open'],
    [pypi('1.3', UNKNOWN), 'affected', 'the version is affected'],
    [pypi('1.4', BEGIN), 'affected', 'any range that holds it makes it affected'],
    [pypi('no version', UNKNOWN), 'under_investigation', 'the version says nothing'],
  ] as const;
  for (const [of, status, why] of cases) {
    test(`${of.purl}: ${status}, ${why}`, () => {
      const [found, ...more] = match(of).matches;
      expect([found?.status, more]).toEqual([status, []]);
      const vulnerability = { id: 'PYSEC-2012-7', aliases: [] };
      const identity = { ...found!.proof.package, vulnerabilityId: vulnerability.id };
      const names = { fingerprint: fingerprintOf(identity), issueKey: issueKeyOf(identity) };
      expect(replay({ vulnerability, status, proof: found!.proof, ...names })).toEqual({ status, differences: [] });
    });
  }

  test('says so in the proof', () => {
    const [found] = match(github(UNKNOWN)).matches;
    expect(found?.proof.identity).toEqual({ by: 'purl', name: 'github.com/django/django', version: UNKNOWN });
    expect(found?.proof.comparison.reason).toBe(
      `whether ${UNKNOWN} lies in the range is told by the history of the repository, which is not read`,
    );
  });

  test('a range that is open stays so beside one that is not', () => {
    const second = { ...byCommit, affected: [{ introduced: '0', fixed: UNKNOWN }] };
    expect(match(github(FIXES[0]!), { advisories: [byCommit, second] }).matches[0]?.status).toBe('under_investigation');
  });
});

describe('the ledger', () => {
  test('says what a commit that has the fix leaves open', () =>
    expect(match(github(FIXES[1]!)).ledger.notAssessed).toMatchObject([
      {
        reason:
          'no release or ecosystem is known by the name github; its commit is outside the ranges that are stated of github.com/django/django',
      },
    ]));

  const unreadable = pypi('no version', FIXES[0]!);
  for (const [shows, of, database, name] of [
    ['an open commit is listed', github(UNKNOWN), undefined, 'matched'],
    ['one that has the fix may have other flaws', github(FIXES[1]!), undefined, 'unknownNamespace'],
    ['of a repository that nobody speaks of nothing is known', github(UNKNOWN), { advisories: [] }, 'unknownNamespace'],
    ['a commit makes no version readable', unreadable, undefined, 'unreadableVersion'],
    ['what is left out stays so', { ...github(UNKNOWN), filtered: 'it is source code' }, undefined, 'filtered'],
  ] as const) {
    test(`${shows}: ${name}`, () => {
      const { ledger } = match(of, database, false);
      expect(ledger).toMatchObject({ components: 1, [name]: 1 });
    });
  }
});
