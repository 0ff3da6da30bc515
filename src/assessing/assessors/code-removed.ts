import { type Assessor, NO_ASSESSMENT } from '../assessor.ts';
import { kernelAssessment } from '../kernel-assessment.ts';

/** The kernel never had the flawed code: the breaking commit is absent, or the code is of other architectures. */
export const codeRemovedAssessor: Assessor = {
  name: 'code-removed',
  status: 'code removed',
  assess: ({ kernel }) =>
    kernel?.status === 'not_affected' && kernel.justification === 'code_not_present'
      ? [kernelAssessment('code removed', kernel)]
      : NO_ASSESSMENT,
};
