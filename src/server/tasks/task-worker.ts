import { lockDirectory } from '../../advisories/database-directory.ts';
import { exportSnapshot, importSnapshot } from '../../advisories/snapshot-archive.ts';
import { findUpdater } from '../../feeds/updaters/registry.ts';
import { ScannerError } from '../../model/errors.ts';
import { quietWarnings } from '../../platform/quiet-warnings.ts';
import { updateDatasources } from '../../scan/update.ts';
import { UpdatePool } from '../../scan/update-pool.ts';
import type { Task, TaskAnswer, TaskError, TaskResults, UpdateTask } from './task.ts';

// A process that does one task for the server. It ends with the server: then the channel between them breaks.

quietWarnings();
const cancelled = new AbortController();
const cancel = (): void => cancelled.abort(new Error('the server ended the task'));

process.once('SIGTERM', cancel);
process.once('disconnect', () => {
  cancel();
  process.exit();
});
process.once('message', (task: Task) => {
  run(task, cancelled.signal).then(
    (result) => answer({ kind: 'done', result }),
    (error: unknown) => answer({ kind: 'failed', error: plainError(error) }),
  );
});

function answer(message: TaskAnswer): void {
  process.send!(message, () => process.disconnect());
}

async function run(task: Task, signal: AbortSignal): Promise<TaskResults[Task['kind']]> {
  switch (task.kind) {
    case 'update':
      return update(task, signal);
    case 'export':
      return exportSnapshot(task.directory, task.file);
    case 'import': {
      using _ = await lockDirectory(task.directory, { signal, onWait: () => {} });
      return await importSnapshot(task.directory, task.file, task.at);
    }
  }
}

async function update(task: UpdateTask, signal: AbortSignal): Promise<TaskResults['update']> {
  const { directory, sources, settings, concurrency } = task;
  const access = { ...task.access, env: process.env };
  await using pool = new UpdatePool({ directory, access }, signal);
  const { snapshotId, outcomes } = await updateDatasources({
    directory,
    updaters: sources.map((name) => findUpdater(name)!),
    covers: (source, namespace) => findUpdater(source)?.covers(namespace),
    named: new Set(),
    acceptShrink: false,
    concurrency,
    collect: pool.collect,
    settings,
    now: () => new Date(),
    signal,
    onEvent: () => {},
  });
  return {
    snapshotId,
    outcomes: outcomes.map(({ error, ...outcome }) => ({ ...outcome, ...(error && { error: plainError(error) }) })),
  };
}

function plainError(error: unknown): TaskError {
  if (error instanceof ScannerError) return { code: error.code, message: error.message, details: error.details };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
