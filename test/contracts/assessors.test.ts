import { describe, expect, test } from 'vitest';
import { assessorContract } from '../../src/assessing/assessor.contract.ts';
import type { Question } from '../../src/assessing/assessor.ts';
import { assessors } from '../../src/assessing/assessors/registry.ts';
import { clearedFinding, sampleFinding, samplePackage } from '../../src/assessing/sample-finding.ts';
import type { KernelVerdict } from '../../src/model/kernel-verdict.ts';
import type { StatementKind } from '../../src/model/vulnerability-statement.ts';

const silent: Question = { finding: sampleFinding, installed: samplePackage, records: [] };
const stated = (kind: StatementKind): Question => ({
  ...silent,
  installed: { ...samplePackage, statements: [{ kind, vulnerabilityId: 'CVE-2024-5535', source: 'cvescan' }] },
});

const judged = (verdict: Pick<KernelVerdict, 'status' | 'justification' | 'available'>): Question => ({
  ...silent,
  kernel: {
    ...{ id: 'CVE-2024-5535', title: 'fix it', decidedBy: 'version' },
    evidence: [{ stage: 'version', reason: 'so it is', evidence: { fixes: ['6.1.9:b'] } }],
    ...verdict,
  },
});

/** A question that each assessor answers. */
const QUESTIONS: Readonly<Record<string, Question>> = {
  'version-mismatch': { ...silent, finding: clearedFinding },
  rejected: { ...silent, records: [{ source: 'nvd', id: 'CVE-2024-5535', withdrawn: '2024-07-01T00:00:00Z' }] },
  'package-whitelisted': stated('ignored'),
  'package-patched': stated('patched'),
  'patch-applied': judged({ status: 'fixed' }),
  'code-removed': judged({ status: 'not_affected', justification: 'code_not_present' }),
  'safe-config': judged({ status: 'not_affected', justification: 'requires_configuration' }),
  'patch-available': judged({ status: 'affected', available: { release: '6.1.9', commits: ['b'.repeat(40)] } }),
};

test('every assessor has a question', () =>
  expect(Object.keys(QUESTIONS).sort()).toEqual(assessors.map(({ name }) => name).sort()));

for (const assessor of assessors) {
  describe(`assessor ${assessor.name}`, () => {
    for (const { name, check } of assessorContract(assessor, { speaks: QUESTIONS[assessor.name]!, silent })) {
      test(name, check);
    }
  });
}
