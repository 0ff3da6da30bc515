import { openSnapshot } from '../advisories/open-snapshot.ts';
import { assessKernels } from '../assessing/assess-kernels.ts';
import { replay } from '../matching/replay.ts';
import type { Finding } from '../model/finding.ts';
import type { Problem } from '../model/problem.ts';
import type { ScanReport } from '../model/scan-report.ts';
import type { Status } from '../model/status.ts';
import { examineKernels, type KernelOptions } from './examine-kernels.ts';
import { kernelPackages } from './kernel-packages.ts';

/** How the kernels of a report are judged. */
export interface FilterKernelsOptions extends KernelOptions {
  readonly databaseDirectory: string;
}

/**
 * A report with its kernels judged: each vulnerability of them gets what the kernel's stages say. Run again it replaces what it has
 * written itself.
 *
 * @throws ScannerError what `examineKernels` and `openSnapshot` throw.
 */
export async function filterKernels(
  report: ScanReport,
  { databaseDirectory, ...options }: FilterKernelsOptions,
): Promise<ScanReport> {
  const { kernels: _, ...before } = report;
  const problems = report.problems.filter(({ code }) => !code.startsWith('kernel.'));
  const packages = kernelPackages(report.packages);
  if (packages.length === 0) return { ...before, problems: [...problems, NO_KERNEL] };
  using snapshot = openSnapshot(databaseDirectory);
  const examined = await examineKernels(packages, snapshot, options);
  return {
    ...before,
    findings: assessKernels(report.findings, {
      packages: report.packages,
      kernelVerdict: examined.find,
      matchedStatus,
    }),
    ...(examined.kernels.length > 0 && { kernels: examined.kernels }),
    problems: [...problems, ...examined.problems],
  };
}

/** Of the problem that a report has no kernel. */
export const NO_KERNEL_CODE = 'kernel.none';

const NO_KERNEL: Problem = { code: NO_KERNEL_CODE, message: 'the report lists no kernel: nothing was filtered' };

/** Follows from the proof, where the report has one. */
function matchedStatus(finding: Finding): Status | undefined {
  const { proof, status, fingerprint, issueKey, vulnerability } = finding;
  return replay({ proof, status, fingerprint, issueKey, vulnerability }).status;
}
