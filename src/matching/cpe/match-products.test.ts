import { describe, expect, test } from 'vitest';
import { advisory, fakeAdvisories, installed } from '../../../test/fake-advisories.ts';
import type { Confidence } from '../../model/confidence.ts';
import type { CpeConfiguration, CpeCriteria, CpeNode } from '../../model/cpe-configuration.ts';
import type { Package } from '../../model/package.ts';
import { fingerprintOf, issueKeyOf } from '../fingerprint.ts';
import { matchPackages } from '../match-packages.ts';
import { replay } from '../replay.ts';

const NOW = new Date('2026-02-01T00:00:00Z');

const cpe = (name: string): string => `cpe:2.3:${name}${':*'.repeat(11 - name.split(':').length)}`;
const criterion = (name: string, bounds: Partial<CpeCriteria> = {}): CpeCriteria => ({
  criteria: cpe(name),
  vulnerable: true,
  ...bounds,
});
const runningOn = (name: string): CpeCriteria => criterion(name, { vulnerable: false });
const or = (...criteria: CpeCriteria[]): CpeNode => ({ operator: 'OR', negate: false, criteria });
const and = (...nodes: CpeNode[]): CpeConfiguration => ({ operator: 'AND', negate: false, nodes });
const any = (...nodes: CpeNode[]): CpeConfiguration => ({ operator: 'OR', negate: false, nodes });

/** A package that only a CPE speaks of. */
const product = (name: string, version: string, ...cpes: string[]): Package => ({
  ...{ id: `generic/${name}@${version}`, name, version, versionScheme: 'generic', type: 'generic' },
  locations: [{ path: 'sbom.json' }],
  cpes,
});

interface Case {
  readonly packages: readonly Package[];
  readonly configurations: readonly CpeConfiguration[];
  readonly minConfidence?: Confidence;
  readonly allStatements?: boolean;
}

function match({ packages, configurations, ...options }: Case) {
  const source = fakeAdvisories({ products: { 'CVE-2020-1': configurations } });
  return matchPackages(packages, source, { now: NOW, ...options });
}

const curl = product('curl', '7.80.0', cpe('a:haxx:curl:7.80.0'));
const curlBelow8 = or(criterion('a:haxx:curl', { versionEndExcluding: '8.0.0' }));

describe('configurations', () => {
  for (const [configuration, packages, count, shows] of [
    [any(curlBelow8), [curl], 1, 'one product'],
    [any(or(criterion('a:v:other')), curlBelow8), [curl], 1, 'any of several nodes'],
    [and(curlBelow8, or(runningOn('o:linux:linux_kernel'))), [curl], 1, 'running on what nothing disproves'],
    [and(curlBelow8, or(runningOn('h:cisco:asa'))), [curl], 1, 'hardware: inventories do not list it'],
    [and(curlBelow8, or(runningOn('o:microsoft:windows'))), [curl], 1, 'of an inventory that may be of any system'],
    [
      and(curlBelow8, or(runningOn('o:microsoft:windows'))),
      [curl, product('linux', '6.1', cpe('o:linux:linux_kernel:6.1'))],
      0,
      'Windows, disproved by a Linux kernel',
    ],
    [and(curlBelow8, or(runningOn('o:apple:macos'))), [curl, installed({ name: 'dash' })], 0, 'or by its packages'],
    [
      and(curlBelow8, or(runningOn('o:apple:macos'), runningOn('o:fedoraproject:fedora'))),
      [curl, installed({ name: 'dash' })],
      1,
      'one of several systems will do',
    ],
    [
      and(curlBelow8, or(criterion('a:openssl:openssl:3.0.0', { vulnerable: false }))),
      [curl, product('openssl', '3.0.0', cpe('a:openssl:openssl:3.0.0'))],
      1,
      'with another product that is there',
    ],
    [
      and(curlBelow8, or(criterion('a:openssl:openssl:3.0.0', { vulnerable: false }))),
      [curl, product('openssl', '3.0.1', cpe('a:openssl:openssl:3.0.1'))],
      0,
      'with another product of which another version is there',
    ],
    [and(curlBelow8, or(criterion('a:v:partner'))), [curl], 0, 'with a flawed partner that is not there'],
    [
      and(curlBelow8, or(criterion('a:v:partner_lib'))),
      [curl, installed({ name: 'Partner-Lib' })],
      1,
      'or may be there, by its name',
    ],
    [
      any({ operator: 'AND', negate: false, criteria: [...curlBelow8.criteria, criterion('a:v:partner')] }),
      [curl],
      0,
      'AND within a node',
    ],
    [
      and(curlBelow8, { operator: 'OR', negate: true, criteria: [criterion('a:v:guard:1', { vulnerable: false })] }),
      [curl, product('guard', '1', cpe('a:v:guard:1'))],
      0,
      'but not with what protects it',
    ],
    [
      and(curlBelow8, { operator: 'OR', negate: true, criteria: [criterion('a:v:guard:1', { vulnerable: false })] }),
      [curl, product('guard', '2', cpe('a:v:guard:2'))],
      1,
      'which is not there in that version',
    ],
    [any({ ...curlBelow8, negate: true }), [curl], 0, 'a negated node names nobody as flawed'],
    [{ ...any(curlBelow8), negate: true }, [curl], 0, 'nor does a negated configuration'],
    [any(or(runningOn('a:haxx:curl'))), [curl], 0, 'what others run on is not flawed itself'],
  ] as const) {
    test(shows, () => expect(match({ packages, configurations: [configuration] }).matches).toHaveLength(count));
  }
});

