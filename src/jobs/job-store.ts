import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { ScannerError } from '../model/errors.ts';
import type { Job } from '../model/job.ts';
import type { State, WriteTransaction } from '../state/state.ts';
import type { JobRow } from '../state/tables/jobs.ts';
import { jobOf, lifeRowOf } from './job-rows.ts';
import type { At, JobLimits, Step } from './job-rules.ts';

export type Tx = WriteTransaction;

/** What a step is decided on. */
export interface Locked extends At {
  readonly tx: Tx;
  readonly row: Selectable<JobRow>;
  readonly job: Job;
}

/** Where jobs are kept, and by which rules. */
export interface JobStore {
  readonly state: State;
  readonly limits: JobLimits;
  /** Milliseconds, as everybody's times are measured: the database's clock. */
  readonly nowMs: (tx: Tx) => Promise<number>;
}

/**
 * Takes a job by its row's lock, lets `act` decide, and stores what came of it, in one transaction.
 *
 * @throws ScannerError `job.not-found`, and what `act` throws.
 */
export async function changeJob(
  store: JobStore,
  id: string,
  act: (locked: Locked) => Promise<Step> | Step,
): Promise<Job> {
  return store.state.write(async (tx) => {
    const row = await lockJob(store, tx, id);
    const nowMs = await store.nowMs(tx);
    const job = jobOf(row);
    const step = await act({ tx, row, job, nowMs, limits: store.limits });
    // Who only looks whether a lease is held writes nothing.
    if (step.job !== job) await storeStep(tx, step, nowMs);
    return step.job;
  });
}

/** Uses the primary key; PostgreSQL locks the row, SQLite has one writer at a time anyway. */
async function lockJob({ state }: JobStore, tx: Tx, id: string): Promise<Selectable<JobRow>> {
  const row = await tx
    .selectFrom('job')
    .selectAll()
    .where('id', '=', id)
    .$if(state.dialect === 'postgres', (query) => query.forUpdate())
    .executeTakeFirst();
  if (!row) throw new ScannerError('job.not-found', `there is no job ${id}`, { id });
  return row;
}

/** Stores a job after a step. What only a live job needs goes with its end. */
export async function storeStep(tx: Tx, { job, ended }: Step, nowMs: number): Promise<void> {
  await tx.updateTable('job').set(lifeRowOf(job)).where('id', '=', job.id).execute();
  if (ended) {
    const reason = job.error && ended !== 'succeeded' ? `${job.error.code}: ${job.error.message}` : null;
    await tx
      .updateTable('job_attempt')
      .set({ ended_at: nowMs, ending: ended, reason })
      .where('job_id', '=', job.id)
      .where('number', '=', job.leaseCount)
      .execute();
  }
  // A failed job may be tried again, so it keeps its document; `sweepJobs` takes it in the end.
  if (job.state === 'succeeded' || job.state === 'cancelled') {
    await tx.deleteFrom('job_payload').where('job_id', '=', job.id).execute();
  }
}

export function hashOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}
