import { parentPort } from 'node:worker_threads';
import { ScannerError } from '../model/errors.ts';
import { quietWarnings } from './quiet-warnings.ts';
import type { ThreadAnswer } from './thread-pool.ts';

/**
 * What a worker thread of a `ThreadPool` does: the jobs that it is told, one after the other.
 *
 * @param transferOf memory of an answer that is handed over instead of copied.
 */
export function answerJobs<Job, Answer>(
  work: (job: Job) => Promise<Answer>,
  transferOf: (answer: Answer) => readonly ArrayBuffer[] = () => [],
): void {
  quietWarnings();
  const port = parentPort!;
  port.on('message', async (job: Job) => {
    const answer = await answerOf(work, job);
    port.postMessage(answer, answer.kind === 'done' ? [...transferOf(answer.value)] : []);
  });
}

async function answerOf<Job, Answer>(work: (job: Job) => Promise<Answer>, job: Job): Promise<ThreadAnswer<Answer>> {
  try {
    return { kind: 'done', value: await work(job) };
  } catch (error) {
    if (!(error instanceof ScannerError))
      return { kind: 'broken', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    const { code, message, details } = error;
    return { kind: 'refused', code, message, details };
  }
}
