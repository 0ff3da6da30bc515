import { findUpdater } from '../../feeds/updaters/registry.ts';
import { updateDatasources } from '../../scan/update.ts';
import { UpdatePool } from '../../scan/update-pool.ts';
import { plainError } from './plain-error.ts';
import type { TaskResults, UpdateTask } from './task.ts';

/** Brings a database directory up to date. @throws ScannerError `database.unwritable`, `database.damaged`; the signal's reason. */
export async function updateDirectory(task: UpdateTask, signal: AbortSignal): Promise<TaskResults['update']> {
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
