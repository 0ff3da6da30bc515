/** The stages in the order in which they are asked; what each may say is told in docs/how-to/judge-a-kernel.md. */
export const KERNEL_STAGES = ['statement', 'version', 'commits', 'changelog', 'code', 'config', 'text'] as const;

/**
 * `statement` the inventory or vendor says so; `version` arithmetic on the branch; `commits` ancestry, references, reverts;
 * `changelog` a vendor's changelog names the CVE or its fix; `code` the breaking commit is provably absent;
 * `config` the flawed files are not compiled; `text` the fix's lines are in the sources.
 */
export type KernelStage = (typeof KERNEL_STAGES)[number];

/** How sure a stage is, the surest first. */
export const KERNEL_CONFIDENCES = ['exact', 'version', 'subject', 'text'] as const;

export type KernelConfidence = (typeof KERNEL_CONFIDENCES)[number];

/** CycloneDX's words for why a kernel is not affected. */
export type KernelJustification = 'code_not_present' | 'requires_configuration';

/** What one stage says of one vulnerability. */
export interface StageVerdict {
  readonly stage: KernelStage;
  /** Absent: the stage cannot tell; `reason` says why. */
  readonly verdict?: 'affected' | 'fixed' | 'not_affected';
  /** Beside `not_affected`. */
  readonly justification?: KernelJustification;
  /** Beside a verdict. */
  readonly confidence?: KernelConfidence;
  /** What it rests on, by kind: `breaks`, `fixes`, `commits`, `files`, `symbols`, `headers` … */
  readonly evidence: Readonly<Record<string, readonly string[]>>;
  /** A sentence for a person. */
  readonly reason: string;
}

/** What all stages together say of one vulnerability in one kernel. */
export interface KernelVerdict {
  /** The CVE. */
  readonly id: string;
  /** Subject of its mainline fix; `` where nobody states it. */
  readonly title: string;
  /** `under_investigation`: no stage can tell. */
  readonly status: 'affected' | 'fixed' | 'not_affected' | 'under_investigation';
  readonly justification?: KernelJustification;
  /** The stage that wins; absent where none can tell. */
  readonly decidedBy?: KernelStage;
  /** What the stages say that were asked, in their order. */
  readonly evidence: readonly StageVerdict[];
  /** Beside one that is open: the lowest release that holds its fix, of the kernel's own branch where there is one. */
  readonly available?: { readonly release: string; readonly commits: readonly string[] };
}

/** How many vulnerabilities are left after each step. */
export interface KernelFunnel {
  /** All that the kernel's CVE team published. */
  readonly all: number;
  /** Any range of any branch holds the version: what a matcher of CPEs lists. */
  readonly productMatch: number;
  /** Open by the version on the kernel's own branch, or not decided by it. */
  readonly branchAware: number;
  /** After statements, commits and changelogs too. */
  readonly afterCommits: number;
  /** After the configuration too. */
  readonly afterConfig: number;
}

/** Whether a stage was at work for a kernel, and on what; if not, why not. */
export interface StageReport {
  readonly stage: KernelStage;
  readonly isUsed: boolean;
  readonly detail: string;
}

/** A kernel of a scanned target. */
export interface ReportedKernel {
  /** The packages that it is, in the report. */
  readonly packageIds: readonly string[];
  /** As stated: `6.1.176-1`; absent where nothing says. */
  readonly release?: string;
  /** As upstream writes it; absent where the release cannot be read. */
  readonly version?: string;
  /** Folder below `arch/`. */
  readonly arch?: string;
  readonly funnel: KernelFunnel;
  readonly stages: readonly StageReport[];
}
