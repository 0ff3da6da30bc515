import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { State } from '../state/state.ts';
import { type BackgroundLoop, createLoop } from './background-loop.ts';
import { RejudgeRounds } from './rejudging/rejudge-rounds.ts';
import { runRejudgeTask } from './rejudging/rejudge-task.ts';
import type { ServedSnapshots } from './snapshots/served-snapshots.ts';
import type { Tokens } from './usecases/tokens.ts';

export interface JobLoopParts {
  readonly state: State;
  readonly queue: JobQueue;
  readonly tokens: Tokens;
  /** Of the advisory database. */
  readonly databaseDirectory: string;
  readonly served: ServedSnapshots;
  readonly retentionMs: number;
  readonly log: Logger;
}

/** What is done about jobs and scans beside answering. */
export function createJobLoops(parts: JobLoopParts): readonly BackgroundLoop[] {
  const { state, queue, tokens, databaseDirectory, served, retentionMs, log } = parts;
  const rejudging = new RejudgeRounds({
    ...{ state, queue, log, directory: databaseDirectory, instanceId: randomUUID() },
    current: () => served.current(),
    runTask: runRejudgeTask,
  });
  return [
    createLoop({ name: 'sweep of jobs', round: () => queue.sweep(), pauseMs: 1000, log }),
    createLoop({ name: 'count of token uses', round: () => tokens.writeUses(), pauseMs: 60_000, log }),
    createLoop({
      name: 'removal of old jobs',
      round: async () => queue.forget((await state.now()) - retentionMs),
      pauseMs: 3_600_000,
      log,
    }),
    createLoop({ name: 'judging of stored scans', round: (signal) => rejudging.round(signal), pauseMs: 10_000, log }),
  ];
}
