import { jobOf } from './job-rows.ts';
import { settle } from './job-rules.ts';
import { type JobStore, storeStep, type Tx } from './job-store.ts';

/** What a sweep did. */
export interface Swept {
  /** Jobs whose lease expired or whose deadline passed. */
  readonly settledCount: number;
  /** More may be waiting. */
  readonly isFull: boolean;
}

const MAX_SETTLED = 100;

/** Does to the jobs what time has done: expired leases end, deadlines pass. Any number of instances may do it at once. */
export async function sweepJobs(store: JobStore): Promise<Swept> {
  const { state, limits } = store;
  return state.write(async (tx) => {
    const nowMs = await store.nowMs(tx);
    const rows = await overdue(store, tx, nowMs);
    for (const row of rows) {
      const step = settle(jobOf(row), { nowMs, limits });
      if (step) await storeStep(tx, step, nowMs);
    }
    return { settledCount: rows.length, isFull: rows.length === MAX_SETTLED };
  });
}

/** Removes documents of jobs that failed, updates that ended, and reports that no result named, when they are old. */
export async function forgetJobs({ state }: JobStore, endedBeforeMs: number): Promise<void> {
  await state.write(async (tx) => {
    const old = tx.selectFrom('job').select('id').where('ended_at', '<', endedBeforeMs);
    await tx.deleteFrom('job_payload').where('job_id', 'in', old).execute();
    // A result that names one is that of a job that has succeeded.
    const unnamed = old.where('state', '!=', 'succeeded');
    await tx.deleteFrom('job_report_chunk').where('job_id', 'in', unnamed).execute();
    await tx.deleteFrom('job_report').where('job_id', 'in', unnamed).execute();
    const updates = old.where('type', '=', 'update');
    await tx.deleteFrom('job_attempt').where('job_id', 'in', updates).execute();
    await tx.deleteFrom('job').where('type', '=', 'update').where('ended_at', '<', endedBeforeMs).execute();
  });
}

/** Uses the indexes `job_running` and `job_pending`. */
function overdue({ state }: JobStore, tx: Tx, nowMs: number) {
  return tx
    .selectFrom('job')
    .selectAll()
    .where((or) =>
      or.or([
        or.and([or('state', '=', 'running'), or('lease_expires_at', '<=', nowMs)]),
        or.and([or('state', '=', 'pending'), or('deadline_at', '<=', nowMs)]),
      ]),
    )
    .orderBy('id')
    .limit(MAX_SETTLED)
    .$if(state.dialect === 'postgres', (query) => query.forUpdate().skipLocked())
    .execute();
}
