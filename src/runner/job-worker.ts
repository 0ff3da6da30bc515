import packageJson from '../../package.json' with { type: 'json' };
import { ScannerError } from '../model/errors.ts';
import { quietWarnings } from '../platform/quiet-warnings.ts';
import { createJobsClient } from '../wire/jobs-v1/client.ts';
import { executeJob, type JobTools } from './execute-job.ts';
import { fetchSnapshot, servedSnapshot } from './fetch-snapshot.ts';
import { realRunnerClock } from './runner-clock.ts';
import { scanJob } from './scan-job.ts';
import { updateFromPublishers } from './update-job.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './worker-messages.ts';
import type { Work } from './workers.ts';

// A worker process of a runner: takes a job, does it, reports, and takes the next, until the supervisor ends it.

quietWarnings();
// A terminal's Ctrl-C reaches the whole group: what becomes of this process is the supervisor's business.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));

const { promise: setup, resolve: setUp } = Promise.withResolvers<WorkerSetup>();
let locked: (restMs: number) => void = () => {};

process.on('message', async (message: ToWorker) => {
  if (message.kind === 'setup') setUp(message.setup);
  else if (message.kind === 'locked') locked(message.restMs);
  else await work(message.work, await setup);
});

function send(message: FromWorker): void {
  process.send?.(message);
}

async function work(job: Work, told: WorkerSetup): Promise<void> {
  await using client = createJobsClient(told.connection);
  const failure = await executeJob(job, toolsOf(told, client));
  send({ kind: 'done', ...(failure !== undefined && { failure }) });
}

function toolsOf(told: WorkerSetup, client: ReturnType<typeof createJobsClient>): JobTools {
  const { databaseDirectory, cacheDirectory, localPaths, allowUrls, from, mirror, sources } = told;
  const { env } = process;
  const clock = realRunnerClock;
  const now = (): Date => new Date();
  const { signal } = new AbortController();
  const log = (message: string): void => send({ kind: 'log', message });
  const image = { localPaths, allowUrls, userAgent: told.connection.userAgent, env, signal };
  const fetch = () => fetchSnapshot({ client, directory: databaseDirectory, clock, now, signal, log });
  return {
    ...{ client, clock, signal, log },
    async locked(attempt) {
      const restMs = await new Promise<number>((resolve) => {
        locked = resolve;
        send({ kind: 'lock' });
      });
      try {
        return await attempt(restMs);
      } finally {
        send({ kind: 'unlock' });
      }
    },
    async scan(job, document, onStage) {
      const wanted = job.options.min_snapshot_sequence ?? 0;
      const isOld = (): boolean => wanted > (servedSnapshot(databaseDirectory)?.sequence ?? 0);
      if (isOld() && from === 'server') await fetch();
      if (isOld()) throw new ScannerError('database.stale', `the server has no snapshot ${wanted} yet`, { wanted });
      return scanJob(job, document, { databaseDirectory, cacheDirectory, image, now, onStage });
    },
    async update({ names, acceptShrink }) {
      if (from === 'server') {
        const { snapshot, isNew } = await fetch();
        return log(`snapshot ${snapshot.sequence}, ${snapshot.id.slice(0, 12)}${isNew ? '' : ', as before'}`);
      }
      const publishers = {
        databaseDirectory,
        cacheDirectory,
        sources,
        version: packageJson.version,
        env,
        now,
        signal,
        log,
      };
      await updateFromPublishers({ names, acceptShrink }, { ...publishers, ...(mirror !== undefined && { mirror }) });
    },
  };
}
