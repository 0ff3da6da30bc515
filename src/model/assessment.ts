/** Names of the automatic verdicts, as reports and VEX rules write them. */
export const ASSESSMENT_STATUSES = [
  'version mismatch',
  'rejected',
  'package whitelisted',
  'package patched',
  'patch applied',
  'patch available',
  'code removed',
  'safe config',
] as const;

export type AssessmentStatus = (typeof ASSESSMENT_STATUSES)[number];

/** An automatic verdict on a match, with its reason and evidence. */
export interface Assessment {
  readonly status: AssessmentStatus;
  /** Who says so: `nvd`, `inventory`, `kernel history` … */
  readonly source: string;
  /** A sentence for a person. */
  readonly detail: string;
  /** What it rests on, by kind: `commits`, `files`, `symbols`, `patches` … */
  readonly evidence: Readonly<Record<string, readonly string[]>>;
}
