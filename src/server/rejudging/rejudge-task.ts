import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { workerEntry } from '../../platform/worker-entry.ts';
import type { ScanOptions } from '../../wire/jobs-v1/schemas.ts';
import type { JudgementChange } from './judge-again.ts';
import type { Question } from './questions.ts';

/** What the process is told. Plain data. */
export type RejudgeTask =
  /** Which questions do two snapshots answer differently? */
  | {
      readonly kind: 'compare';
      readonly oldFile: string;
      readonly newFile: string;
      readonly questions: readonly Question[];
    }
  | JudgeTask;

/** Judges reports anew; one that changes is written in the place of the one before. */
export interface JudgeTask {
  readonly kind: 'judge';
  readonly directory: string;
  readonly snapshotId: string;
  readonly scans: readonly { readonly id: string; readonly reportFile: string; readonly options: ScanOptions }[];
}

/** A scan that was judged; `changes` is there where its report is another one. */
export interface JudgedScan {
  readonly id: string;
  readonly questions: readonly Question[];
  readonly counts?: Readonly<Record<string, number>>;
  readonly changes?: readonly JudgementChange[];
  readonly failure?: string;
}

export type RejudgeAnswer =
  | { readonly touched: readonly Question[] }
  | { readonly judged: readonly JudgedScan[] }
  | { readonly failure: string };

const MAX_HEAP_MIB = 2048;
const NICENESS = 10;

/** Does a task in a process of its own, at low priority. @throws Error: the process failed, or the signal's reason. */
export async function runRejudgeTask(
  task: RejudgeTask,
  signal: AbortSignal,
): Promise<Exclude<RejudgeAnswer, { failure: string }>> {
  signal.throwIfAborted();
  const child = fork(workerEntry('rejudge-worker', import.meta.url), {
    execArgv: [`--max-old-space-size=${MAX_HEAP_MIB}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  try {
    if (child.pid !== undefined) setPriority(child.pid, NICENESS);
    const { promise, resolve, reject } = Promise.withResolvers<RejudgeAnswer>();
    child.once('message', resolve).once('error', reject);
    child.once('exit', (code, killedBy) => reject(new Error(`judging again ended with ${killedBy ?? code}`)));
    child.send(task);
    const answer = await promise;
    if ('failure' in answer) throw new Error(answer.failure);
    return answer;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}
