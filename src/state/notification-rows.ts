import { type Selectable, sql } from 'kysely';
import { readClock } from './read-clock.ts';
import type { State, WriteTransaction } from './state.ts';
import type { NotificationTables } from './tables/notifications.ts';

/** A notification that is to be stored. Vulnerabilities and changes as JSON, in shapes that the caller knows. */
export interface NewNotification {
  readonly name: string;
  readonly origin: NotificationRow['origin'];
  /** As the v1 wire writes it. */
  readonly namespace: string;
  readonly vulnerability: string;
  readonly old: string | null;
  readonly new: string | null;
  readonly changes: string;
  /** Numbers of the packages that were, and are affected; of what users changed none are stored. */
  readonly oldPackages?: readonly number[];
  readonly newPackages?: readonly number[];
}

export type NotificationRow = Selectable<NotificationTables['notification']>;

/** Which of a notification's two vulnerabilities. */
export const SIDES = { old: 0, new: 1 } as const;

/** Rows of one `insert`: their values stay below what either database takes. */
const BATCH = 1000;

/**
 * Stores notifications, to be sent by these notifiers as soon as the transaction is committed.
 *
 * @param notifiers names; none: they can only be asked for.
 */
export async function insertNotifications(
  state: State,
  tx: WriteTransaction,
  notifications: readonly NewNotification[],
  notifiers: readonly string[],
): Promise<void> {
  const now = await readClock(state, tx);
  for (const batch of batches(notifications)) {
    const rows = batch.map(({ oldPackages: _, newPackages: __, ...row }) => ({ ...row, created_at: now }));
    const ids = await tx.insertInto('notification').values(rows).returning(['id', 'name']).execute();
    const idOf = new Map(ids.map(({ id, name }) => [name, id]));
    const packages = batch.flatMap(({ name, oldPackages = [], newPackages = [] }) => {
      const notification_id = idOf.get(name)!;
      return [
        ...oldPackages.map((package_id) => ({ notification_id, side: SIDES.old, package_id })),
        ...newPackages.map((package_id) => ({ notification_id, side: SIDES.new, package_id })),
      ];
    });
    for (const values of batches(packages)) await tx.insertInto('notification_package').values(values).execute();
    for (const notifier of notifiers) {
      const values = ids.map(({ id }) => ({ notifier, notification_id: id, attempt_count: 0, due_at: now }));
      await tx.insertInto('delivery').values(values).execute();
    }
  }
}

/** By its unique name, deleted ones too. */
export function findNotification({ db }: Pick<State, 'db'>, name: string): Promise<NotificationRow | undefined> {
  return db.selectFrom('notification').where('name', '=', name).selectAll().executeTakeFirst();
}

/** Notifications that nobody has read yet, the oldest first; by the primary key. @param after the number of the last one seen. */
export function listNotifications(
  { db }: Pick<State, 'db'>,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly NotificationRow[]> {
  return db
    .selectFrom('notification')
    .where('id', '>', after)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .limit(limit)
    .selectAll()
    .execute();
}

/** Marks a notification as read: it is sent no more, and can still be asked for. @returns whether there is one. */
export function markRead(state: State, name: string): Promise<boolean> {
  return state.write(async (tx) => {
    const read = await tx
      .updateTable('notification')
      .set({ deleted_at: sql<number>`${state.clock}` })
      .where('name', '=', name)
      .returning('id')
      .executeTakeFirst();
    if (read === undefined) return false;
    await tx.deleteFrom('delivery').where('notification_id', '=', read.id).execute();
    return true;
  });
}

/** Removes notifications that were read before a time. */
export async function forgetNotifications(state: State, readBeforeMs: number): Promise<void> {
  await state.write((tx) => tx.deleteFrom('notification').where('deleted_at', '<', readBeforeMs).execute());
}

/** Notifications that are still to be sent, or to be sent again, once for each of these notifiers. */
export async function countWaiting({ db }: Pick<State, 'db'>, notifiers: readonly string[]): Promise<number> {
  if (notifiers.length === 0) return 0;
  const { count } = await db
    .selectFrom('delivery')
    .where('notifier', 'in', notifiers)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export function* batches<T>(values: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < values.length; from += BATCH) yield values.slice(from, from + BATCH);
}
