import type { WriteTransaction } from '../../state/state.ts';

/** A change, by whom and when; written in the transaction of the change itself. */
export interface AuditEntry {
  readonly at: number;
  /** A token's id and name, or `command line`. */
  readonly actor: string;
  /** `token.add`, `scan.submit`, `job.cancel` … */
  readonly action: string;
  readonly subject: string;
}

export async function recordAudit(tx: WriteTransaction, entry: AuditEntry): Promise<void> {
  await tx.insertInto('audit').values(entry).execute();
}
