import type { Status } from './status.ts';

/** What the author of a VEX document says of a vulnerability in a package. */
export interface VexStatement {
  readonly status: Status;
  readonly author: string;
  /** The document, as the user named it. */
  readonly document: string;
  /** ISO 8601; absent where neither statement nor document is dated. */
  readonly at?: string;
  /** The format's word: `vulnerable_code_not_present`, `code_not_reachable` … */
  readonly justification?: string;
  /** What the author says to a person. */
  readonly detail?: string;
}