describe('confidence', () => {
  const other = product('curl', '7.80.0', cpe('a:curl:curl:7.80.0'));
  const unversioned = product('curl', '', cpe('a:haxx:curl'));
  const nameless = { ...product('curl', '7.80.0'), purl: 'pkg:generic/curl@7.80.0' };
  const configurations = [any(curlBelow8)];
  for (const [installed, minConfidence, count, shows] of [
    [curl, 'exact', 1, 'vendor and product'],
    [unversioned, 'exact', 0, 'no version'],
    [unversioned, 'wildcard', 1, 'no version, asked for'],
    [other, 'wildcard', 0, 'another vendor'],
    [other, 'product', 1, 'another vendor, asked for'],
    [nameless, 'product', 0, 'no CPE'],
    [nameless, 'guessed', 1, 'no CPE, asked for'],
  ] as const) {
    test(`${minConfidence}: ${shows}`, () => {
      const { matches, ledger } = match({ packages: [installed], configurations, minConfidence });
      expect(matches).toHaveLength(count);
      expect(ledger).toEqual(match({ packages: [installed], configurations }).ledger);
    });
  }
});

describe('the ledger', () => {
  const classes = ({ ledger: { notAssessed, components, ...counts } }: ReturnType<typeof match>) =>
    Object.entries(counts).filter(([, count]) => count > 0);
  const configurations = [any(curlBelow8)];

  test('a package with a CPE is assessed by NVD', () => {
    const fixed = product('curl', '8.0.0', cpe('a:haxx:curl:8.0.0'));
    expect(classes(match({ packages: [curl], configurations }))).toEqual([['matched', 1]]);
    expect(classes(match({ packages: [fixed], configurations }))).toEqual([['clean', 1]]);
  });

  test('one whose CPE says too little is not, and the ledger says why', () => {
    for (const [installed, reason] of [
      [
        product('curl', '', cpe('a:haxx:curl')),
        'nothing names its release; its CPE has no version that can be compared',
      ],
      [product('curl', '8', 'cpe:2.3:a:haxx'), 'nothing names its release; its CPE names no product'],
      [product('curl', '8'), 'nothing names its release'],
    ] as const) {
      expect(match({ packages: [installed], configurations }).ledger.notAssessed[0]).toMatchObject({ reason });
    }
  });

  test('without NVD in the database it is not', () => {
    const { ledger } = matchPackages([curl], fakeAdvisories(), { now: NOW });
    expect(ledger.notAssessed[0]).toMatchObject({ reason: 'nothing names its release; no source speaks of its CPE' });
  });

  test('what is filtered stays out', () => {
    expect(match({ packages: [{ ...curl, filtered: 'used to build' }], configurations }).matches).toEqual([]);
  });
});

