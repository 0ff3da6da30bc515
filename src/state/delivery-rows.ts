import { sql } from 'kysely';
import type { NotificationRow } from './notification-rows.ts';
import type { State } from './state.ts';

/** A notification that a notifier is to send now. */
export interface DueDelivery {
  readonly notification: NotificationRow;
  /** Tries in this series so far. */
  readonly attemptCount: number;
  /** When it was first tried in this series; undefined: not yet. */
  readonly seriesStartedAtMs: number | undefined;
}

/** What becomes of a delivery. Times by the database's clock. */
export interface DeliveryEnding {
  readonly notifier: string;
  readonly notificationId: number;
  /** When it was taken; undefined: it was not. */
  readonly sentAtMs?: number | undefined;
  /** When it is sent again; undefined: never. */
  readonly again?: {
    readonly dueAtMs: number;
    /** 0: a new series begins. */
    readonly attemptCount: number;
    readonly seriesStartedAtMs: number | null;
    readonly error: string | null;
  };
}

/** Whether there is anything to be sent; by the index `delivery_due`. */
export async function hasDue({ db, clock }: Pick<State, 'db' | 'clock'>, notifier: string): Promise<boolean> {
  const due = await db
    .selectFrom('delivery')
    .where('notifier', '=', notifier)
    .where('due_at', '<=', clock)
    .select('notification_id')
    .limit(1)
    .executeTakeFirst();
  return due !== undefined;
}

/** What is to be sent, first attempts in their order, before what was tried already; by the index `delivery_due`. */
export async function dueDeliveries(
  { db, clock }: Pick<State, 'db' | 'clock'>,
  notifier: string,
  limit: number,
): Promise<readonly DueDelivery[]> {
  const rows = await db
    .selectFrom('delivery')
    .innerJoin('notification', 'notification.id', 'delivery.notification_id')
    .where('notifier', '=', notifier)
    .where('due_at', '<=', clock)
    .orderBy('attempt_count')
    .orderBy('notification_id')
    .limit(limit)
    .selectAll('notification')
    .select(['attempt_count as attemptCount', 'series_started_at as seriesStartedAt'])
    .execute();
  return rows.map(({ attemptCount, seriesStartedAt, ...notification }) => ({
    ...{ notification, attemptCount },
    seriesStartedAtMs: seriesStartedAt ?? undefined,
  }));
}

/** Writes down what became of deliveries. Those of notifications that were read meanwhile are gone, and stay so. */
export function endDeliveries(state: State, endings: readonly DeliveryEnding[]): Promise<void> {
  return state.write(async (tx) => {
    for (const { notifier, notificationId, sentAtMs, again } of endings) {
      if (sentAtMs !== undefined) {
        const query = tx.updateTable('notification').set({ notified_at: sentAtMs });
        await query.where('id', '=', notificationId).execute();
      }
      if (again === undefined) {
        const query = tx.deleteFrom('delivery').where('notifier', '=', notifier);
        await query.where('notification_id', '=', notificationId).execute();
        continue;
      }
      await tx
        .updateTable('delivery')
        .set({
          due_at: again.dueAtMs,
          attempt_count: again.attemptCount,
          series_started_at: again.seriesStartedAtMs,
          last_error: again.error,
        })
        .where('notifier', '=', notifier)
        .where('notification_id', '=', notificationId)
        .execute();
    }
  });
}

/** Gives a notifier that is new here what nobody was told of and nobody has read, as Clair would send it. */
export function adoptNotifiers(state: State, notifiers: readonly string[]): Promise<void> {
  return state.write(async (tx) => {
    for (const notifier of notifiers) {
      await tx
        .insertInto('delivery')
        .columns(['notifier', 'notification_id', 'attempt_count', 'due_at'])
        .expression((eb) =>
          eb
            .selectFrom('notification')
            .where('notified_at', 'is', null)
            .where('deleted_at', 'is', null)
            .select([
              sql<string>`cast(${notifier} as text)`.as('notifier'),
              'id',
              sql<number>`cast(0 as bigint)`.as('attempt_count'),
              sql<number>`${state.clock}`.as('due_at'),
            ]),
        )
        .onConflict((conflict) => conflict.columns(['notifier', 'notification_id']).doNothing())
        .execute();
    }
  });
}
