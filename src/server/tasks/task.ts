import type { ArchivedSnapshot } from '../../advisories/snapshot-archive.ts';
import type { FeedAccessOptions } from '../../feeds/feed-access.ts';
import type { ErrorCode } from '../../model/errors.ts';
import type { SourceOutcome } from '../../scan/update.ts';
import type { StateOptions } from '../../state/state.ts';

/** Work that a process of its own does for the server: SQLite calls block, so the serving process never ingests. Plain data. */
export type Task =
  | ({ readonly kind: 'update' } & UpdateTask)
  | { readonly kind: 'import'; readonly directory: string; readonly file: string; readonly at: string }
  | { readonly kind: 'export'; readonly directory: string; readonly file: string }
  | ({ readonly kind: 'compare' } & CompareTask);

/** Sources to be read, and how. */
export interface UpdateTask {
  /** Of the advisory database. */
  readonly directory: string;
  /** Names of updaters. */
  readonly sources: readonly string[];
  /** By source, from the configuration. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly access: Omit<FeedAccessOptions, 'signal' | 'network' | 'env'>;
  /** How many sources are read at once. */
  readonly concurrency: number;
}

/** Two snapshots to be compared for what stored layers hold. */
export interface CompareTask {
  /** Snapshot files. */
  readonly oldFile: string;
  readonly newFile: string;
  /** Where the layers are; it is only read. */
  readonly state: StateOptions;
  /** More differences than these are counted, not written. */
  readonly maxCount: number;
  /** Gets a `NewNotification` as JSON on each line. */
  readonly file: string;
}

/** What became of a source, as plain data. */
export interface TaskOutcome extends Omit<SourceOutcome, 'error'> {
  readonly error?: TaskError;
}

/** What each kind of task comes to. */
export interface TaskResults {
  readonly update: { readonly snapshotId: string | undefined; readonly outcomes: readonly TaskOutcome[] };
  readonly import: ArchivedSnapshot;
  readonly export: ArchivedSnapshot;
  /** How many differences there are. */
  readonly compare: { readonly count: number };
}

/** An error on its way between processes: of what is a bug there is no code. */
export interface TaskError {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, string | number>>;
}

/** What the process answers: once. */
export type TaskAnswer =
  | { readonly kind: 'done'; readonly result: TaskResults[Task['kind']] }
  | { readonly kind: 'failed'; readonly error: TaskError };
