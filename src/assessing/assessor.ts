import type { Assessment, AssessmentStatus } from '../model/assessment.ts';
import type { Finding } from '../model/finding.ts';
import type { KernelVerdict } from '../model/kernel-verdict.ts';
import type { Package } from '../model/package.ts';
import type { VulnerabilityRecord } from '../model/vulnerability.ts';

/** What an assessor is asked about: a match, and what is known of its two sides. */
export interface Question {
  /** As the advisories judge it: no verdict is in it yet. */
  readonly finding: Pick<Finding, 'vulnerability' | 'status' | 'proof'>;
  readonly installed: Package;
  /** What every source says of the flaw itself, under any of its ids. */
  readonly records: readonly VulnerabilityRecord[];
  /** What the sources and configuration of the kernel say, where the package is one. */
  readonly kernel?: KernelVerdict;
}

/** Gives one kind of automatic verdict. Pure: the same question, the same answer. */
export interface Assessor {
  /** That of its file: the status with hyphens. */
  readonly name: string;
  /** What it answers with. */
  readonly status: AssessmentStatus;
  /**
   * None where it has nothing to say. Each verdict names its evidence: one without is shown, and clears nothing; what is missing or
   * contradicts itself is never evidence.
   */
  assess(question: Question): readonly Assessment[];
}

/** The answer of most assessors to most questions. */
export const NO_ASSESSMENT: readonly Assessment[] = [];
