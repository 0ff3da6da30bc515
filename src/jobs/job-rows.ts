import type { Job, JobError } from '../model/job.ts';
import type { JobRow } from '../state/tables/jobs.ts';

/** The columns of a row that the rules change. */
type LifeRow = Pick<
  JobRow,
  | 'state'
  | 'not_before'
  | 'deadline_at'
  | 'attempt_count'
  | 'lease_count'
  | 'release_count'
  | 'lease_token'
  | 'lease_runner'
  | 'lease_request_id'
  | 'lease_started_at'
  | 'lease_expires_at'
  | 'ended_at'
  | 'error'
>;

export function jobOf(row: JobRow): Job {
  return {
    id: row.id,
    type: row.type,
    state: row.state,
    priority: row.priority,
    createdAtMs: row.created_at,
    notBeforeMs: row.not_before,
    deadlineMs: row.deadline_at,
    timeoutMs: row.timeout_ms,
    attemptCount: row.attempt_count,
    leaseCount: row.lease_count,
    releaseCount: row.release_count,
    ...(row.lease_token !== null && {
      lease: {
        token: row.lease_token,
        runner: row.lease_runner!,
        requestId: row.lease_request_id!,
        startedAtMs: row.lease_started_at!,
        expiresAtMs: row.lease_expires_at!,
      },
    }),
    ...(row.ended_at !== null && { endedAtMs: row.ended_at }),
    ...(row.error !== null && { error: JSON.parse(row.error) as JobError }),
  };
}

export function lifeRowOf({ lease, ...job }: Job): LifeRow {
  return {
    state: job.state,
    not_before: job.notBeforeMs,
    deadline_at: job.deadlineMs,
    attempt_count: job.attemptCount,
    lease_count: job.leaseCount,
    release_count: job.releaseCount,
    lease_token: lease?.token ?? null,
    lease_runner: lease?.runner ?? null,
    lease_request_id: lease?.requestId ?? null,
    lease_started_at: lease?.startedAtMs ?? null,
    lease_expires_at: lease?.expiresAtMs ?? null,
    ended_at: job.endedAtMs ?? null,
    error: job.error ? JSON.stringify(job.error) : null,
  };
}
