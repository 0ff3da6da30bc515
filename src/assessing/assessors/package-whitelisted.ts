import type { Assessor } from '../assessor.ts';
import { assessmentsByInventory } from '../inventory-statements.ts';

/** The inventory says that the vulnerability does not count, or does not apply: `cve_whitelist`, `Ignored` of Yocto, an analysis. */
export const packageWhitelistedAssessor: Assessor = {
  name: 'package-whitelisted',
  status: 'package whitelisted',
  assess: (question) => assessmentsByInventory(question, 'ignored', 'package whitelisted'),
};
