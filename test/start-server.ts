import { placesOf } from '../src/platform/places.ts';
import { serverConfigOf } from '../src/server/config/server-config.ts';
import { createLog } from '../src/server/log.ts';
import { type RunningServer, type ServeOptions, startServer } from '../src/server/serve.ts';
import type { StateOptions } from '../src/state/state.ts';

/** A server of this process on free ports of loopback, and what it logged. */
export interface TestServer extends AsyncDisposable, RunningServer {
  readonly url: string;
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

/**
 * Starts a server as `cvescan serve` does.
 *
 * @param database where its state is. @param clair further keys of the configuration below `clair`; `ours` beside it.
 */
export async function startTestServer(
  database: StateOptions,
  {
    clair = {},
    ours = {},
    options = {},
  }: {
    readonly clair?: Readonly<Record<string, object>>;
    readonly ours?: Readonly<Record<string, unknown>>;
    readonly options?: Partial<ServeOptions>;
  } = {},
): Promise<TestServer> {
  const source = database.type === 'sqlite' ? database.file : database.source;
  const config = serverConfigOf(
    {
      datasources: { sources: {} },
      server: {
        ...ours,
        clair: {
          updater: { interval: '0' },
          ...clair,
          database: { type: database.type, options: { source } },
          api: { addr: '127.0.0.1:0', healthaddr: '127.0.0.1:0', ...clair.api },
        },
      },
    },
    placesOf({ HOME: '/nowhere' }),
  );
  const log: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void log.push(JSON.parse(line)) };
  const server = await startServer({
    ...{ config, log: createLog('debug', destination), insecureTls: false, env: {} },
    ...{ databaseDirectory: '/nowhere/cvescan', cacheDirectory: '/nowhere/cache', datasources: { sources: {} } },
    ...options,
  });
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= server.stop());
  return { ...server, stop, url: server.apiUrl ?? '', log, [Symbol.asyncDispose]: stop };
}
