import type { Finding } from '../model/finding.ts';
import { decideStatus } from '../model/finding-status.ts';
import type { Package } from '../model/package.ts';
import type { Status } from '../model/status.ts';
import type { FindKernelVerdict } from './assess-findings.ts';
import { assessors } from './assessors/registry.ts';
import { isOfKernel } from './kernel-assessment.ts';

/** What the findings of a report are assessed with anew. */
export interface AssessKernelsOptions {
  readonly packages: readonly Package[];
  readonly kernelVerdict: FindKernelVerdict;
  /** What the advisories alone say of a finding; undefined where its report does not tell. */
  readonly matchedStatus: (finding: Finding) => Status | undefined;
}

/**
 * The findings of a report with what is known of its kernels now: earlier verdicts of the kernel's stages are replaced, all others stay,
 * so that a second time changes nothing.
 */
export function assessKernels(
  findings: readonly Finding[],
  { packages, kernelVerdict, matchedStatus }: AssessKernelsOptions,
): readonly Finding[] {
  const byId = new Map(packages.map((item) => [item.id, item]));
  return findings.map((finding) => {
    const { id, aliases } = finding.vulnerability;
    const installed = byId.get(finding.packageId);
    const kernel = installed && kernelVerdict([id, ...aliases], installed);
    const { assessments = [], status: _, contradiction: __, automaticStatus: ___, ...rest } = finding;
    const others = assessments.filter((one) => !isOfKernel(one));
    if (!kernel && others.length === assessments.length) return finding;
    const own =
      kernel && installed ? assessors.flatMap((one) => one.assess({ finding, installed, records: [], kernel })) : [];
    const said = [...others, ...own.filter(isOfKernel)];
    const matched = matchedStatus(finding) ?? unstatedStatus(finding, others.length < assessments.length);
    const verdicts = {
      ...(finding.vex && { vex: finding.vex }),
      ...(finding.annotation && { annotation: finding.annotation }),
    };
    const { status, automatic, contradiction } = decideStatus(matched, { ...verdicts, assessments: said });
    const { assessments: ____, ...bare } = rest as Finding;
    return {
      ...bare,
      status,
      ...(said.length > 0 && { assessments: said }),
      ...(contradiction !== undefined && { contradiction }),
      ...(finding.annotation && { automaticStatus: automatic }),
    };
  });
}

/** A finding that a kernel's stage has judged was open before. */
function unstatedStatus({ status, automaticStatus = status }: Finding, wasJudged: boolean): Status {
  return wasJudged ? 'affected' : automaticStatus;
}