describe('who knows better', () => {
  const lodash: Package = {
    ...product('lodash', '4.17.20', cpe('a:lodash:lodash:4.17.20')),
    ...{ versionScheme: 'semver', type: 'npm', namespace: 'npm' },
  };
  const products = { 'CVE-2021-23337': [any(or(criterion('a:lodash:lodash', { versionEndExcluding: '4.17.21' })))] };
  const ghsa = { source: 'osv', namespace: 'npm', packageName: 'lodash', packageKind: 'binary' } as const;
  const groups = [['CVE-2021-23337', 'GHSA-35jh-r3h4-6jhm']];
  const coverage = { npm: [{ source: 'osv' }], 'debian:12': [{ source: 'debian' }] };

  test('a distribution, of its packages', () => {
    const openssl = installed({ name: 'openssl', cpes: [cpe('a:openssl:openssl:3.0.11')] });
    const source = fakeAdvisories({
      products: { 'CVE-2020-1': [any(or(criterion('a:openssl:openssl')))] },
      coverage,
    });
    expect(matchPackages([openssl], source, { now: NOW }).matches).toEqual([]);
    const uncovered = { ...openssl, namespace: 'debian:7' };
    expect(matchPackages([uncovered], source, { now: NOW }).matches).toHaveLength(1);
  });

  test('OSV, of language packages: what it says of a CVE decides, and NVD is heard', () => {
    for (const [fixed, count] of [
      ['4.17.21', 1],
      ['4.17.20', 0],
    ] as const) {
      const advisories = [advisory({ ...ghsa, vulnerabilityId: 'GHSA-35jh-r3h4-6jhm', fixed })];
      const source = fakeAdvisories({ products, coverage, groups, advisories });
      const { matches } = matchPackages([lodash], source, { now: NOW });
      expect(matches).toHaveLength(count);
      for (const one of matches) {
        expect(one).toMatchObject({ vulnerabilityId: 'CVE-2021-23337', proof: { advisory: { source: 'osv' } } });
        expect(one.confidence).toBeUndefined();
        expect(one.proof.others).toMatchObject([{ identity: { by: 'cpe' }, advisory: { source: 'nvd' } }]);
      }
    }
  });

  test('NVD, where OSV is silent', () => {
    const source = fakeAdvisories({ products, coverage, groups });
    expect(matchPackages([lodash], source, { now: NOW }).matches).toMatchObject([
      { confidence: 'exact', fixedVersions: ['4.17.21'], proof: { identity: { by: 'cpe' } } },
    ]);
  });

  test('the surer of two CPEs', () => {
    const both = product('curl', '8.0.0', cpe('a:haxx:curl:8.0.0'), cpe('a:haxx:curl'));
    const { matches } = match({
      packages: [both],
      configurations: [any(curlBelow8)],
      minConfidence: 'wildcard',
      allStatements: true,
    });
    expect(matches).toMatchObject([{ status: 'fixed', confidence: 'exact' }]);
  });
});

describe('replay', () => {
  const cases: readonly Case[] = [
    { packages: [curl], configurations: [any(curlBelow8)] },
    { packages: [curl], configurations: [and(curlBelow8, or(runningOn('h:cisco:asa')))] },
    { packages: [{ ...curl, cpes: [cpe('a:haxx:curl:7.80.0:rc1')] }], configurations: [any(curlBelow8)] },
    {
      packages: [curl, installed({ name: 'dash' })],
      configurations: [and(curlBelow8, or(runningOn('o:apple:macos')))],
    },
    { packages: [product('curl', '8.0.0', cpe('a:haxx:curl:8.0.0'))], configurations: [any(curlBelow8)] },
    { packages: [product('curl', '', cpe('a:haxx:curl'))], configurations: [any(curlBelow8)] },
    { packages: [product('curl', '7.1', cpe('a:curl:curl:7.1'))], configurations: [any(curlBelow8)] },
    { packages: [product('curl', '7.1')], configurations: [any(curlBelow8)] },
  ];

  for (const [index, one] of cases.entries()) {
    test(`case ${index} follows from its proof`, () => {
      const { matches } = match({ ...one, allStatements: true, minConfidence: 'guessed' });
      expect(matches).toHaveLength(1);
      const { proof, status, vulnerabilityId } = matches[0]!;
      const identity = { ...proof.package, vulnerabilityId };
      const finding = {
        ...{ proof, status, vulnerability: { id: vulnerabilityId, aliases: [] } },
        ...{ fingerprint: fingerprintOf(identity), issueKey: issueKeyOf(identity) },
      };
      expect(replay(finding)).toEqual({ status, differences: [] });
    });
  }
});
