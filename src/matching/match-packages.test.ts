import { describe, expect, test } from 'vitest';
import { advisory, type FakeDatabase, fakeAdvisories, installed } from '../../test/fake-advisories.ts';
import type { Package } from '../model/package.ts';
import { matchPackages } from './match-packages.ts';

const now = new Date('2026-08-01T00:00:00Z');
const coverage = { 'debian:12': [{ source: 'debian' }], npm: [{ source: 'osv' }], 'rhel:9': [{ source: 'osv' }] };

const OPENSSL = { name: 'openssl', version: '3.0.11-1~deb12u2' };
const libssl = installed({ name: 'libssl3', source: OPENSSL });

function match(database: FakeDatabase, packages: readonly Package[] = [libssl], options = {}) {
  return matchPackages(packages, fakeAdvisories({ coverage, ...database }), { now, ...options });
}

/** `CVE-2024-5535 affected/fixed 3.0.14-1~deb12u1` and so on. */
function verdicts(database: FakeDatabase, packages?: readonly Package[], options = {}): string[] {
  return match(database, packages, options).matches.map(({ vulnerabilityId, status, fixState, fixedVersions }) =>
    [vulnerabilityId, `${status}/${fixState}`, ...fixedVersions].join(' '),
  );
}

describe('which name is asked for', () => {
  const byBinary = advisory({ vulnerabilityId: 'CVE-2024-5535', packageName: 'libssl3', packageKind: 'binary' });
  for (const [shows, statement, found] of [
    ['a source package of that name', advisory({ vulnerabilityId: 'CVE-2024-5535' }), 1],
    ['an installed package of that name', byBinary, 1],
    ['a source package of the name of an installed one', { ...byBinary, packageKind: 'source' as const }, 0],
    ['an installed package of the name of a source', { ...byBinary, packageName: 'openssl' }, 0],
    ['another namespace', { ...byBinary, namespace: 'debian:11' }, 0],
  ] as const) {
    test(`${shows}: ${found === 1 ? 'match' : 'none'}`, () =>
      expect(match({ advisories: [statement] }).matches).toHaveLength(found));
  }

  test('a source is compared by its own version', () => {
    const gcc = installed({ name: 'libgcc-s1', version: '12.2.0-14', source: { name: 'gcc-12', version: '11.0-1' } });
    const advisories = [advisory({ vulnerabilityId: 'CVE-2023-4039', packageName: 'gcc-12', fixed: '12.0' })];
    const [found] = match({ advisories }, [gcc]).matches;
    expect(found?.proof.identity).toEqual({ by: 'source package', name: 'gcc-12', version: '11.0-1' });
    expect(found?.proof.comparison).toEqual({
      scheme: 'dpkg',
      version: '11.0-1',
      outcome: 'affected',
      range: { introduced: '0', fixed: '12.0' },
      reason: '11.0-1 < 12.0',
    });
  });

  test('a source rpm has the epoch of what was built from it', () => {
    const lib = installed({
      ...{ name: 'openssl-libs', version: '1:3.0.7-24.el9', versionScheme: 'rpm', type: 'rpm', namespace: 'rhel:9' },
      source: { name: 'openssl', version: '3.0.7-24.el9' },
    });
    const fixed = advisory({ vulnerabilityId: 'CVE-2022-0778', namespace: 'rhel:9', fixed: '1:3.0.1-18.el9' });
    expect(verdicts({ advisories: [{ ...fixed, source: 'osv' }] }, [lib])).toEqual([]);
  });
});

describe('what a statement comes to', () => {
  const id = 'CVE-2024-5535';
  const behind = { introduced: '1.0', fixed: '2.0' };
  for (const [shows, parts, found, all] of [
    ['below the fix', { fixed: '3.0.14-1~deb12u1' }, ['affected/fixed 3.0.14-1~deb12u1'], undefined],
    ['no fix', {}, ['affected/not_fixed'], undefined],
    ['no fix will come', { fixState: 'will_not_fix' }, ['affected/will_not_fix'], undefined],
    ['at the fix', { fixed: '3.0.11-1~deb12u2' }, [], ['fixed/fixed']],
    ['before the flaw', { affected: [{ introduced: '3.1', fixed: '3.2' }] }, [], ['not_affected/not_fixed']],
    ['behind the flaw', { affected: [behind] }, [], ['fixed/fixed']],
    ['being looked at', { status: 'under_investigation' }, ['under_investigation/not_fixed'], undefined],
    ['a bound that cannot be read', { fixed: 'later' }, ['under_investigation/fixed later'], undefined],
    ['listed by its version', { affected: [], versions: ['3.0.11-1~deb12u2'] }, ['affected/not_fixed'], undefined],
    ['nothing that could match', { affected: [] }, [], []],
    ['never affected', { status: 'not_affected', affected: [], fixState: 'unknown' }, [], ['not_affected/unknown']],
    ['a part of the versions cleared', { status: 'not_affected', affected: [behind] }, [], []],
  ] as const) {
    test(`${shows}: ${found[0] ?? 'not listed'}`, () => {
      const advisories = [advisory({ vulnerabilityId: id, ...parts })];
      expect(verdicts({ advisories })).toEqual(found.map((text) => `${id} ${text}`));
      expect(verdicts({ advisories }, [libssl], { allStatements: true })).toEqual(
        (all ?? found).map((text) => `${id} ${text}`),
      );
    });
  }
});

