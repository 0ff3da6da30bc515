import { quietWarnings } from '../../platform/quiet-warnings.ts';
import { doRejudgeTask, messageOf } from './do-rejudge-task.ts';
import type { RejudgeAnswer, RejudgeTask } from './rejudge-task.ts';

// A process that judges stored scans again: reports of runners are untrusted, and SQLite's calls block. One task, one answer.

quietWarnings();
process.once('disconnect', () => process.exit());
process.once('message', async (task: RejudgeTask) => {
  const answer: RejudgeAnswer = await doRejudgeTask(task).catch((error: unknown) => ({ failure: messageOf(error) }));
  process.send!(answer, () => process.exit());
});
