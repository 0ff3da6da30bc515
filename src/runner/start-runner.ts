import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import packageJson from '../../package.json' with { type: 'json' };
import { openSnapshot } from '../advisories/open-snapshot.ts';
import { readPointerIfWhole } from '../advisories/pointer.ts';
import { ScannerError } from '../model/errors.ts';
import type { Config } from '../platform/config.ts';
import { reasonOf } from '../platform/system-errors.ts';
import { createJobsClient, type JobsClientOptions } from '../wire/jobs-v1/client.ts';
import { realRunnerClock } from './runner-clock.ts';
import type { RunnerLog } from './runner-log.ts';
import type { RunnerSettings } from './runner-settings.ts';
import { Supervisor, type SupervisorEnd } from './supervisor.ts';
import { WorkerPool } from './worker-pool.ts';

export interface RunnerWorld {
  readonly databaseDirectory: string;
  readonly cacheDirectory: string;
  readonly datasources: Config['datasources'];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: RunnerLog;
  /** End when there is nothing more to do. */
  readonly once: boolean;
  readonly takeSignals: (listener: (signal: 'SIGINT' | 'SIGTERM') => void) => void;
}

/** Runs a runner until it is told to end. @throws ScannerError `config.invalid`, `database.missing` (with `once`). */
export async function startRunner(settings: RunnerSettings, world: RunnerWorld): Promise<SupervisorEnd> {
  const { databaseDirectory, cacheDirectory, datasources, env, log, once, takeSignals } = world;
  const connection = connectionOf(settings);
  const { from, localPaths, allowUrls, workerCount, workerMemoryMiB } = settings;
  const { mirror, sources } = datasources;
  const setup = { connection, databaseDirectory, cacheDirectory, from, sources, localPaths, allowUrls };
  const workers = new WorkerPool({
    count: workerCount,
    memoryMiB: workerMemoryMiB,
    setup: { ...setup, ...(mirror !== undefined && { mirror }) },
    env: withoutSecrets(env),
  });
  await using client = createJobsClient(connection);
  const supervisor = new Supervisor({
    ...{ client, workers, log, once },
    clock: realRunnerClock,
    newRequestId: randomUUID,
    pollingDelayMs: settings.pollingDelayMs,
    updatePeriodMs: settings.updatePeriodMs,
    hasSnapshot: usableSnapshot(databaseDirectory, log),
    beat: heartbeat(settings.heartbeatFile),
  });
  takeSignals((signal) => (signal === 'SIGINT' ? supervisor.interrupt() : supervisor.terminate()));
  log.info(
    `runner of ${settings.endpoint}: ${workerCount} workers, database in ${databaseDirectory}, sources from ${from}`,
  );
  warnOfPlainHttp(settings.endpoint, log);
  try {
    return await supervisor.run();
  } finally {
    await workers.close();
  }
}

/** Whether scans can be done: a snapshot is there, and of the form that this program reads. It is looked at once. */
function usableSnapshot(directory: string, log: RunnerLog): () => boolean {
  let known: { readonly id: string; readonly isUsable: boolean } | undefined;
  const look = (id: string): boolean => {
    try {
      openSnapshot(directory, { id }).close();
      return true;
    } catch (error) {
      log.error(`no scans are done: ${error instanceof Error ? error.message : error}`);
      return false;
    }
  };
  return () => {
    const id = readPointerIfWhole(directory)?.id;
    if (id === undefined) return false;
    if (known?.id !== id) known = { id, isUsable: look(id) };
    return known.isUsable;
  };
}

function connectionOf({ endpoint, token, tlsFiles }: RunnerSettings): JobsClientOptions {
  const tls = Object.fromEntries(Object.entries(tlsFiles).map(([name, file]) => [name, readPem(file)] as const));
  return { endpoint, token, userAgent: `cvescan/${packageJson.version}`, tls };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ScannerError('config.invalid', `cannot read ${file}: ${reasonOf(cause)}`, { file }, { cause });
  }
}

/** Workers are told what they need; what they run on is untrusted. */
function withoutSecrets(env: RunnerWorld['env']): RunnerWorld['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/TOKEN|SECRET|PASSWORD|API_KEY/i.test(name)));
}

/** Beyond this machine anybody on the way could read the token. */
function warnOfPlainHttp(endpoint: string, log: RunnerLog): void {
  const { protocol, hostname } = new URL(endpoint);
  if (protocol === 'https:' || /^(localhost|127\..*|\[::1\])$/.test(hostname)) return;
  log.warn(`${endpoint} is no https: the token and the documents can be read on the way`);
}

const BEAT_MS = 1000;

function heartbeat(file: string | undefined): () => void {
  let beatenMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (file === undefined || performance.now() - beatenMs < BEAT_MS) return;
    beatenMs = performance.now();
    writeFileSync(file, `${new Date().toISOString()}\n`);
  };
}
