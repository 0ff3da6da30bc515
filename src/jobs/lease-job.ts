import type { Selectable } from 'kysely';
import type { JobType, Lease } from '../model/job.ts';
import type { JobRow } from '../state/tables/jobs.ts';
import { jobOf } from './job-rows.ts';
import { grant } from './job-rules.ts';
import { hashOf, type JobStore, storeStep, type Tx } from './job-store.ts';

/** A runner's wish for work. */
export interface LeaseWish {
  /** The id of the runner's token. */
  readonly runner: string;
  readonly requestId: string;
  readonly types: readonly JobType[];
}

/** A job in the hands of a runner. */
export interface LeasedJob {
  readonly id: string;
  readonly type: JobType;
  readonly attempt: number;
  readonly deadlineMs: number;
  /** As it was submitted: target and options. */
  readonly work: unknown;
  readonly lease: Lease;
  /** Of the lease, when it was answered: all of it, unless it was given before. */
  readonly restMs: number;
}

/** Runners that asked less than this ago are alive. */
export const RUNNER_LIFE_MS = 60_000;

/**
 * Grants the first job that the runner may have: by priority, then by age. Asked again with the same request id it gives the
 * same lease while that lives, so an answer that was lost on its way costs nothing.
 *
 * @param newToken 128 random bits in hex.
 * @returns undefined when nothing is pending.
 */
export async function leaseJob(
  store: JobStore,
  wish: LeaseWish,
  newToken: () => string,
): Promise<LeasedJob | undefined> {
  return store.state.write(async (tx) => {
    const nowMs = await store.nowMs(tx);
    await seeRunner(tx, wish.runner, nowMs);
    const given = await givenBefore(tx, wish, nowMs);
    if (given) return leasedJobOf(given, { attempt: given.attempt_count, lease: jobOf(given).lease!, nowMs });
    const row = await firstPending(store, tx, wish, nowMs);
    if (!row) return undefined;
    const at = { nowMs, limits: store.limits };
    const step = grant(jobOf(row), { token: newToken(), runner: wish.runner, requestId: wish.requestId }, at);
    await storeStep(tx, step, nowMs);
    const lease = step.job.lease!;
    const { leaseCount: number } = step.job;
    await tx
      .insertInto('job_attempt')
      .values({
        job_id: row.id,
        number,
        runner: wish.runner,
        started_at: nowMs,
        ended_at: null,
        ending: null,
        reason: null,
        token_hash: hashOf(lease.token),
        result_hash: null,
      })
      .execute();
    return leasedJobOf(row, { attempt: step.job.attemptCount, lease, nowMs });
  });
}

/** Uses the index `job_pending`. Rows that another runner is just being given are passed over. */
function firstPending(
  { state }: JobStore,
  tx: Tx,
  { types, runner }: LeaseWish,
  nowMs: number,
): Promise<Selectable<JobRow> | undefined> {
  return tx
    .selectFrom('job')
    .selectAll()
    .where('state', '=', 'pending')
    .where('type', 'in', [...types])
    .where('not_before', '<=', nowMs)
    .where('deadline_at', '>', nowMs)
    .where((or) => or.or([or('for_runner', 'is', null), or('for_runner', '=', runner)]))
    .orderBy('priority', 'desc')
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .$if(state.dialect === 'postgres', (query) => query.forUpdate().skipLocked())
    .executeTakeFirst();
}

/** Uses the index `job_running`. */
function givenBefore(tx: Tx, { runner, requestId }: LeaseWish, nowMs: number): Promise<Selectable<JobRow> | undefined> {
  return tx
    .selectFrom('job')
    .selectAll()
    .where('state', '=', 'running')
    .where('lease_runner', '=', runner)
    .where('lease_request_id', '=', requestId)
    .where('lease_expires_at', '>', nowMs)
    .executeTakeFirst();
}

function leasedJobOf(
  row: Selectable<JobRow>,
  { attempt, lease, nowMs }: Pick<LeasedJob, 'attempt' | 'lease'> & { readonly nowMs: number },
): LeasedJob {
  const restMs = lease.expiresAtMs - nowMs;
  return {
    id: row.id,
    type: row.type,
    attempt,
    deadlineMs: row.deadline_at,
    work: JSON.parse(row.work),
    lease,
    restMs,
  };
}

/** Written at most every ten seconds a runner. */
async function seeRunner(tx: Tx, runner: string, nowMs: number): Promise<void> {
  const oldMs = nowMs - RUNNER_LIFE_MS / 6;
  await tx
    .insertInto('runner_seen')
    .values({ runner, seen_at: nowMs })
    .onConflict((conflict) =>
      conflict.column('runner').doUpdateSet({ seen_at: nowMs }).where('runner_seen.seen_at', '<', oldMs),
    )
    .execute();
}
