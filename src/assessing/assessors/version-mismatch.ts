import { isConcern } from '../../model/status.ts';
import { type Assessor, NO_ASSESSMENT } from '../assessor.ts';
import { assessmentsByInventory } from '../inventory-statements.ts';

/**
 * A database knows the product, and flags other versions of it than this one; or the inventory says that it has compared. What a
 * publisher says of all versions alike ("not affected") is its own statement, not a comparison, and no mismatch.
 */
export const versionMismatchAssessor: Assessor = {
  name: 'version-mismatch',
  status: 'version mismatch',

  assess(question) {
    const { status, proof } = question.finding;
    if (isConcern(status)) return assessmentsByInventory(question, 'not_in_range', 'version mismatch');
    const { advisory, comparison } = proof;
    if (comparison.outcome !== 'not_affected' || advisory.status === 'not_affected') return NO_ASSESSMENT;
    return [
      {
        status: 'version mismatch',
        source: advisory.source,
        detail: comparison.reason,
        evidence: { advisories: [advisory.advisoryId], versions: [comparison.version] },
      },
    ];
  },
};
