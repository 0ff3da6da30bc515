import type { Assessor } from '../assessor.ts';
import { codeRemovedAssessor } from './code-removed.ts';
import { packagePatchedAssessor } from './package-patched.ts';
import { packageWhitelistedAssessor } from './package-whitelisted.ts';
import { patchAppliedAssessor } from './patch-applied.ts';
import { patchAvailableAssessor } from './patch-available.ts';
import { rejectedAssessor } from './rejected.ts';
import { safeConfigAssessor } from './safe-config.ts';
import { versionMismatchAssessor } from './version-mismatch.ts';

/** All assessors, in the order in which reports list what they say. */
export const assessors: readonly Assessor[] = [
  versionMismatchAssessor,
  rejectedAssessor,
  packageWhitelistedAssessor,
  packagePatchedAssessor,
  patchAppliedAssessor,
  codeRemovedAssessor,
  safeConfigAssessor,
  patchAvailableAssessor,
];
