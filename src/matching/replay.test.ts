import { describe, expect, test } from 'vitest';
import { advisory, fakeAdvisories, installed } from '../../test/fake-advisories.ts';
import type { Finding } from '../model/finding.ts';
import { fingerprintOf, issueKeyOf } from './fingerprint.ts';
import { matchPackages } from './match-packages.ts';
import { replay } from './replay.ts';

const OPENSSL = { name: 'openssl', version: '3.0.11-1~deb12u2' };

function findings(...advisories: Parameters<typeof advisory>[0][]) {
  const source = fakeAdvisories({
    advisories: advisories.map(advisory),
    coverage: { 'debian:12': [{ source: 'debian' }] },
  });
  const packages = [installed({ name: 'libssl3', source: OPENSSL })];
  const { matches } = matchPackages(packages, source, { now: new Date('2026-08-01'), allStatements: true });
  return matches.map(({ vulnerabilityId, status, proof }) => {
    const identity = { ...proof.package, vulnerabilityId };
    const vulnerability = { id: vulnerabilityId, aliases: [] };
    return { vulnerability, status, proof, fingerprint: fingerprintOf(identity), issueKey: issueKeyOf(identity) };
  });
}

const FIXED = '3.0.14-1~deb12u1';
const [real] = findings({ vulnerabilityId: 'CVE-2024-5535', fixed: FIXED });

describe('an untouched proof gives the same verdict', () => {
  for (const [shows, parts] of [
    ['affected', { fixed: FIXED }],
    ['fixed', { fixed: '3.0' }],
    ['not affected', { status: 'not_affected', affected: [] }],
    ['under investigation', { fixed: 'later' }],
    ['before the flaw', { affected: [{ introduced: '4', fixed: '5' }] }],
  ] as const) {
    test(shows, () => {
      const [finding] = findings({ vulnerabilityId: 'CVE-2024-5535', ...parts });
      expect(replay(finding!)).toEqual({ status: finding!.status, differences: [] });
    });
  }

  test('with several statements', () => {
    const [finding] = findings(
      { vulnerabilityId: 'CVE-2024-5535', fixed: FIXED },
      { vulnerabilityId: 'CVE-2024-5535', advisoryId: 'DSA-1', fixed: '3.0' },
    );
    expect(finding?.proof.others).toHaveLength(1);
    expect(replay(finding!).differences).toEqual([]);
  });
});

describe('what was changed by hand is said', () => {
  const proof: Finding['proof'] = JSON.parse(JSON.stringify(real!.proof));
  const withProof = (parts: Partial<Finding['proof']>) => ({ ...real!, proof: { ...proof, ...parts } });
  for (const [finding, difference] of [
    [{ ...real!, status: 'not_affected' }, 'the status is "not_affected" in the report, "affected" by its proof'],
    [
      withProof({ advisory: { ...proof.advisory, affected: [{ introduced: '0', fixed: '3.0' }] } }),
      'the outcome of the comparison is "affected" in the report, "not_affected" by its proof',
    ],
    [
      withProof({ identity: { ...proof.identity, version: '9' } }),
      'source package openssl 9 does not follow from the package libssl3 3.0.11-1~deb12u2',
    ],
    [
      withProof({ comparison: { ...proof.comparison, reason: 'because' } }),
      `the reason of the comparison is "because" in the report, "3.0.11-1~deb12u2 < ${FIXED}" by its proof`,
    ],
    [{ ...real!, issueKey: '00' }, 'the issueKey is "00" in the report'],
    [{ ...real!, vulnerability: { id: 'CVE-2024-1', aliases: [] } }, 'the fingerprint is'],
    [withProof({ advisory: { ...proof.advisory, affected: [] } }), 'the advisory says nothing of this version'],
  ] as const) {
    test(difference, () => expect(replay(finding).differences.join('\n')).toContain(difference));
  }
});
