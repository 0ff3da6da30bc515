import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { openSnapshotFile } from '../../advisories/open-snapshot.ts';
import type { NewNotification } from '../../state/notification-rows.ts';
import { openState } from '../../state/open-state.ts';
import type { CompareTask, TaskResults } from '../tasks/task.ts';
import { type Difference, findDifferences } from './find-differences.ts';

/**
 * Writes what two snapshots say otherwise as notifications to be stored, one a line; from one above `maxCount` on they are only
 * counted.
 *
 * @throws ScannerError `database.damaged`, `state.unavailable`; the signal's reason.
 */
export async function writeDifferences(task: CompareTask, signal: AbortSignal): Promise<TaskResults['compare']> {
  await using state = await openState(task.state, { schema: 'check' });
  using old = openSnapshotFile(task.oldFile);
  using now = openSnapshotFile(task.newFile);
  const fd = openSync(task.file, 'wx', 0o600);
  let count = 0;
  try {
    for await (const difference of findDifferences({ state, old, now, at: new Date() })) {
      signal.throwIfAborted();
      count += 1;
      if (count <= task.maxCount)
        writeSync(
          fd,
          `${JSON.stringify(notificationOf(difference))}
`,
        );
    }
  } finally {
    closeSync(fd);
  }
  return { count };
}

function notificationOf({
  namespace,
  name,
  old,
  new: now,
  changes,
  oldPackages,
  newPackages,
}: Difference): NewNotification {
  return {
    ...{ name: randomUUID(), origin: 'feed', namespace, vulnerability: name },
    old: old === undefined ? null : JSON.stringify(old),
    new: now === undefined ? null : JSON.stringify(now),
    changes: JSON.stringify(changes),
    ...{ oldPackages, newPackages },
  };
}
