import { describe, expect, test } from 'vitest';
import { advisory, type FakeDatabase, fakeAdvisories, installed } from '../../test/fake-advisories.ts';
import { sampleReport } from '../../test/sample-report.ts';
import type { Package } from '../model/package.ts';
import { judge } from './judge.ts';

const now = new Date('2026-08-01T00:00:00Z');

function report(database: FakeDatabase, packages: readonly Package[], options = {}) {
  const layers = [
    { index: 0, digest: 'sha256:aa', createdBy: 'debootstrap bookworm', verification: 'verified' },
    { index: 1, digest: 'sha256:bb', verification: 'verified' },
    { index: 2, digest: 'sha256:aa', createdBy: 'the same layer again', verification: 'verified' },
  ] as const;
  const inventory = { target: { kind: 'image', name: 'i' }, packages, layers, problems: [] } as const;
  return judge(inventory, fakeAdvisories({ coverage: { 'debian:12': [{ source: 'debian' }] }, ...database }), {
    now,
    ...options,
  });
}

const openssl = installed({ name: 'openssl' });
const cve = advisory({ vulnerabilityId: 'CVE-2024-5535' });

describe('severity', () => {
  const score = { version: '3.1', vector: 'x', score: 9.8, source: 'nvd@nist.gov', type: 'Primary' };
  const nvd = { source: 'nvd', id: 'CVE-2024-5535', cvss: [score] };
  const own = { source: 'debian', id: 'CVE-2024-5535', severity: 'medium' } as const;
  for (const [shows, stated, records, severity] of [
    ['the word for the package', { ...cve, severity: 'low' as const }, [nvd, own], { word: 'low', source: 'debian' }],
    ['the word of the same publisher for the flaw', cve, [nvd, own], { word: 'medium', source: 'debian' }],
    ['the band of a score', cve, [nvd], { word: 'critical', source: 'nvd@nist.gov' }],
    ["not another's word", cve, [{ ...own, source: 'uct' }], { word: 'unknown', source: 'debian' }],
  ] as const) {
    test(shows, () => {
      const { findings, vulnerabilities } = report({ advisories: [stated], records }, [openssl]);
      expect(findings[0]?.severity).toEqual(severity);
      expect(vulnerabilities[0]?.severity).toBe(severity.word);
    });
  }

  test('of a vulnerability is the highest of its findings', () => {
    const zlib = installed({ name: 'zlib' });
    const advisories = [
      { ...cve, severity: 'low' as const },
      { ...cve, packageName: 'zlib', severity: 'high' as const },
    ];
    expect(report({ advisories }, [openssl, zlib]).vulnerabilities).toMatchObject([
      { id: 'CVE-2024-5535', severity: 'high' },
    ]);
  });
});

describe('fingerprints are unique within a report', () => {
  const unique = ({ findings }: { findings: readonly { fingerprint: string }[] }) =>
    new Set(findings.map(({ fingerprint }) => fingerprint)).size === findings.length;

  test('of many packages', () => expect(unique(sampleReport({ allStatements: true }))).toBe(true));

  test('of two packages that are alike', () => {
    const { findings } = report({ advisories: [cve] }, [openssl, { ...openssl, id: `${openssl.id}#2` }]);
    expect(findings).toHaveLength(2);
    expect(unique({ findings })).toBe(true);
  });

  test('and stay when other packages come', () => {
    const alone = report({ advisories: [cve] }, [openssl]).findings[0]?.fingerprint;
    const { findings } = report({ advisories: [cve] }, [installed({ name: 'openssl', version: '1.0' }), openssl]);
    expect(findings.map(({ fingerprint }) => fingerprint)).toContain(alone);
  });
});

describe('the layer that introduced a package', () => {
  const introduced = (locations: Package['locations']) =>
    report({ advisories: [cve] }, [{ ...openssl, locations }]).findings[0]?.introducedBy;

  test('is the lowest of its digest', () =>
    expect(introduced([{ layer: 'sha256:aa', path: 'p' }])).toEqual({
      layer: 'sha256:aa',
      index: 0,
      createdBy: 'debootstrap bookworm',
    }));
  test('may have no history', () =>
    expect(introduced([{ layer: 'sha256:bb', path: 'p' }])).toEqual({ layer: 'sha256:bb', index: 1 }));
  test('is unknown for documents', () => expect(introduced([{ path: 'p' }])).toBeUndefined());
});

describe('what is listed', () => {
  const advisories = [
    { ...cve, severity: 'low' as const },
    advisory({ vulnerabilityId: 'CVE-2025-9230', severity: 'high', fixed: '9' }),
    advisory({ vulnerabilityId: 'CVE-2022-0778', fixed: '1.0' }),
  ];
  for (const [options, ids] of [
    [{}, ['CVE-2024-5535', 'CVE-2025-9230']],
    [{ minSeverity: 'medium' }, ['CVE-2025-9230']],
    [{ onlyFixed: true }, ['CVE-2025-9230']],
    [{ allStatements: true }, ['CVE-2022-0778', 'CVE-2024-5535', 'CVE-2025-9230']],
  ] as const) {
    test(JSON.stringify(options), () => {
      const { findings, vulnerabilities, ledger } = report({ advisories }, [openssl], options);
      expect(findings.map(({ vulnerability }) => vulnerability.id)).toEqual(ids);
      expect(vulnerabilities.map(({ id }) => id)).toEqual(ids);
      expect(ledger).toMatchObject({ components: 1, matched: 1 });
    });
  }
});

test('texts are those of NVD, scores and references of all', () => {
  const id = 'CVE-2024-5535';
  const records = [
    {
      source: 'osv',
      id,
      summary: 'short',
      description: 'of OSV',
      references: [{ url: 'b' }, { url: 'a', tags: ['Patch'] }],
    },
    {
      source: 'nvd',
      id,
      description: 'of NVD',
      references: [{ url: 'a' }],
      published: '2024-06-27T00:00:00Z',
      cwes: ['CWE-2'],
    },
    { source: 'uct', id, description: 'of Ubuntu', published: '2024-06-26T00:00:00Z', cwes: ['CWE-1', 'CWE-2'] },
  ];
  expect(report({ advisories: [cve], records }, [openssl]).vulnerabilities).toMatchObject([
    {
      ...{ summary: 'short', description: 'of NVD', published: '2024-06-26T00:00:00Z', cwes: ['CWE-1', 'CWE-2'] },
      references: [{ url: 'a', tags: ['Patch'] }, { url: 'b' }],
    },
  ]);
});
