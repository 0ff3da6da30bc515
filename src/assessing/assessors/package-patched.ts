import type { Assessor } from '../assessor.ts';
import { assessmentsByInventory } from '../inventory-statements.ts';

/** The inventory says that a patch for the vulnerability is built in: `patched_cves`, a pedigree, `Patched` of Yocto. */
export const packagePatchedAssessor: Assessor = {
  name: 'package-patched',
  status: 'package patched',
  assess: (question) => assessmentsByInventory(question, 'patched', 'package patched'),
};
