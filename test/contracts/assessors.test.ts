import { describe, expect, test } from 'vitest';
import { assessorContract } from '../../src/assessing/assessor.contract.ts';
import type { Question } from '../../src/assessing/assessor.ts';
import { assessors } from '../../src/assessing/assessors/registry.ts';
import { clearedFinding, sampleFinding, samplePackage } from '../../src/assessing/sample-finding.ts';
import type { StatementKind } from '../../src/model/vulnerability-statement.ts';

const silent: Question = { finding: sampleFinding, installed: samplePackage, records: [] };
const stated = (kind: StatementKind): Question => ({
  ...silent,
  installed: { ...samplePackage, statements: [{ kind, vulnerabilityId: 'CVE-2024-5535', source: 'cvescan' }] },
});

/** A question that each assessor answers. */
const QUESTIONS: Readonly<Record<string, Question>> = {
  'version-mismatch': { ...silent, finding: clearedFinding },
  rejected: { ...silent, records: [{ source: 'nvd', id: 'CVE-2024-5535', withdrawn: '2024-07-01T00:00:00Z' }] },
  'package-whitelisted': stated('ignored'),
  'package-patched': stated('patched'),
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
