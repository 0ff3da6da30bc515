import type { Kysely, RawBuilder, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** The embedded database: one file, one server. */
export interface SqliteOptions {
  readonly type: 'sqlite';
  readonly file: string;
  /** Refuse the file while another that says so has it open; the server does, commands beside it do not. Default false. */
  readonly exclusive?: boolean;
}

/** PostgreSQL 13 or newer, shared by any number of servers. */
export interface PostgresOptions {
  readonly type: 'pgsql';
  /** In either form of libpq: a URL, or `host=… port=…`. */
  readonly source: string;
  /** Connections at most; default 10. */
  readonly poolSize?: number;
  /**
   * Of one statement, on the database's side; default: the database's own. A value in `source` comes before. It is a startup
   * parameter, which pgbouncer refuses unless told to pass it (`ignore_startup_parameters = options`).
   */
  readonly statementTimeoutMs?: number;
}

export type StateOptions = SqliteOptions | PostgresOptions;

/** A write transaction. */
export type WriteTransaction = Transaction<Tables>;

/**
 * The server's database. Of times only the database's own clock counts, so that machines whose clocks differ agree on leases.
 *
 * Everything that asks it throws ScannerError `state.unavailable` while it cannot be reached: the same call may succeed later.
 */
export interface State extends AsyncDisposable {
  readonly dialect: 'sqlite' | 'postgres';
  /** For reading: each statement sees what was committed before it. Writing through it fails. */
  readonly db: Kysely<Tables>;
  /** The database's clock in milliseconds, as part of a statement. */
  readonly clock: RawBuilder<number>;
  /**
   * One write transaction: BEGIN IMMEDIATE on SQLite, READ COMMITTED on PostgreSQL. It is run again after a serialization failure or
   * a deadlock, so it changes nothing but the database, and awaits nothing else.
   */
  write<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T>;
  /** Milliseconds since 1970 by the database's clock. */
  now(): Promise<number>;
  /** Whether an error means that a row with that unique key is there already. */
  isDuplicate(error: unknown): boolean;
}
