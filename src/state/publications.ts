import { sql } from 'kysely';
import { holdsRowLock, type RowLock } from './row-lock.ts';
import type { State, WriteTransaction } from './state.ts';

/** The snapshot that all instances are to serve. */
export interface Publication {
  /** Rises by one with each publication; 1 is the first. */
  readonly sequence: number;
  readonly snapshotId: string;
  /** By the database's clock. */
  readonly publishedAtMs: number;
  /** The last publication that was compared with its forerunner. */
  readonly diffedSequence: number;
}

/** An exported snapshot, to be stored for instances on other machines. */
export interface SnapshotArchive {
  readonly sizeBytes: number;
  /** 64 hex digits. */
  readonly sha256: string;
  /** Of 1 MiB, the last one shorter. Read without waiting: nothing but the database is awaited in a transaction. */
  readonly chunks: () => Iterable<Uint8Array>;
}

/** What is stored of a publication. Embedded servers store no chunks: their snapshots are files beside them. */
export interface StoredSnapshot {
  readonly sequence: number;
  readonly snapshotId: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly chunkCount: number;
}

/** An instance that was not seen for so long does not serve. */
const LIVE_MS = 30_000;
/** After this the row of an instance that never said goodbye goes. */
const FORGOTTEN_MS = 3_600_000;
/** Stored beside the newest one, for an instance that is about to fetch it. */
const STORED_PUBLICATIONS = 2;

/** What is to be served; undefined before the first publication. */
export async function readPublication({ db }: Pick<State, 'db'>): Promise<Publication | undefined> {
  const row = await db.selectFrom('current_snapshot').where('id', '=', 1).selectAll().executeTakeFirst();
  return (
    row && {
      sequence: row.sequence,
      snapshotId: row.snapshot_id,
      publishedAtMs: row.published_at,
      diffedSequence: row.diffed_sequence,
    }
  );
}

/**
 * Makes a snapshot the one that all instances are to serve.
 *
 * @param after the sequence that it follows; 0: it is the first. Of two that follow the same one, one is published.
 * @param lock the updater's, which must still be held; undefined: there is one instance.
 * @returns whether it was published.
 */
export function publishSnapshot(state: State, { after, snapshotId, archive, lock }: Publishing): Promise<boolean> {
  return state.write(async (tx) => {
    if (lock && !(await holdsRowLock(state, tx, lock))) return false;
    const sequence = after + 1;
    if (!(await advance(state, tx, { after, snapshotId }))) return false;
    await tx
      .insertInto('stored_snapshot')
      .values({
        ...{ sequence, snapshot_id: snapshotId, size_bytes: archive?.sizeBytes ?? 0, sha256: archive?.sha256 ?? '' },
        chunk_count: 0,
      })
      .execute();
    let number = 0;
    for (const bytes of archive?.chunks() ?? []) {
      await tx.insertInto('snapshot_chunk').values({ sequence, number, bytes }).execute();
      number += 1;
    }
    await tx.updateTable('stored_snapshot').set({ chunk_count: number }).where('sequence', '=', sequence).execute();
    await removeOldSnapshots(tx, sequence);
    return true;
  });
}

/** A snapshot that is to follow another. */
export interface Publishing {
  readonly after: number;
  readonly snapshotId: string;
  readonly archive?: SnapshotArchive | undefined;
  readonly lock?: RowLock | undefined;
}

async function advance(
  { clock }: State,
  tx: WriteTransaction,
  { after, snapshotId }: Pick<Publishing, 'after' | 'snapshotId'>,
): Promise<boolean> {
  const values = { sequence: after + 1, snapshot_id: snapshotId, published_at: sql<number>`${clock}` };
  if (after > 0) {
    const { numUpdatedRows } = await tx
      .updateTable('current_snapshot')
      .set(values)
      .where('id', '=', 1)
      .where('sequence', '=', after)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }
  // Before the first one there is nothing to be compared with.
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('current_snapshot')
    .values({ id: 1, ...values, diffed_sequence: 1 })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** The last two stay, and all from the one that the next comparison begins at. */
async function removeOldSnapshots(tx: WriteTransaction, sequence: number): Promise<void> {
  await tx
    .deleteFrom('stored_snapshot')
    .where('sequence', '<=', sequence - STORED_PUBLICATIONS)
    .where('sequence', '<', (eb) => eb.selectFrom('current_snapshot').select('diffed_sequence').where('id', '=', 1))
    .execute();
}

/**
 * Notes that a publication was compared, in the transaction that stores what followed from it.
 *
 * @returns false where another was first, or the lock was lost: then nothing may be stored.
 */
export async function advanceDiffed(
  state: State,
  tx: WriteTransaction,
  { from, to, lock }: { readonly from: number; readonly to: number; readonly lock: RowLock },
): Promise<boolean> {
  if (!(await holdsRowLock(state, tx, lock))) return false;
  const { numUpdatedRows } = await tx
    .updateTable('current_snapshot')
    .set({ diffed_sequence: to })
    .where('id', '=', 1)
    .where('diffed_sequence', '=', from)
    .where('sequence', '>=', to)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** What is stored of a publication; undefined once it is gone. */
export async function findStoredSnapshot(
  { db }: Pick<State, 'db'>,
  sequence: number,
): Promise<StoredSnapshot | undefined> {
  const row = await db.selectFrom('stored_snapshot').where('sequence', '=', sequence).selectAll().executeTakeFirst();
  return (
    row && {
      sequence: row.sequence,
      snapshotId: row.snapshot_id,
      sizeBytes: row.size_bytes,
      sha256: row.sha256,
      chunkCount: row.chunk_count,
    }
  );
}

/** One chunk of a stored snapshot; undefined once it is gone. By the primary key. */
export async function findChunk(
  { db }: Pick<State, 'db'>,
  sequence: number,
  number: number,
): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom('snapshot_chunk')
    .where('sequence', '=', sequence)
    .where('number', '=', number)
    .select('bytes')
    .executeTakeFirst();
  return row?.bytes;
}

/** Says that an instance is there, and which publication it serves (0: none). */
export async function recordInstance(
  state: State,
  { id, sequence }: { readonly id: string; readonly sequence: number },
): Promise<void> {
  const now = sql<number>`${state.clock}`;
  await state.write(async (tx) => {
    await tx
      .insertInto('instance')
      .values({ id, sequence, seen_at: now, started_at: now })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ sequence, seen_at: now }))
      .execute();
    await tx
      .deleteFrom('instance')
      .where('seen_at', '<', sql<number>`${state.clock} - cast(${FORGOTTEN_MS} as bigint)`)
      .execute();
  });
}

/** A stopping instance takes its leave: nobody waits for it. */
export async function removeInstance(state: State, id: string): Promise<void> {
  await state.write((tx) => tx.deleteFrom('instance').where('id', '=', id).execute());
}

/** Whether all instances that were seen lately serve a publication, or a later one. */
export async function isServedByAll(state: State, sequence: number): Promise<boolean> {
  const behind = await state.db
    .selectFrom('instance')
    .where('sequence', '<', sequence)
    .where('seen_at', '>=', sql<number>`${state.clock} - cast(${LIVE_MS} as bigint)`)
    .select('id')
    .limit(1)
    .executeTakeFirst();
  return behind === undefined;
}
