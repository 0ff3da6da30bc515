import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Dialect, Kysely, sql, WithSchemaPlugin } from 'kysely';
import { ScannerError } from '../model/errors.ts';
import { postgresDialect, type StateDialect, sqliteDialect } from './dialects.ts';
import { checkSchema, migrate } from './migrate.ts';
import type { Migration } from './migration.ts';
import { migrations as allMigrations } from './migrations/registry.ts';
import { sqliteKyselyDialect } from './sqlite-driver.ts';
import type { State, StateOptions, WriteTransaction } from './state.ts';
import type { Tables } from './tables.ts';
import { translatingErrors } from './translating-driver.ts';

/** A transaction that lost against another is run this often. */
const MAX_ATTEMPTS = 10;

/** What is done about the schema: brought up to date, or only checked. */
export interface OpenStateOptions {
  /** `check`: throw where steps are missing (default: make them). */
  readonly schema?: 'migrate' | 'check';
  /** The steps of the schema (default: all of this program). */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens the state and brings its schema up to date.
 *
 * @throws ScannerError `state.unavailable`; `state.newer` for a schema that this program cannot run on; `state.in-use` for a SQLite
 *   file that another server has; `state.damaged`; `config.invalid` for a connection string that cannot be read.
 */
export async function openState(
  options: StateOptions,
  { schema = 'migrate', migrations = allMigrations }: OpenStateOptions = {},
): Promise<State> {
  const opened = options.type === 'sqlite' ? openSqlite(options) : await openPgsql(options);
  const state = new OpenedState(opened);
  try {
    await (schema === 'migrate' ? migrate : checkSchema)(opened.writer, opened.dialect, migrations);
    return state;
  } catch (error) {
    await state[Symbol.asyncDispose]();
    throw error;
  }
}

/** A database that is open, whatever its schema. */
interface OpenedDatabase {
  readonly dialect: StateDialect;
  readonly reader: Kysely<Tables>;
  readonly writer: Kysely<Tables>;
  readonly close: () => void;
}

function openSqlite({ file, exclusive = false }: Extract<StateOptions, { type: 'sqlite' }>): OpenedDatabase {
  const dialect = sqliteDialect;
  const close = withOutage(dialect, () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return exclusive ? lockFile(file) : () => {};
  });
  const open = (mode: 'read' | 'write') => kyselyOf(sqliteKyselyDialect({ file, mode }), dialect);
  return { dialect, reader: open('read'), writer: open('write'), close };
}

async function openPgsql(options: Extract<StateOptions, { type: 'pgsql' }>): Promise<OpenedDatabase> {
  // Loaded only where it is used: the driver costs start-up time.
  const { openPostgres } = await import('./open-postgres.ts');
  const both = kyselyOf(await openPostgres(options), postgresDialect);
  return { dialect: postgresDialect, reader: both, writer: both, close: () => {} };
}

function kyselyOf(kyselyDialect: Dialect, dialect: StateDialect): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: translatingErrors(kyselyDialect, (error) => translated(error, dialect)),
    plugins: dialect.schema === undefined ? [] : [new WithSchemaPlugin(dialect.schema)],
  });
}

/** A lock that ends with the process, however that ends: SQLite's exclusive lock on a file of its own. */
function lockFile(file: string): () => void {
  const lock = new DatabaseSync(`${file}.lock`);
  try {
    lock.exec('pragma journal_mode = memory; pragma busy_timeout = 0; begin exclusive');
  } catch (cause) {
    lock.close();
    const message = `${file} is in use by another server; several servers need PostgreSQL`;
    throw new ScannerError('state.in-use', message, { path: file }, { cause });
  }
  return () => lock.close();
}

function withOutage<T>(dialect: StateDialect, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw unavailable(error);
    throw translated(error, dialect);
  }
}

function translated(error: unknown, dialect: StateDialect): unknown {
  if (!(error instanceof Error) || error instanceof ScannerError) return error;
  if (dialect.isDamaged(error)) {
    const message = 'the database is damaged; stop the server and restore a backup (cvescan state restore)';
    return new ScannerError('state.damaged', message, {}, { cause: error });
  }
  return dialect.isOutage(error) ? unavailable(error) : error;
}

function unavailable(cause: Error): ScannerError {
  // The driver's own text may name hosts and users: it stays in the cause, for the log.
  return new ScannerError('state.unavailable', 'the database cannot be reached now', {}, { cause });
}

class OpenedState implements State {
  readonly dialect: State['dialect'];
  readonly db: Kysely<Tables>;
  readonly clock: State['clock'];
  readonly isDuplicate: State['isDuplicate'];
  readonly #opened: OpenedDatabase;

  constructor(opened: OpenedDatabase) {
    this.#opened = opened;
    this.db = opened.reader;
    this.dialect = opened.dialect.name;
    this.clock = opened.dialect.clock;
    this.isDuplicate = opened.dialect.isDuplicate;
  }

  async write<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#opened.writer.transaction().execute(work);
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !this.#opened.dialect.isConflict(error)) throw error;
      }
    }
  }

  async now(): Promise<number> {
    const { rows } = await sql<{ now: number }>`select ${this.clock} as now`.execute(this.db);
    return rows[0]!.now;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { reader, writer, close } = this.#opened;
    await reader.destroy();
    if (writer !== reader) await writer.destroy();
    close();
  }
}
