import { PostgresDialect } from 'kysely';
import pg from 'pg';
import { type PostgresSource, parsePostgresSource } from './postgres-source.ts';
import type { PostgresOptions } from './state.ts';

const DEFAULT_POOL_SIZE = 10;
/** A request waits no longer than this for a connection. */
const CONNECT_TIMEOUT_MS = 5000;
/** OID of `bigint`. Ours stay below 2^53. */
const BIGINT = 20;

/** Kysely's dialect over a pool of connections, none of which need be there yet. */
export async function openPostgres(options: PostgresOptions): Promise<PostgresDialect> {
  const source = parsePostgresSource(options.source);
  const config = configOf(source, options);
  const ssl = await chooseTls(source, config);
  const pool = new pg.Pool({ ...config, ssl, max: options.poolSize ?? DEFAULT_POOL_SIZE });
  // A connection that breaks while nobody uses it is no event: the pool forgets it. Who uses it gets the error of the statement.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new PostgresDialect({ pool });
}

function configOf(source: PostgresSource, { statementTimeoutMs }: PostgresOptions) {
  const own = statementTimeoutMs === undefined ? [] : [['statement_timeout', String(statementTimeoutMs)] as const];
  const settings = new Map([...own, ...source.settings]);
  // As libpq's `options`: spaces and backslashes of a value are escaped.
  const flags = [...settings].map(([name, value]) => `-c ${name}=${value.replace(/([\\ ])/g, '\\$1')}`);
  return {
    ...(source.host !== undefined && { host: source.host }),
    ...(source.port !== undefined && { port: source.port }),
    ...(source.user !== undefined && { user: source.user }),
    ...(source.password !== undefined && { password: source.password }),
    ...(source.database !== undefined && { database: source.database }),
    application_name: source.applicationName ?? 'cvescan',
    connectionTimeoutMillis: source.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    keepAlive: true,
    ...(flags.length > 0 && { options: flags.join(' ') }),
    types: { getTypeParser: parserOf },
  };
}

const parserOf: typeof pg.types.getTypeParser = (oid: number, format?: unknown) =>
  oid === BIGINT ? Number : pg.types.getTypeParser(oid, format as 'text');

/** The first way of protecting a connection that works; `prefer` and `allow` have two. */
async function chooseTls({ tls }: PostgresSource, config: pg.ClientConfig): Promise<pg.ClientConfig['ssl']> {
  for (const [index, ssl] of tls.entries()) {
    if (index === tls.length - 1) return ssl;
    const client = new pg.Client({ ...config, ssl });
    client.on('error', () => {});
    try {
      await client.connect();
      return ssl;
    } catch {
      // The other way is tried; where the server is away, the first statement says so.
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}
