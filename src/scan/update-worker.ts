import { parentPort, workerData } from 'node:worker_threads';
import { createFeedAccess } from '../feeds/feed-access.ts';
import { findUpdater } from '../feeds/updaters/registry.ts';
import { ScannerError } from '../model/errors.ts';
import { quietWarnings } from '../platform/quiet-warnings.ts';
import { collectSource } from './collect-source.ts';
import type { CollectJob, WorkerMessage, WorkerSettings } from './update-pool.ts';

// A worker thread of `datasources-update`: reads the sources that it is told to, one after the other.

/** The display needs no more than this. */
const PROGRESS_INTERVAL_MS = 100;

quietWarnings();
const port = parentPort!;
const settings = workerData as WorkerSettings;
const send = (message: WorkerMessage): void => port.postMessage(message);

port.on('message', (job: CollectJob) => {
  collect(job).then(
    (collected) => send({ kind: 'collected', collected }),
    (error: unknown) => send({ kind: 'failed', ...plainError(error) }),
  );
});

async function collect({ source, nowMs, settings: own }: CollectJob) {
  const updater = findUpdater(source)!;
  const signal = new AbortController().signal;
  await using access = await createFeedAccess({ ...settings.access, signal });
  let toldMs = 0;
  return await collectSource(updater, {
    directory: settings.directory,
    access,
    settings: own,
    now: () => new Date(nowMs),
    signal,
    onProgress: (progress) => {
      if (performance.now() - toldMs < PROGRESS_INTERVAL_MS) return;
      toldMs = performance.now();
      send({ kind: 'progress', progress: { ...progress } });
    },
    onWritten: (written) => send({ kind: 'written', written }),
  });
}

/** Errors lose their class on the way between threads; what a ScannerError says goes as plain data. */
function plainError(error: unknown) {
  if (error instanceof ScannerError) return { code: error.code, message: error.message, details: error.details };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
