import { type AttemptEnding, JOB_STATES, type JobState, type JobType } from '../model/job.ts';
import type { JobStore } from './job-store.ts';
import { RUNNER_LIFE_MS } from './lease-job.ts';

/** What an operator wants to see of a queue. */
export interface QueueStatistics {
  readonly jobs: readonly { readonly type: JobType; readonly state: JobState; readonly count: number }[];
  /** Attempts by their ending; `expired` are the lost leases. */
  readonly attempts: readonly { readonly ending: AttemptEnding; readonly count: number }[];
  /** Of the pending job that waits longest; 0 when none waits. */
  readonly oldestPendingSeconds: number;
  readonly liveRunnerCount: number;
}

/** Counted by indexes; for metrics. */
export async function countJobs(store: JobStore): Promise<QueueStatistics> {
  const { db } = store.state;
  const [jobs, endings, oldest, runners, nowMs] = await Promise.all([
    db
      .selectFrom('job')
      .select(({ fn }) => ['type', 'state', fn.countAll<number>().as('count')])
      .groupBy(['type', 'state'])
      .execute(),
    db
      .selectFrom('job_attempt')
      .select(({ fn }) => ['ending', fn.countAll<number>().as('count')])
      .where('ending', 'is not', null)
      .groupBy('ending')
      .execute(),
    db
      .selectFrom('job')
      .select(({ fn }) => fn.min('created_at').as('createdAtMs'))
      .where('state', '=', 'pending')
      .executeTakeFirst(),
    liveRunners(store),
    store.state.now(),
  ]);
  const order = (state: JobState): number => JOB_STATES.indexOf(state);
  const oldestMs = oldest?.createdAtMs ?? nowMs;
  return {
    jobs: jobs
      .map(({ type, state, count }) => ({ type, state, count: Number(count) }))
      .sort((a, b) => a.type.localeCompare(b.type) || order(a.state) - order(b.state)),
    attempts: endings.flatMap(({ ending, count }) => (ending === null ? [] : [{ ending, count: Number(count) }])),
    oldestPendingSeconds: Math.max(0, (nowMs - Number(oldestMs)) / 1000),
    liveRunnerCount: runners.length,
  };
}

/** Tokens of runners that asked for work within the last minute, sorted. */
export async function liveRunners(store: JobStore): Promise<readonly string[]> {
  const sinceMs = (await store.state.now()) - RUNNER_LIFE_MS;
  const rows = await store.state.db.selectFrom('runner_seen').select('runner').where('seen_at', '>', sinceMs).execute();
  return rows.map(({ runner }) => runner).sort();
}
