import { describe, expect, test } from 'vitest';
import type { Finding } from '../model/finding.ts';
import type { Package } from '../model/package.ts';
import type { VulnerabilityRecord } from '../model/vulnerability.ts';
import type { VulnerabilityStatement } from '../model/vulnerability-statement.ts';
import { readAnnotations } from './annotations.ts';
import { assessFindings, type Opinions } from './assess-findings.ts';
import { clearedFinding, sampleFinding, samplePackage } from './sample-finding.ts';

const now = new Date('2026-08-01T00:00:00Z');

interface Given {
  readonly finding?: Finding;
  readonly statements?: readonly VulnerabilityStatement[];
  readonly records?: readonly VulnerabilityRecord[];
  readonly opinions?: Opinions;
}

function assess({ finding = sampleFinding, statements = [], records = [], opinions = {} }: Given) {
  const item: Package = { ...samplePackage, statements };
  const { id, aliases } = finding.vulnerability;
  const { findings, problems } = assessFindings([finding], {
    inventory: { target: { kind: 'image', name: 'shop.tar' }, packages: [item] },
    vulnerabilities: new Map([[id, { id, aliases, records }]]),
    opinions,
    now,
  });
  return { ...findings[0]!, problems };
}

const statement = (kind: VulnerabilityStatement['kind'], more: Partial<VulnerabilityStatement> = {}) => ({
  ...{ vulnerabilityId: 'CVE-2024-5535', kind, source: 'cvescan patched_cves' },
  ...more,
});
const rejection = (more: Partial<VulnerabilityRecord> = {}): VulnerabilityRecord => ({
  ...{ source: 'nvd', id: 'CVE-2024-5535', withdrawn: '2024-07-01T10:00:00Z' },
  ...more,
});
const alsoNamedAs = (vulnerabilityId: string, status: 'affected' | 'fixed'): Finding => {
  const { identity, advisory, comparison } = sampleFinding.proof;
  const voice = { identity, comparison, status, advisory: { ...advisory, source: 'osv', vulnerabilityId } };
  return { ...sampleFinding, proof: { ...sampleFinding.proof, others: [voice] } };
};

describe('automatic verdicts', () => {
  const cases: readonly (readonly [Given, readonly string[], Finding['status'], string])[] = [
    [{}, [], 'affected', 'nothing is said'],
    [{ finding: clearedFinding }, ['version mismatch'], 'fixed', 'a version outside what is flagged'],
    [{ statements: [statement('not_in_range')] }, ['version mismatch'], 'not_affected', 'the inventory has compared'],
    [{ statements: [statement('patched')] }, ['package patched'], 'fixed', 'a patch is built in'],
    [{ statements: [statement('ignored')] }, ['package whitelisted'], 'not_affected', 'the recipe ignores it'],
    [
      { statements: [statement('patched', { vulnerabilityId: 'GHSA-4fc7-mvrr-wv2c' })] },
      ['package patched'],
      'fixed',
      'under an alias',
    ],
    [
      { statements: [statement('patched', { vulnerabilityId: 'CVE-2024-2511' })] },
      [],
      'affected',
      'of another vulnerability',
    ],
    [{ statements: [statement('affected')] }, [], 'affected', 'what is said agrees'],
    [
      { statements: [statement('patched'), statement('affected')] },
      ['package patched'],
      'affected',
      'an inventory that contradicts itself',
    ],
    [
      { statements: [statement('patched'), statement('ignored')] },
      ['package whitelisted', 'package patched'],
      'fixed',
      'two verdicts',
    ],
    [{ records: [rejection()] }, ['rejected'], 'not_affected', 'NVD took it back'],
    [{ records: [rejection({ source: 'osv' })] }, [], 'affected', "OSV withdraws its copy of NVD's record"],
    [
      { records: [rejection({ id: 'GHSA-4fc7-mvrr-wv2c', source: 'osv' })] },
      [],
      'affected',
      'an alias that no advisory uses',
    ],
    [
      { records: [rejection()], finding: alsoNamedAs('GHSA-4fc7-mvrr-wv2c', 'affected') },
      [],
      'affected',
      'another id stands',
    ],
    [
      { records: [rejection()], finding: alsoNamedAs('GHSA-4fc7-mvrr-wv2c', 'fixed') },
      ['rejected'],
      'not_affected',
      'another id concerns nobody',
    ],
  ];
  for (const [given, statuses, status, shows] of cases) {
    test(`${shows}: ${statuses.join(', ') || 'none'}, ${status}`, () => {
      const finding = assess(given);
      expect(finding.assessments?.map((one) => one.status) ?? []).toEqual(statuses);
      expect(finding.status).toBe(status);
    });
  }

  test('each names its source and evidence', () =>
    expect(assess({ statements: [statement('patched', { detail: 'CVE-2024-5535.patch' })] }).assessments).toEqual([
      {
        ...{ status: 'package patched', source: 'cvescan patched_cves', detail: 'CVE-2024-5535.patch' },
        evidence: { statements: ['cvescan patched_cves: CVE-2024-5535 patched'] },
      },
    ]));

  test("a publisher's word on all versions is no mismatch", () => {
    const { proof } = clearedFinding;
    const finding: Finding = {
      ...clearedFinding,
      status: 'not_affected',
      proof: { ...proof, advisory: { ...proof.advisory, status: 'not_affected', affected: [] } },
    };
    expect(assess({ finding }).assessments).toBeUndefined();
  });

  test('a finding of which nothing is said is the same object', () =>
    expect(
      assessFindings([sampleFinding], {
        inventory: { target: { kind: 'image', name: 'x' }, packages: [samplePackage] },
        ...{ vulnerabilities: new Map(), opinions: {}, now },
      }).findings[0],
    ).toBe(sampleFinding));
});

test('an annotation has the last word, and the automatic status is kept', () => {
  const annotations = readAnnotations(
    JSON.stringify({
      version: '2.0.0',
      annotations: [
        { vulnerability_name: 'CVE-2024-5535', last_status: 'exploitable', last_vulnerable: true, logs: [] },
      ],
    }),
    'a.json',
    {},
  );
  expect(assess({ statements: [statement('patched')], opinions: { annotations } })).toMatchObject({
    ...{ status: 'affected', automaticStatus: 'fixed' },
    annotation: { status: 'exploitable', isVulnerable: true },
  });
});
