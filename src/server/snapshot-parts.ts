import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import packageJson from '../../package.json' with { type: 'json' };
import type { Config } from '../platform/config.ts';
import type { State } from '../state/state.ts';
import { type BackgroundLoop, createLoop } from './background-loop.ts';
import type { ServerConfig } from './config/server-config.ts';
import type { Metrics } from './metrics.ts';
import { PublicationFollower } from './snapshots/publication-follower.ts';
import { ServedSnapshots } from './snapshots/served-snapshots.ts';
import { runTask } from './tasks/run-task.ts';
import { chooseSources } from './updates/choose-sources.ts';
import { UpdateRounds } from './updates/update-rounds.ts';

export interface SnapshotPartsOptions {
  readonly state: State;
  readonly config: ServerConfig;
  /** Of the advisory database. */
  readonly databaseDirectory: string;
  /** Of what can be made again: clones of git feeds. */
  readonly cacheDirectory: string;
  readonly datasources: Config['datasources'];
  /** Unique for each process. */
  readonly instanceId: string;
  readonly metrics: Metrics;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

/** Which snapshot is served, and what makes new ones. Disposing of it tells the other instances that this one is gone. */
export interface SnapshotParts extends AsyncDisposable {
  readonly served: ServedSnapshots;
  readonly follower: PublicationFollower;
  readonly loops: readonly BackgroundLoop[];
}

/** Instances look so often for a snapshot that another one published. */
const FOLLOW_PAUSE_MS = 5000;
/** How often an instance asks whether an update is due. */
const UPDATE_PAUSE_MS = 10_000;
/** A snapshot that is published has so long to come here before the server starts without it. */
const FIRST_CHECK_MS = 60_000;

/** What is there already is served from the first request on. */
export async function createSnapshotParts(options: SnapshotPartsOptions): Promise<SnapshotParts> {
  const { state, databaseDirectory: directory, instanceId, log } = options;
  const served = new ServedSnapshots(directory);
  const follower = new PublicationFollower({
    ...{ state, directory, served, instanceId, runTask, log },
    now: () => new Date(),
  });
  await follower
    .check(AbortSignal.timeout(FIRST_CHECK_MS))
    .catch((error: unknown) => log.warn({ err: error }, 'no snapshot can be served yet'));
  const following = createLoop({
    name: 'publications',
    round: (signal) => follower.check(signal),
    pauseMs: FOLLOW_PAUSE_MS,
    log,
  });
  return {
    served,
    follower,
    loops: [following, ...updateLoops(options, follower)],
    async [Symbol.asyncDispose]() {
      await follower.leave().catch(() => {});
      served[Symbol.dispose]();
    },
  };
}

function updateLoops(options: SnapshotPartsOptions, follower: PublicationFollower): readonly BackgroundLoop[] {
  const { state, config, datasources, instanceId, metrics, log } = options;
  const { enabled, intervalMs } = config.updater;
  if (intervalMs === 0) return [];
  const updates = new UpdateRounds({
    ...{ state, follower, instanceId, runTask, intervalMs, log },
    nowMs: () => performance.now(),
    task: {
      directory: options.databaseDirectory,
      sources: chooseSources(enabled, datasources.sources),
      settings: datasources.sources,
      access: {
        mirror: datasources.mirror,
        temporaryDirectory: options.env.TMPDIR || tmpdir(),
        gitDirectory: join(options.cacheDirectory, 'git'),
        version: packageJson.version,
      },
      concurrency: availableParallelism(),
    },
    measures: {
      updated({ durationSeconds, failedCount, noteCount }) {
        metrics.updaterDuration.set(durationSeconds);
        metrics.updaterErrors.inc(failedCount);
        metrics.updaterNotes.set(noteCount);
      },
    },
  });
  return [createLoop({ name: 'updates', round: (signal) => updates.round(signal), pauseMs: UPDATE_PAUSE_MS, log })];
}
