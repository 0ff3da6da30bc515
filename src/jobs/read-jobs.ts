import type { Selectable } from 'kysely';
import { ScannerError } from '../model/errors.ts';
import { readCursor, writeCursor } from '../state/page-cursor.ts';
import type { AttemptRow, JobRow } from '../state/tables/jobs.ts';
import type { Attempt, JobDetails, JobFilter, JobPage } from './job-details.ts';
import { jobOf } from './job-rows.ts';
import type { JobStore } from './job-store.ts';

/** @throws ScannerError `job.not-found`. */
export async function readJob(store: JobStore, id: string): Promise<JobDetails> {
  const row = await store.state.db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new ScannerError('job.not-found', `there is no job ${id}`, { id });
  const [details] = await withAttempts(store, [row]);
  return details!;
}

/** The newest first, by pages. Uses the index `job_created`. @throws ScannerError `usage.invalid`: a bad cursor. */
export async function listJobs(store: JobStore, { submitter, state, limit, after }: JobFilter): Promise<JobPage> {
  let query = store.state.db.selectFrom('job').selectAll();
  if (submitter !== undefined) query = query.where('submitter', '=', submitter);
  if (state !== undefined) query = query.where('state', '=', state);
  if (after !== undefined) {
    const { createdAtMs, id } = readCursor(after);
    query = query.where((or) =>
      or.or([or('created_at', '<', createdAtMs), or.and([or('created_at', '=', createdAtMs), or('id', '<', id)])]),
    );
  }
  const rows = await query
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const jobs = await withAttempts(store, shown);
  return {
    jobs,
    ...(rows.length > limit && last && { next: writeCursor({ createdAtMs: last.created_at, id: last.id }) }),
  };
}

async function withAttempts({ state }: JobStore, rows: readonly Selectable<JobRow>[]): Promise<readonly JobDetails[]> {
  if (rows.length === 0) return [];
  const attempts = await state.db
    .selectFrom('job_attempt')
    .selectAll()
    .where(
      'job_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('number')
    .execute();
  return rows.map((row) => ({
    ...jobOf(row),
    submitter: row.submitter,
    work: JSON.parse(row.work),
    ...(row.progress !== null && { progress: JSON.parse(row.progress) }),
    ...(row.result !== null && { result: JSON.parse(row.result) }),
    attempts: attempts.filter(({ job_id: id }) => id === row.id).map(attemptOf),
  }));
}

function attemptOf(row: Selectable<AttemptRow>): Attempt {
  return {
    number: row.number,
    runner: row.runner,
    startedAtMs: row.started_at,
    ...(row.ended_at !== null && { endedAtMs: row.ended_at }),
    ...(row.ending !== null && { ending: row.ending }),
    ...(row.reason !== null && { reason: row.reason }),
  };
}
