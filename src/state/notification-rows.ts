import { type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import type { State, WriteTransaction } from './state.ts';
import type { NotificationTables } from './tables/notifications.ts';
import type { Tables } from './tables.ts';

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
  const now = sql<number>`${state.clock}`;
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

/** A layer that brought an affected package. */
export interface ConcernedLayer {
  readonly id: number;
  readonly name: string;
}

/** A page of layers by their rising numbers. */
export interface LayerPage {
  /** The number of the first one at the earliest. */
  readonly from: number;
  readonly limit: number;
}

/** The layers that brought what is affected on one side of a notification that a feed made. */
export function layersOfNotification(
  { db }: Pick<State, 'db'>,
  notificationId: number,
  side: number,
  page: LayerPage,
): Promise<readonly ConcernedLayer[]> {
  return layersBringing(db, page, (query) =>
    query.where('layer_added_package.package_id', 'in', (eb) =>
      eb
        .selectFrom('notification_package')
        .where('notification_id', '=', notificationId)
        .where('side', '=', side)
        .select('notification_package.package_id'),
    ),
  );
}

/** The layers that brought any of these packages. */
export async function layersOfPackages(
  { db }: Pick<State, 'db'>,
  packageIds: readonly number[],
  page: LayerPage,
): Promise<readonly ConcernedLayer[]> {
  const found = new Map<number, ConcernedLayer>();
  for (const ids of batches(packageIds)) {
    const rows = await layersBringing(db, page, (query) => query.where('layer_added_package.package_id', 'in', ids));
    for (const row of rows) found.set(row.id, row);
  }
  return [...found.values()].sort((a, b) => a.id - b.id).slice(0, page.limit);
}

type Bringing = SelectQueryBuilder<Tables, 'layer_added_package' | 'layer', { id: number; name: string }>;

/** By the primary keys of `layer_added_package` and `layer`. */
function layersBringing(
  db: State['db'],
  { from, limit }: LayerPage,
  narrow: (query: Bringing) => Bringing,
): Promise<ConcernedLayer[]> {
  const query = db
    .selectFrom('layer_added_package')
    .innerJoin('layer', 'layer.id', 'layer_added_package.layer_id')
    .where('layer_added_package.layer_id', '>=', from)
    .select(['layer.id', 'layer.name'])
    .distinct()
    .orderBy('layer.id')
    .limit(limit);
  return narrow(query).execute();
}
