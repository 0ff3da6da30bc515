import { isIP } from 'node:net';
import { parsePostgresSource } from '../../state/postgres-source.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { PrivateEndpoint } from './address-rules.ts';
import type { Resolve } from './guarded-dispatcher.ts';

const POSTGRES_PORT = 5432;

/** Where the database is, as far as layers must not be fetched from there. A name that has no address now is left out. */
export async function databaseEndpoints(
  database: ServerConfig['database'],
  resolve: Resolve,
): Promise<readonly PrivateEndpoint[]> {
  if (database.type === 'sqlite') return [];
  const { host = 'localhost', port = POSTGRES_PORT } = parsePostgresSource(database.source);
  // A socket in the file system: nothing that a URL reaches.
  if (host.startsWith('/')) return [];
  const addresses = isIP(host) ? [host] : (await resolve(host).catch(() => [])).map(({ address }) => address);
  return addresses.map((address) => ({ address, port, what: 'the database' }));
}
