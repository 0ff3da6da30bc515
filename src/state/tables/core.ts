import type { Generated } from 'kysely';

/** What every part of the server needs. Times are milliseconds by the database's clock. Made by migration 0001. */
export interface CoreTables {
  /** Small facts that outlive a process: the pagination key, when the last update ran. */
  readonly keyvalue: { readonly key: string; value: string };
  /** Who does what alone; see `row-lock.ts`. */
  readonly lock: { readonly name: string; owner: string; until: number };
  /** Running servers, and which publication each serves (0: none yet). */
  readonly instance: { readonly id: string; sequence: number; seen_at: number; readonly started_at: number };
  /** One row: the snapshot that all instances are to serve. `diffed_sequence` is the last one that was compared with its forerunner. */
  readonly current_snapshot: {
    readonly id: Generated<number>;
    sequence: number;
    snapshot_id: string;
    published_at: number;
    diffed_sequence: number;
  };
  /** An exported snapshot that instances on other machines fetch: its archive in chunks of 1 MiB. */
  readonly stored_snapshot: {
    readonly sequence: number;
    readonly snapshot_id: string;
    readonly size_bytes: number;
    /** Of the archive, 64 hex digits. */
    readonly sha256: string;
    readonly chunk_count: number;
  };
  readonly snapshot_chunk: { readonly sequence: number; readonly number: number; readonly bytes: Uint8Array };
}
