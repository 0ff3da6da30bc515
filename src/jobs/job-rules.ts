import { ScannerError } from '../model/errors.ts';
import type { AttemptEnding, Job, JobError, Lease } from '../model/job.ts';

/**
 * The life of a job as pure functions: each takes the job and the time, and gives the job as it is afterwards.
 *
 *     pending -> running -> succeeded | failed          running -> pending (again, released)
 *     pending, running -> cancelled                     failed, cancelled -> pending (retry)
 *
 * Whoever stores jobs holds the row's lock from reading to writing, so that two of these never see the same job.
 */

/** How patient the queue is. */
export interface JobLimits {
  /** How long a lease lasts; milliseconds. */
  readonly leaseMs: number;
  readonly maxAttempts: number;
  /** The wait after the first attempt, four times as long after each further one; milliseconds. */
  readonly retryDelayMs: number;
  /** Leases that may be given back without counting as an attempt. */
  readonly maxReleases: number;
}

export const DEFAULT_JOB_LIMITS: JobLimits = {
  leaseMs: 300_000,
  maxAttempts: 3,
  retryDelayMs: 10_000,
  maxReleases: 10,
};

/** A job after a step, and how its attempt ended if it did. */
export interface Step {
  readonly job: Job;
  readonly ended?: AttemptEnding;
}

/** What a runner says of a job that it holds. */
export interface Claim {
  readonly token: string;
  readonly runner: string;
}

export type Outcome = { readonly status: 'succeeded' } | { readonly status: 'failed'; readonly error: JobError };

/** Whether a lease may be granted now. */
export function isLeasable(job: Job, nowMs: number): boolean {
  return job.state === 'pending' && job.notBeforeMs <= nowMs && nowMs < job.deadlineMs;
}

/** Gives a pending job to a runner. The caller has asked `isLeasable`. */
export function grant(job: Job, { token, runner, requestId }: Claim & Pick<Lease, 'requestId'>, at: At): Step {
  const lease = { token, runner, requestId, startedAtMs: at.nowMs, expiresAtMs: expiry(job, at) };
  return {
    job: { ...job, state: 'running', lease, attemptCount: job.attemptCount + 1, leaseCount: job.leaseCount + 1 },
  };
}

/** The time of a step, and the limits in force. */
export interface At {
  readonly nowMs: number;
  readonly limits: JobLimits;
}

/** @throws ScannerError `lease.lost`, `job.cancelled`, `job.deadline`. */
export function renew(job: Job, claim: Claim, at: At): Step {
  const lease = heldLease(job, claim, at.nowMs);
  return { job: { ...job, lease: { ...lease, expiresAtMs: Math.max(lease.expiresAtMs, expiry(job, at)) } } };
}

/** Takes a result. @throws ScannerError `lease.lost`, `job.cancelled`, `job.deadline`. */
export function finish(job: Job, claim: Claim, outcome: Outcome, at: At): Step {
  heldLease(job, claim, at.nowMs);
  if (outcome.status === 'succeeded') return { job: end(job, 'succeeded', at.nowMs), ended: 'succeeded' };
  return { job: failAttempt(job, outcome.error, at), ended: 'failed' };
}

/** Gives a job back unharmed. @throws ScannerError `lease.lost`, `job.cancelled`, `job.deadline`. */
export function release(job: Job, claim: Claim, { nowMs, limits }: At): Step {
  heldLease(job, claim, nowMs);
  const { lease: _, ...rest } = job;
  const isFree = job.releaseCount < limits.maxReleases;
  if (!isFree && job.attemptCount >= limits.maxAttempts) {
    const error = { code: 'job.released', message: 'given back too often', retryable: false };
    return { job: end(job, 'failed', nowMs, error), ended: 'released' };
  }
  return {
    job: {
      ...rest,
      state: 'pending',
      notBeforeMs: nowMs,
      attemptCount: job.attemptCount - (isFree ? 1 : 0),
      releaseCount: job.releaseCount + 1,
    },
    ended: 'released',
  };
}

/** Ends what has not ended. The lease of a running job stays, so that its runner is told why. @throws ScannerError `job.ended`. */
export function cancel(job: Job, nowMs: number): Step {
  if (job.state === 'pending') return { job: end(job, 'cancelled', nowMs) };
  if (job.state !== 'running') throw new ScannerError('job.ended', `the job has ${job.state} already`, { id: job.id });
  return { job: { ...job, state: 'cancelled', endedAtMs: nowMs }, ended: 'cancelled' };
}

/** Puts a job that failed or was cancelled into the queue again, as if it were new. @throws ScannerError `job.not-ended`. */
export function retry({ lease: _, endedAtMs: __, error: ___, ...job }: Job, nowMs: number): Step {
  if (job.state !== 'failed' && job.state !== 'cancelled') {
    throw new ScannerError('job.not-ended', `only a failed or cancelled job is tried again: this one is ${job.state}`, {
      id: job.id,
    });
  }
  const deadlineMs = nowMs + job.timeoutMs;
  return { job: { ...job, state: 'pending', notBeforeMs: nowMs, deadlineMs, attemptCount: 0, releaseCount: 0 } };
}

/** What time alone does to a job: deadlines pass, leases expire. Undefined: nothing. */
export function settle(job: Job, at: At): Step | undefined {
  const { nowMs } = at;
  if (job.state !== 'pending' && job.state !== 'running') return undefined;
  const wasRunning = job.state === 'running';
  if (nowMs >= job.deadlineMs) {
    const seconds = job.timeoutMs / 1000;
    const error = { code: 'job.deadline', message: `not done within ${seconds} seconds`, retryable: false };
    return { job: end(job, 'failed', nowMs, error), ...(wasRunning && { ended: 'deadline' }) };
  }
  if (!job.lease || nowMs < job.lease.expiresAtMs) return undefined;
  const error = { code: 'lease.lost', message: 'the runner stopped renewing its lease', retryable: true };
  return { job: failAttempt(job, error, at), ended: 'expired' };
}

/** A result counts only while its lease is the current one and lives, in this order. */
export function heldLease(job: Job, { token, runner }: Claim, nowMs: number): Lease {
  const { id, lease } = job;
  if (!lease || lease.token !== token || lease.runner !== runner)
    throw leaseLost(id, 'the job is not leased with this token');
  if (job.state === 'cancelled') throw new ScannerError('job.cancelled', 'the job was cancelled', { id });
  if (nowMs >= job.deadlineMs) throw new ScannerError('job.deadline', 'the deadline of the job has passed', { id });
  if (job.state !== 'running' || nowMs >= lease.expiresAtMs) throw leaseLost(id, 'the lease has expired');
  return lease;
}

function leaseLost(id: string, message: string): ScannerError {
  return new ScannerError('lease.lost', message, { id });
}

function failAttempt(job: Job, error: JobError, { nowMs, limits }: At): Job {
  if (!error.retryable || job.attemptCount >= limits.maxAttempts) return end(job, 'failed', nowMs, error);
  const { lease: _, ...rest } = job;
  const delayMs = limits.retryDelayMs * 4 ** (job.attemptCount - 1);
  return { ...rest, state: 'pending', notBeforeMs: nowMs + delayMs, error };
}

function end(job: Job, state: 'succeeded' | 'failed' | 'cancelled', nowMs: number, error?: JobError): Job {
  const { lease: _, error: __, ...rest } = job;
  return { ...rest, state, endedAtMs: nowMs, ...(error && { error }) };
}

function expiry({ deadlineMs }: Job, { nowMs, limits }: At): number {
  return Math.min(nowMs + limits.leaseMs, deadlineMs);
}
