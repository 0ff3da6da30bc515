import type { Assessor } from '../assessor.ts';
import { packagePatchedAssessor } from './package-patched.ts';
import { packageWhitelistedAssessor } from './package-whitelisted.ts';
import { rejectedAssessor } from './rejected.ts';
import { versionMismatchAssessor } from './version-mismatch.ts';

/** All assessors, in the order in which reports list what they say. */
export const assessors: readonly Assessor[] = [
  versionMismatchAssessor,
  rejectedAssessor,
  packageWhitelistedAssessor,
  packagePatchedAssessor,
];
