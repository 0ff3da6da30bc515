import { sql } from 'kysely';
import type { State, WriteTransaction } from './state.ts';

/** A lock among instances: a row with its owner, and when it ends by the database's clock. */
export interface RowLock {
  readonly name: string;
  /** Unique for each process, and for each of its services that takes locks. */
  readonly owner: string;
}

/**
 * Takes a lock that is free or has ended, or prolongs one's own.
 *
 * @param lifeMs how long it lasts when its owner dies.
 * @returns whether the lock is one's own now.
 */
export function takeRowLock(state: State, { name, owner }: RowLock, lifeMs: number): Promise<boolean> {
  const until = sql<number>`${state.clock} + cast(${lifeMs} as bigint)`;
  return state.write(async (tx) => {
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('lock')
      .values({ name, owner, until })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({ owner, until })
          .where((eb) => eb.or([eb('lock.owner', '=', owner), eb('lock.until', '<=', state.clock)])),
      )
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  });
}

/** Gives a lock back, if it is still one's own. */
export async function releaseRowLock(state: State, { name, owner }: RowLock): Promise<void> {
  await state.write((tx) => tx.deleteFrom('lock').where('name', '=', name).where('owner', '=', owner).execute());
}

/**
 * Whether a lock is still one's own, asked inside the transaction that depends on it: a stalled owner that lost its lock publishes
 * nothing. The row stays as it is until the transaction ends.
 */
export async function holdsRowLock(state: State, tx: WriteTransaction, { name, owner }: RowLock): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('lock')
    .set({ owner })
    .where('name', '=', name)
    .where('owner', '=', owner)
    .where('until', '>', state.clock)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}
