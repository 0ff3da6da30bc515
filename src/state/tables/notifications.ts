import type { Generated } from 'kysely';

/** What changed, and who is told. Times are milliseconds by the database's clock. Made by migration 0010. */
export interface NotificationTables {
  readonly notification: {
    readonly id: Generated<number>;
    /** What clients know it by: a random UUID. */
    readonly name: string;
    /** Whether feeds or users changed it: it decides how the layers that it concerns are found. */
    readonly origin: 'feed' | 'user' | 'summary';
    /** As the v1 wire writes it; `` in a summary. */
    readonly namespace: string;
    readonly vulnerability: string;
    /** In Clair's shape with FixedIn, as JSON; null: there was none. */
    readonly old: string | null;
    readonly new: string | null;
    /** What changed and why, as JSON. */
    readonly changes: string;
    readonly created_at: number;
    notified_at: number | null;
    deleted_at: number | null;
  };
  /** The packages that were (side 0) and are (side 1) affected by what a feed changed. */
  readonly notification_package: {
    readonly notification_id: number;
    readonly side: number;
    readonly package_id: number;
  };
  /** The outbox: a notification that a notifier is still to send, or to send again. */
  readonly delivery: {
    readonly notifier: string;
    readonly notification_id: number;
    /** Of this series; 0: it rests, or was never tried. */
    attempt_count: number;
    series_started_at: number | null;
    due_at: number;
    last_error: string | null;
  };
}
