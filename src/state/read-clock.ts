import { sql } from 'kysely';
import type { State, WriteTransaction } from './state.ts';

/** The database's clock in milliseconds, read in the transaction that relies on it. */
export async function readClock({ clock }: State, tx: WriteTransaction): Promise<number> {
  const { rows } = await sql<{ nowMs: number }>`select ${clock} as ${sql.ref('nowMs')}`.execute(tx);
  return Number(rows[0]!.nowMs);
}
