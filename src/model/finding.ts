import type { Proof } from './match.ts';
import type { Severity } from './severity.ts';
import type { FixState, Status } from './status.ts';

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
  /** Absent for documents, which know no layers. */
  readonly introducedBy?: { readonly layer: string; readonly index: number; readonly createdBy?: string };
  readonly proof: Proof;
}
