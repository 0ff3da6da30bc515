import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { ScannerError } from '../../model/errors.ts';
import { workerEntry } from '../../platform/worker-entry.ts';
import type { Task, TaskAnswer, TaskResults } from './task.ts';

/** Niceness of the process: whoever asks the server goes first. */
const NICENESS = 10;
/** A process that got SIGTERM has as long to give back its locks. */
const KILL_AFTER_MS = 5000;

/** Does a task somewhere. */
export type RunTask = <T extends Task>(task: T, signal: AbortSignal) => Promise<TaskResults[T['kind']]>;

/**
 * Does a task in a process of its own, with memory of its own, at low priority. The process ends when the signal is aborted, and
 * when this one ends, however that ends.
 *
 * @throws ScannerError with the code of the process's own; the signal's reason.
 */
export const runTask: RunTask = async <T extends Task>(task: T, signal: AbortSignal) => {
  signal.throwIfAborted();
  const child = fork(workerEntry('task-worker', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const kill = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', kill);
  try {
    lowerPriority(child);
    child.send(task);
    // What the worker answers to a task of this kind.
    return (await answerOf(child, task.kind)) as TaskResults[T['kind']];
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
    await ended(child);
  }
};

function lowerPriority({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, NICENESS);
  } catch {
    // It ended already, or the system has no such thing.
  }
}

function answerOf(child: ChildProcess, kind: Task['kind']): Promise<TaskResults[Task['kind']]> {
  const { promise, resolve, reject } = Promise.withResolvers<TaskResults[Task['kind']]>();
  child.once('error', reject);
  child.once('exit', (code, killedBy) =>
    reject(new Error(`the process of the task ${kind} ended with ${killedBy ?? `exit code ${code}`}`)),
  );
  child.once('message', (answer: TaskAnswer) => {
    if (answer.kind === 'done') resolve(answer.result);
    else if (answer.error.code) reject(new ScannerError(answer.error.code, answer.error.message, answer.error.details));
    else reject(new Error(answer.error.message));
  });
  return promise;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await promise;
  clearTimeout(timer);
}
