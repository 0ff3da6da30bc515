import { type Assessor, NO_ASSESSMENT } from '../assessor.ts';
import { kernelAssessment } from '../kernel-assessment.ts';

/** The kernel's configuration does not compile the flawed code. */
export const safeConfigAssessor: Assessor = {
  name: 'safe-config',
  status: 'safe config',
  assess: ({ kernel }) =>
    kernel?.status === 'not_affected' && kernel.justification === 'requires_configuration'
      ? [kernelAssessment('safe config', kernel)]
      : NO_ASSESSMENT,
};
