import assert from 'node:assert/strict';
import { STATEMENT_KINDS } from '../model/vulnerability-statement.ts';
import type { Assessor, Question } from './assessor.ts';

/** One demand of the contract, by its sentence. */
interface ContractCheck {
  readonly name: string;
  readonly check: () => void;
}

/** The contract of assessors, as plain functions. `speaks` is a question that it answers, `silent` one of which nothing is known. */
export function assessorContract(
  assessor: Assessor,
  { speaks, silent }: { readonly speaks: Question; readonly silent: Question },
): readonly ContractCheck[] {
  return [
    {
      name: 'its name is its status with hyphens',
      check: () => assert.equal(assessor.name, assessor.status.replaceAll(' ', '-')),
    },
    {
      name: 'it answers with its own status, a source, a sentence and evidence, the same every time',
      check: () => {
        const said = assessor.assess(speaks);
        assert.ok(said.length > 0, 'it has nothing to say of its own question');
        for (const { status, source, detail, evidence } of said) {
          assert.equal(status, assessor.status);
          assert.ok(source !== '' && detail !== '');
          assert.ok(Object.values(evidence).some((items) => items.length > 0));
        }
        assert.deepEqual(assessor.assess(speaks), said);
      },
    },
    {
      name: 'it is silent where nothing is known',
      check: () => assert.deepEqual(assessor.assess(silent), []),
    },
    {
      name: 'it takes what an inventory says of another vulnerability for nothing',
      check: () => {
        const statements = STATEMENT_KINDS.map((kind) => ({
          kind,
          vulnerabilityId: 'CVE-1999-0001',
          source: 'contract',
        }));
        assert.deepEqual(assessor.assess({ ...silent, installed: { ...silent.installed, statements } }), []);
      },
    },
  ];
}
