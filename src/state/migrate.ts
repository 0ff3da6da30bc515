import { type Kysely, sql, type Transaction } from 'kysely';
import { ScannerError } from '../model/errors.ts';
import type { StateDialect } from './dialects.ts';
import type { Migration } from './migration.ts';
import type { Tables } from './tables.ts';

/** One row a step that was made. Here, not among `Tables`: nothing else may touch it. */
interface MigrationTable {
  readonly migration: {
    readonly version: number;
    readonly name: string;
    readonly oldest_program: number;
    readonly applied_at: number;
  };
}

/** What the schema is, seen from this program. */
export interface SchemaStatus {
  /** The last step that was made; 0: none. */
  readonly version: number;
  /** The last step that this program knows. */
  readonly programVersion: number;
  /** Steps of this program that are not made yet. */
  readonly missing: readonly string[];
}

/**
 * Makes the steps that are missing, all in one transaction. Of several instances that start at once the others wait, and find
 * nothing left to do.
 *
 * @throws ScannerError `state.newer` when a newer program has changed the schema so that this one cannot run on it.
 */
export async function migrate(
  db: Kysely<Tables>,
  dialect: StateDialect,
  migrations: readonly Migration[],
): Promise<SchemaStatus> {
  if ((await schemaStatus(db, dialect, migrations)).missing.length > 0) {
    await db.transaction().execute(async (tx) => {
      await dialect.prepare(tx);
      await makeMissing(tx as unknown as Transaction<MigrationTable>, dialect, migrations);
    });
  }
  return schemaStatus(db, dialect, migrations);
}

/** @throws ScannerError `state.newer` as `migrate`; `state.older` when steps are missing. */
export async function checkSchema(
  db: Kysely<Tables>,
  dialect: StateDialect,
  migrations: readonly Migration[],
): Promise<SchemaStatus> {
  const status = await schemaStatus(db, dialect, migrations);
  if (status.missing.length === 0) return status;
  const message = `the schema is at version ${status.version}, and lacks ${status.missing.join(', ')}; run "cvescan state migrate"`;
  throw new ScannerError('state.older', message, { version: status.version });
}

async function schemaStatus(
  db: Kysely<Tables>,
  dialect: StateDialect,
  migrations: readonly Migration[],
): Promise<SchemaStatus> {
  const { rows } = await dialect.tableNames.execute(db);
  const made = rows.some(({ name }) => name === 'migration')
    ? await madeSteps(db as unknown as Kysely<MigrationTable>)
    : [];
  const programVersion = checkOldestProgram(made, migrations);
  const isMade = new Set(made.map(({ version }) => version));
  return {
    version: Math.max(0, ...isMade),
    programVersion,
    missing: migrations.filter(({ version }) => !isMade.has(version)).map(({ name }) => name),
  };
}

type MadeStep = Pick<MigrationTable['migration'], 'version' | 'oldest_program'>;

function madeSteps(db: Kysely<MigrationTable>): Promise<MadeStep[]> {
  return db.selectFrom('migration').select(['version', 'oldest_program']).execute();
}

/** @returns the version of this program. */
function checkOldestProgram(made: readonly MadeStep[], migrations: readonly Migration[]): number {
  const programVersion = Math.max(0, ...migrations.map(({ version }) => version));
  const oldestProgram = Math.max(0, ...made.map(({ oldest_program }) => oldest_program));
  if (programVersion >= oldestProgram) return programVersion;
  const message =
    `the schema was made by a newer version of cvescan: it asks for schema version ${oldestProgram} or newer, ` +
    `and this program knows ${programVersion}. Start the newer version, or restore a backup`;
  throw new ScannerError('state.newer', message, { oldestProgram, programVersion });
}

async function makeMissing(
  tx: Transaction<MigrationTable>,
  { types, clock }: StateDialect,
  migrations: readonly Migration[],
): Promise<void> {
  await tx.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('version', types.integer, (column) => column.primaryKey())
    .addColumn('name', types.text, (column) => column.notNull())
    .addColumn('oldest_program', types.integer, (column) => column.notNull())
    .addColumn('applied_at', types.integer, (column) => column.notNull())
    .execute();
  // Another instance may have been faster: what is missing is asked again, now that this one is alone.
  const made = await madeSteps(tx);
  checkOldestProgram(made, migrations);
  const isMade = new Set(made.map(({ version }) => version));
  for (const { version, name, oldestProgram, up } of migrations) {
    if (isMade.has(version)) continue;
    await up(tx as unknown as Transaction<unknown>, types);
    await tx
      .insertInto('migration')
      .values({ version, name, oldest_program: oldestProgram, applied_at: sql<number>`${clock}` })
      .execute();
  }
}
