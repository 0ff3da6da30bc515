import { expect, test } from 'vitest';
import { advisory, fakeAdvisories, installed } from '../../test/fake-advisories.ts';
import { loadCvssScorer } from '../documents/cvss.ts';
import type { Cvss } from '../model/vulnerability.ts';
import { judge } from './judge.ts';

const VECTOR = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const scoreOf = await loadCvssScorer();

function report(cvss: readonly Cvss[], scorer = scoreOf) {
  const inventory = {
    ...({ target: { kind: 'directory', name: '/' }, layers: [], problems: [] } as const),
    packages: [installed({ name: 'openssl' })],
  };
  const source = fakeAdvisories({
    advisories: [advisory({ vulnerabilityId: 'CVE-2024-5535' })],
    coverage: { 'debian:12': [{ source: 'debian' }] },
    records: [{ source: 'osv', id: 'CVE-2024-5535', cvss }],
  });
  return judge(inventory, source, { now: new Date('2026-08-01T00:00:00Z'), scoreOf: scorer });
}

test('a vector without a score gets the one that follows from it, and the finding its band', () => {
  const { findings, vulnerabilities } = report([{ version: '3.1', vector: VECTOR, source: 'osv' }]);
  expect(vulnerabilities[0]?.cvss).toEqual([{ version: '3.1', vector: VECTOR, source: 'osv', score: 9.8 }]);
  expect(findings[0]?.severity).toEqual({ word: 'critical', source: 'osv' });
});

test('a published score stays, whatever the vector says', () =>
  expect(report([{ version: '3.1', vector: VECTOR, source: 'osv', score: 4.2 }]).findings[0]?.severity.word).toBe(
    'medium',
  ));

test('what is no vector gets none', () =>
  expect(report([{ version: '3.1', vector: 'x', source: 'osv' }]).findings[0]?.severity.word).toBe('unknown'));
