import type { NotificationRow } from '../../state/notification-rows.ts';
import type { NotificationView } from '../../wire/api-v1/notifications.ts';
import type { ClairVulnerability } from '../../wire/clair-v1/types.ts';
import type { Change } from './changes.ts';

/** A notification as state keeps it. Times are milliseconds by the database's clock. */
export interface StoredNotification {
  readonly id: number;
  readonly name: string;
  readonly origin: NotificationRow['origin'];
  readonly createdAtMs: number;
  readonly notifiedAtMs?: number;
  /** When it was acknowledged (`DELETE` of Clair's API). */
  readonly readAtMs?: number;
  /** As the v1 wire writes it; `` in a summary. */
  readonly namespace: string;
  readonly vulnerability: string;
  readonly changes: readonly Change[];
  readonly old?: ClairVulnerability;
  readonly new?: ClairVulnerability;
}

/** Reads a row. */
export function readNotification(row: NotificationRow): StoredNotification {
  const { id, name, origin, namespace, vulnerability } = row;
  return {
    ...{ id, name, origin, namespace, vulnerability, createdAtMs: row.created_at },
    ...(row.notified_at !== null && { notifiedAtMs: row.notified_at }),
    ...(row.deleted_at !== null && { readAtMs: row.deleted_at }),
    changes: JSON.parse(row.changes) as Change[],
    ...(row.old !== null && { old: JSON.parse(row.old) as ClairVulnerability }),
    ...(row.new !== null && { new: JSON.parse(row.new) as ClairVulnerability }),
  };
}

/** As `/api/v1/notifications` shows it, and as commands are handed it. */
export function viewOfNotification(notification: StoredNotification): NotificationView {
  const { name, namespace, vulnerability, changes, createdAtMs, notifiedAtMs, readAtMs, old } = notification;
  return {
    ...{ name, created_at: timeOf(createdAtMs) },
    ...(notifiedAtMs !== undefined && { notified_at: timeOf(notifiedAtMs) }),
    ...(readAtMs !== undefined && { read_at: timeOf(readAtMs) }),
    ...(namespace !== '' && { namespace, vulnerability }),
    changes,
    ...(old && { old: { ...old } }),
    ...(notification.new && { new: { ...notification.new } }),
  };
}

const timeOf = (ms: number): string => new Date(ms).toISOString();
