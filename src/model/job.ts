/** What a job is about: judge a target, or refresh data sources. */
export const JOB_TYPES = ['scan', 'update'] as const;
export type JobType = (typeof JOB_TYPES)[number];

export const JOB_STATES = ['pending', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A runner's right to a job until a time. Times are milliseconds of the database's clock. */
export interface Lease {
  /** 128 random bits in hex, new for every lease. */
  readonly token: string;
  /** The id of the runner's own token. */
  readonly runner: string;
  /** The runner's name of its request: asked again, it is answered with the same lease. */
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly expiresAtMs: number;
}

/** Why a job or one of its attempts failed. */
export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** A unit of work in the queue, as far as its life is concerned. */
export interface Job {
  readonly id: string;
  readonly type: JobType;
  readonly state: JobState;
  /** Higher first. */
  readonly priority: number;
  readonly createdAtMs: number;
  /** Not leased before: the wait between two attempts. */
  readonly notBeforeMs: number;
  /** Over all attempts. */
  readonly deadlineMs: number;
  /** Distance of the deadline from the submission, or from the retry. */
  readonly timeoutMs: number;
  /** Attempts that count; a released one does not. */
  readonly attemptCount: number;
  /** Leases so far: the fencing number. */
  readonly leaseCount: number;
  readonly releaseCount: number;
  /** Present while it runs; and after it was cancelled, until the runner was told. */
  readonly lease?: Lease;
  readonly endedAtMs?: number;
  readonly error?: JobError;
}

/** How an attempt ended. */
export const ATTEMPT_ENDINGS = ['succeeded', 'failed', 'expired', 'released', 'cancelled', 'deadline'] as const;
export type AttemptEnding = (typeof ATTEMPT_ENDINGS)[number];
