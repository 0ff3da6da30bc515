import type { Assessment, AssessmentStatus } from '../model/assessment.ts';
import type { KernelVerdict, StageVerdict } from '../model/kernel-verdict.ts';

/** Assessments by the kernel's stages name them: `kernel version`. */
const SOURCE = 'kernel ';

/** Whether an assessment is one by a kernel's stages. */
export const isOfKernel = ({ source }: Assessment): boolean => source.startsWith(SOURCE);

/** An automatic verdict that rests on the stage which decided. */
export function kernelAssessment(
  status: AssessmentStatus,
  { decidedBy, evidence }: KernelVerdict,
  { detail, more }: { readonly detail?: string; readonly more?: StageVerdict['evidence'] } = {},
): Assessment {
  const decisive = evidence.find(({ stage }) => stage === decidedBy);
  return {
    status,
    source: `${SOURCE}${decidedBy ?? 'release'}`,
    detail: detail ?? decisive?.reason ?? '',
    evidence: { ...decisive?.evidence, ...more },
  };
}
