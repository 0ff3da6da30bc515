import { type Assessor, NO_ASSESSMENT } from '../assessor.ts';
import { kernelAssessment } from '../kernel-assessment.ts';

/** The kernel holds the fix: by its release, its history, its changelog, or the fix's own lines. */
export const patchAppliedAssessor: Assessor = {
  name: 'patch-applied',
  status: 'patch applied',
  assess: ({ kernel }) => (kernel?.status === 'fixed' ? [kernelAssessment('patch applied', kernel)] : NO_ASSESSMENT),
};
