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
