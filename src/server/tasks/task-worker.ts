import { quietWarnings } from '../../platform/quiet-warnings.ts';
import { plainError } from './plain-error.ts';
import type { Task, TaskAnswer, TaskResults } from './task.ts';

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

/** What a task needs is loaded for it alone. */
async function run(task: Task, signal: AbortSignal): Promise<TaskResults[Task['kind']]> {
  switch (task.kind) {
    case 'update':
      return (await import('./update-directory.ts')).updateDirectory(task, signal);
    case 'export':
      return (await import('../../advisories/snapshot-archive.ts')).exportSnapshot(task.directory, task.file);
    case 'import': {
      const { lockDirectory } = await import('../../advisories/database-directory.ts');
      const { importSnapshot } = await import('../../advisories/snapshot-archive.ts');
      using _ = await lockDirectory(task.directory, { signal, onWait: () => {} });
      return await importSnapshot(task.directory, task.file, task.at);
    }
    case 'compare':
      return (await import('../updates/write-differences.ts')).writeDifferences(task, signal);
  }
}