describe('several statements on one vulnerability', () => {
  const lodash = installed({
    ...{ name: 'lodash', version: '4.17.11', versionScheme: 'semver', type: 'npm', namespace: 'npm' },
    locations: [{ path: 'app/package-lock.json' }],
  });
  const npm = { source: 'osv', namespace: 'npm', packageName: 'lodash', packageKind: 'binary' } as const;
  const ghsa = advisory({ ...npm, vulnerabilityId: 'GHSA-jf85-cpcp-j695', fixed: '4.17.12' });
  const cve = advisory({ ...npm, source: 'other', vulnerabilityId: 'CVE-2019-10744', fixed: '4.17.10' });
  const groups = [['CVE-2019-10744', 'GHSA-jf85-cpcp-j695']];

  test('under two ids are one match, the gravest decides, all are kept', () => {
    const { matches } = match({ advisories: [cve, ghsa], groups }, [lodash]);
    expect(matches).toHaveLength(1);
    expect(matches[0]).toMatchObject({
      vulnerabilityId: 'CVE-2019-10744',
      status: 'affected',
      fixedVersions: ['4.17.12'],
    });
    expect(matches[0]?.proof.advisory.vulnerabilityId).toBe('GHSA-jf85-cpcp-j695');
    expect(matches[0]?.proof.others).toMatchObject([
      {
        status: 'fixed',
        advisory: { source: 'other' },
        comparison: { reason: '4.17.11 >= 4.17.10, where it is fixed' },
      },
    ]);
  });

  test('on two flaws are a voice in the match of each, and no match of their own', () => {
    const both = advisory({ ...npm, vulnerabilityId: 'RUSTSEC-2020-0155', fixed: '4.17.12' });
    const one = advisory({ ...npm, vulnerabilityId: 'GHSA-2', fixed: '4.17.13' });
    const flaws = [
      ['CVE-2', 'GHSA-2', 'RUSTSEC-2020-0155'],
      ['CVE-1', 'RUSTSEC-2020-0155'],
    ];
    const { matches } = match({ advisories: [both, one], groups: flaws }, [lodash]);
    expect(matches.map(({ vulnerabilityId, fixedVersions }) => [vulnerabilityId, fixedVersions])).toEqual([
      ['CVE-1', ['4.17.12']],
      ['CVE-2', ['4.17.12', '4.17.13']],
    ]);
  });

  test('name their fixes in the order of versions', () => {
    const later = { ...ghsa, advisoryId: 'later', affected: [{ introduced: '0', fixed: '4.17.100' }] };
    expect(verdicts({ advisories: [later, ghsa], groups }, [lodash])).toEqual([
      'CVE-2019-10744 affected/fixed 4.17.12 4.17.100',
    ]);
  });

  test('that were taken back count no more', () => {
    const withdrawn = { source: 'osv', id: 'GHSA-jf85-cpcp-j695', withdrawn: '2020-01-01T00:00:00Z' };
    expect(verdicts({ advisories: [ghsa], groups, records: [withdrawn] }, [lodash])).toEqual([]);
    expect(verdicts({ advisories: [ghsa], groups, records: [{ ...withdrawn, source: 'nvd' }] }, [lodash])).toHaveLength(
      1,
    );
  });

  test('of OSV on Red Hat count only where Red Hat has none of its own', () => {
    const bash = installed({
      name: 'bash',
      version: '5.1.8-6.el9',
      versionScheme: 'rpm',
      type: 'rpm',
      namespace: 'rhel:9',
    });
    const rhel = {
      namespace: 'rhel:9',
      packageName: 'bash',
      packageKind: 'binary',
      vulnerabilityId: 'CVE-2022-3715',
    } as const;
    const advisories = [advisory({ ...rhel, source: 'osv', fixed: '5.1.8-7.el9' })];
    expect(verdicts({ advisories }, [bash])).toHaveLength(1);
    const withRhel = { ...coverage, 'rhel:9': [{ source: 'osv' }, { source: 'rhel' }] };
    expect(verdicts({ advisories, coverage: withRhel }, [bash])).toEqual([]);
  });
});

