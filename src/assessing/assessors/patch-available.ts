import { type Assessor, NO_ASSESSMENT } from '../assessor.ts';
import { kernelAssessment } from '../kernel-assessment.ts';

/** A later release of the kernel holds the fix; the status stays. */
export const patchAvailableAssessor: Assessor = {
  name: 'patch-available',
  status: 'patch available',

  assess({ kernel }) {
    if (!kernel?.available) return NO_ASSESSMENT;
    const { release, commits } = kernel.available;
    const urls = commits.map((commit) => `https://git.kernel.org/stable/c/${commit}`);
    const more = { releases: [release], commits, urls };
    return [kernelAssessment('patch available', kernel, { detail: `Linux ${release} holds the fix`, more })];
  },
};
