import { runTask } from '../src/server/tasks/run-task.ts';

// Has a task done by a process of its own, which waits for a lock that is never free: what a test of kill -9 kills.

const [directory = '', file = ''] = process.argv.slice(2);
const at = new Date(0).toISOString();
await runTask({ kind: 'import', directory, file, at }, new AbortController().signal);
