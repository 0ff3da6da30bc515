import type { AttemptEnding, Job, JobState, JobType } from '../model/job.ts';
import type { JobPayload } from './job-payload.ts';
import type { Outcome } from './job-rules.ts';

/** A job to be done. */
export interface NewJob {
  readonly id: string;
  readonly type: JobType;
  /** What the runner is told; JSON. */
  readonly work: unknown;
  readonly submitter: string;
  readonly priority?: number;
  /** Default one hour. */
  readonly timeoutMs?: number;
  /** The id of the only runner that may have it. */
  readonly forRunner?: string;
  readonly payload?: JobPayload;
}

/** What a runner delivers at the end. */
export interface JobResult {
  readonly outcome: Outcome;
  readonly reportSha256?: string;
  readonly snapshotId?: string;
  readonly counts?: Readonly<Record<string, number>>;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly stage: string;
}

export interface Attempt {
  /** The fencing number of its lease. */
  readonly number: number;
  readonly runner: string;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly ending?: AttemptEnding;
  readonly reason?: string;
}

/** A job with everything that is told of it. */
export interface JobDetails extends Job {
  readonly submitter: string;
  readonly work: unknown;
  readonly progress?: Progress;
  readonly result?: Omit<JobResult, 'outcome'>;
  readonly attempts: readonly Attempt[];
}

/** Whom a list of jobs concerns, and where it goes on. */
export interface JobFilter {
  readonly submitter?: string;
  readonly state?: JobState;
  readonly limit: number;
  /** As the page before gave it. */
  readonly after?: string;
}

export interface JobPage {
  readonly jobs: readonly JobDetails[];
  readonly next?: string;
}