test('packages of one source share the judgement, and each has its match', () => {
  const advisories = [advisory({ vulnerabilityId: 'CVE-2024-5535' })];
  const openssl = installed({ ...OPENSSL, source: OPENSSL });
  expect(match({ advisories }, [libssl, openssl]).matches.map(({ packageId }) => packageId)).toEqual([
    libssl.id,
    openssl.id,
  ]);
});

test('the severity is the word of the publisher who decided, else of one who agrees', () => {
  const unrated = advisory({ vulnerabilityId: 'CVE-2024-5535' });
  const rated = { ...unrated, advisoryId: 'DSA-1', severity: 'low' } as const;
  expect(match({ advisories: [unrated] }).matches[0]?.severity).toBeUndefined();
  expect(match({ advisories: [unrated, rated] }).matches[0]?.severity).toEqual({ word: 'low', source: 'debian' });
});

describe('the ledger', () => {
  const ended = [{ source: 'debian', until: '2026-07-31' }];
  for (const [shows, parts, databaseParts, ledgerClass, reason] of [
    ['a match', { source: OPENSSL }, {}, 'matched', undefined],
    ['no match', {}, {}, 'clean', undefined],
    ['no version', { version: '' }, {}, 'noVersion', 'it states no version'],
    ['a version nobody can read', { version: 'x y' }, {}, 'unreadableVersion', '"x y"'],
    ['a scheme nobody knows', { versionScheme: 'x' }, {}, 'unreadableVersion', '"x"'],
    ['no namespace', { namespace: undefined }, {}, 'unknownNamespace', 'nothing names its release'],
    ['a strange namespace', { namespace: 'templeos:5' }, {}, 'unknownNamespace', 'known by the name templeos:5'],
    ['a release without a feed', { namespace: 'photon:5' }, {}, 'noFeed', 'no source covers photon:5'],
    [
      'the last day of a feed',
      {},
      { coverage: { 'debian:12': [{ ...ended[0]!, until: '2026-08-01' }] } },
      'clean',
      undefined,
    ],
    ['the day after', {}, { coverage: { 'debian:12': ended } }, 'noFeed', 'debian covers debian:12 until 2026-07-31'],
    ['a match after the end', { source: OPENSSL }, { coverage: { 'debian:12': ended } }, 'matched', undefined],
    ['left out', { filtered: 'a key, not software' }, {}, 'filtered', 'a key, not software'],
  ] as const) {
    test(`${shows}: ${ledgerClass}`, () => {
      const one = installed({ name: 'libssl3', ...parts } as Parameters<typeof installed>[0]);
      const { ledger } = match({ advisories: [advisory({ vulnerabilityId: 'CVE-2024-5535' })], ...databaseParts }, [
        one,
      ]);
      const { components, notAssessed, ...counts } = ledger;
      expect(Object.entries(counts).filter(([, count]) => count > 0)).toEqual([[ledgerClass, 1]]);
      expect(components).toBe(1);
      expect(notAssessed.map((entry) => entry.class)).toEqual(reason === undefined ? [] : [ledgerClass]);
      if (reason !== undefined) expect(notAssessed[0]?.reason).toContain(reason);
    });
  }

  test('classes add up', () => {
    const packages = ['', '1', 'x y'].map((version) => installed({ name: `a${version}`, version }));
    const { components, notAssessed, ...counts } = match({}, packages).ledger;
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(components);
    expect(notAssessed.map(({ class: name }) => name)).toEqual(['noVersion', 'unreadableVersion']);
  });

  test('an unreadable version that is listed, or affected like all versions, matches, and is not assessable', () => {
    const strange = installed({ name: 'libssl3', version: 'x y', source: { name: 'openssl', version: 'x y' } });
    const listed = advisory({ vulnerabilityId: 'CVE-2024-1', affected: [], versions: ['x y'] });
    const all = advisory({ vulnerabilityId: 'CVE-2024-2' });
    const ranged = advisory({ vulnerabilityId: 'CVE-2024-3', fixed: '3.0' });
    const { matches, ledger } = match({ advisories: [listed, all, ranged] }, [strange]);
    expect(matches.map(({ vulnerabilityId }) => vulnerabilityId)).toEqual(['CVE-2024-1', 'CVE-2024-2']);
    // What a comparison would have found is unknown, so the package is not called assessed.
    expect(ledger).toMatchObject({ matched: 0, unreadableVersion: 1, notAssessed: [{ class: 'unreadableVersion' }] });
  });
});
