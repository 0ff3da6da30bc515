import { sql } from 'kysely';
import { ScannerError } from '../model/errors.ts';
import type { State } from './state.ts';

/** What a state is and holds. */
export interface StateFacts {
  readonly schemaVersion: number;
  readonly layerCount: number;
  readonly ownVulnerabilityCount: number;
  readonly jobCount: number;
}

/**
 * Looks whether a state is whole: its pages, its references (SQLite; PostgreSQL sees to both itself).
 *
 * @throws ScannerError `state.damaged`; `state.unavailable`.
 */
export async function checkState(state: State): Promise<StateFacts> {
  if (state.dialect === 'sqlite') {
    const pages = await sql<{ integrity_check: string }>`pragma integrity_check(10)`.execute(state.db);
    const broken = pages.rows.map((row) => row.integrity_check).filter((line) => line !== 'ok');
    const references = await sql<{ table: string }>`pragma foreign_key_check`.execute(state.db);
    const dangling = new Set(references.rows.map(({ table }) => `rows of ${table} point nowhere`));
    const [problem] = [...broken, ...dangling];
    if (problem !== undefined) throw new ScannerError('state.damaged', `${problem}; restore a backup`);
  }
  const migration = state.dialect === 'postgres' ? sql.table('cvescan.migration') : sql.table('migration');
  const { rows } = await sql<{ version: number }>`select max(version) as version from ${migration}`.execute(state.db);
  return {
    schemaVersion: Number(rows[0]!.version),
    layerCount: await countOf(state, 'layer'),
    ownVulnerabilityCount: await countOf(state, 'own_vulnerability'),
    jobCount: await countOf(state, 'job'),
  };
}

async function countOf({ db }: State, table: 'layer' | 'own_vulnerability' | 'job'): Promise<number> {
  const { count } = await db
    .selectFrom(table)
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}
