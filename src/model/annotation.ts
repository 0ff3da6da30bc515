/** A person's verdicts, in the words of the annotations file. */
export const ANNOTATION_STATUSES = [
  'patched',
  'false positive',
  'not exploitable',
  'accepted',
  'ongoing',
  'pending',
  'todo',
  'exploitable',
] as const;

export type AnnotationStatus = (typeof ANNOTATION_STATUSES)[number];

/** A person's verdict on a match. */
export interface Annotation {
  readonly status: AnnotationStatus;
  /** Whether the package is vulnerable in the end, as the person says. */
  readonly isVulnerable: boolean;
  /** For which projects and components it was written; absent: for all. */
  readonly scope?: string;
  /** What it rests on has changed since: it is shown, and decides nothing. */
  readonly isOutdated?: boolean;
  /** Taken over from a file without log: it decides nothing in VEX. */
  readonly isLegacy?: boolean;
  /** The oldest first. */
  readonly log: readonly AnnotationEntry[];
}

/** One change of an annotation. */
export interface AnnotationEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly comment: string;
  readonly from?: AnnotationStatus;
  readonly to?: AnnotationStatus;
  /** Whether it changed what the person says of being vulnerable. */
  readonly changesVulnerable?: boolean;
}
