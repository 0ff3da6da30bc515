import type { Annotation } from './annotation.ts';
import type { Assessment } from './assessment.ts';
import type { Confidence } from './confidence.ts';
import type { Proof } from './match.ts';
import type { Severity } from './severity.ts';
import type { FixState, Status } from './status.ts';
import type { VexStatement } from './vex-statement.ts';

/** What a report lists: match + assessments + annotation -> status. */
export interface Finding {
  /** Identity across runs of the same package version; see records.md section 4. */
  readonly fingerprint: string;
  /** The same without the version. */
  readonly issueKey: string;
  readonly vulnerability: { readonly id: string; readonly aliases: readonly string[] };
  readonly packageId: string;
  readonly severity: { readonly word: Severity; readonly source: string };
  readonly status: Status;
  readonly fixState: FixState;
  readonly fixedVersions: readonly string[];
  /** How surely a CPE names the package; absent where it was matched by its name. */
  readonly confidence?: Confidence;
  /** Absent for documents, which know no layers. */
  readonly introducedBy?: { readonly layer: string; readonly index: number; readonly createdBy?: string };
  readonly proof: Proof;
  /** Automatic verdicts, in the order in which they were given; absent when there is none. */
  readonly assessments?: readonly Assessment[];
  /** What VEX documents say of it: the newest statement of each author. */
  readonly vex?: readonly VexStatement[];
  /** Where VEX authors contradict each other, or the evidence: who says what. Then none of it clears the finding. */
  readonly contradiction?: string;
  readonly annotation?: Annotation;
  /** What `status` were without the annotation; present beside one. */
  readonly automaticStatus?: Status;
  /** Set by an ignore rule: it stays listed, and counts for no gate. `expires` is a date, `YYYY-MM-DD`. */
  readonly ignored?: { readonly reason: string; readonly expires?: string };
}

/**
 * A finding with other members. Of a scan's findings some are calculated when they are asked for, so that none is ever spread.
 */
export function changeFinding(finding: Finding, members: Partial<Finding>): Finding {
  return Object.assign(Object.create(Object.getPrototypeOf(finding)), finding, members);
}
