import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

/** How connections to one file are made. */
interface SqliteConnections {
  readonly file: string;
  /** One writer, or a few readers. */
  readonly mode: 'write' | 'read';
}

/** Readers at once: each is a transaction that is open while others read. */
const MAX_READERS = 8;

/** Other processes (a command beside the server) may hold the file for as long. */
const BUSY_TIMEOUT_MS = 5000;

/** Prepared statements that a connection keeps; those used longest ago go first. */
const MAX_STATEMENTS = 500;

/** Kysely over `node:sqlite`. Its calls block, so a statement is short; transactions of the writer wait for one another. */
export function sqliteKyselyDialect(connections: SqliteConnections): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(connections),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class SqliteDriver implements Driver {
  readonly #connections: SqliteConnections;
  readonly #all: SqliteConnection[] = [];
  readonly #idle: SqliteConnection[] = [];
  readonly #waiting: ((connection: SqliteConnection) => void)[] = [];

  constructor(connections: SqliteConnections) {
    this.#connections = connections;
  }

  async init(): Promise<void> {
    this.#idle.push(this.#open());
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const idle = this.#idle.pop();
    if (idle) return idle;
    const max = this.#connections.mode === 'write' ? 1 : MAX_READERS;
    if (this.#all.length < max) return this.#open();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const sql = this.#connections.mode === 'write' ? 'begin immediate' : 'begin';
    await connection.executeQuery(CompiledQuery.raw(sql));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // Some errors (a full disk) have rolled back already.
    if (connection instanceof SqliteConnection && !connection.isInTransaction) return;
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    if (!(connection instanceof SqliteConnection)) return;
    const next = this.#waiting.shift();
    if (next) next(connection);
    else this.#idle.push(connection);
  }

  async destroy(): Promise<void> {
    for (const connection of this.#all.splice(0)) connection.close();
  }

  #open(): SqliteConnection {
    const connection = new SqliteConnection(openDatabase(this.#connections));
    this.#all.push(connection);
    return connection;
  }
}

function openDatabase({ file, mode }: SqliteConnections): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    // What is committed outlives the process; with NORMAL the last moments may be lost when the machine loses power.
    db.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma trusted_schema = off');
    if (mode === 'read') db.exec('pragma query_only = on');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  get isInTransaction(): boolean {
    return this.#db.isTransaction;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { statement, isReader } = this.#prepare(sql);
    const values = parameters.map(toSqlite);
    if (isReader) return { rows: statement.all(...values) as Row[] };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
  }

  // biome-ignore lint/correctness/useYield: it answers nothing.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('rows are not streamed: ask page by page');
  }

  close(): void {
    this.#db.close();
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known) this.#statements.delete(sql);
    const prepared = known ?? this.#newlyPrepared(sql);
    this.#statements.set(sql, prepared);
    if (this.#statements.size > MAX_STATEMENTS) this.#statements.delete(this.#statements.keys().next().value ?? '');
    return prepared;
  }

  #newlyPrepared(sql: string): Prepared {
    const statement = this.#db.prepare(sql);
    return { statement, isReader: statement.columns().length > 0 };
  }
}

interface Prepared {
  readonly statement: StatementSync;
  readonly isReader: boolean;
}

/** SQLite knows no boolean. */
function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return Number(value);
  return (value ?? null) as SQLInputValue;
}
