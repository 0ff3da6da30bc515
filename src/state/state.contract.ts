import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, inject } from 'vitest';
import { openState } from './open-state.ts';
import type { State, StateOptions } from './state.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of a PostgreSQL server, in the vitest project `database`; elsewhere suites run on SQLite. */
    postgres: string | undefined;
  }
}

/** What a suite over both databases works with. */
export interface StateSuite {
  /** Opens a new, empty state; it is closed and removed after the test. */
  readonly open: () => Promise<State>;
  /** A new, empty database, for suites that open it themselves, or several times. */
  readonly database: () => Promise<StateOptions>;
  readonly dialect: 'sqlite' | 'postgres';
}

/**
 * A suite that holds for either database. It runs on SQLite in the project `unit`, and on a real PostgreSQL in the project
 * `database` (`npm run test:db`), which takes the files named `*.state.test.ts`.
 */
export function describeState(name: string, suite: (state: StateSuite) => void): void {
  const server = inject('postgres');
  const dialect = server === undefined ? 'sqlite' : 'postgres';
  describe(`${name} (${dialect})`, () => {
    const cleanUps: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    });
    const database = async (): Promise<StateOptions> => {
      if (server !== undefined) return postgresDatabase(server, cleanUps);
      const directory = mkdtempSync(join(tmpdir(), 'cvescan-state-'));
      cleanUps.push(async () => rmSync(directory, { recursive: true }));
      return { type: 'sqlite', file: join(directory, 'state.sqlite') };
    };
    const open = async (): Promise<State> => {
      const state = await openState(await database());
      cleanUps.push(async () => state[Symbol.asyncDispose]());
      return state;
    };
    suite({ open, database, dialect });
  });
}

async function postgresDatabase(server: string, cleanUps: (() => Promise<void>)[]): Promise<StateOptions> {
  const name = `cvescan_${randomUUID().replaceAll('-', '')}`;
  await administer(server, `create database ${name} strategy file_copy`);
  cleanUps.push(() => administer(server, `drop database if exists ${name} with (force)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { type: 'pgsql', source: url.href, poolSize: 4 };
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
