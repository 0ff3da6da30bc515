import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Job } from '../model/job.ts';
import { readClock } from '../state/read-clock.ts';
import type { State } from '../state/state.ts';
import type { JobDetails, JobFilter, JobPage, JobResult, NewJob, Progress } from './job-details.ts';
import { checkPayload, type JobPayload, readPayload } from './job-payload.ts';
import { type ReportLimits, readReport, receiveReport, type StoredReport } from './job-report.ts';
import {
  type Claim,
  cancel,
  DEFAULT_JOB_LIMITS,
  heldLease,
  type JobLimits,
  release,
  renew,
  retry,
} from './job-rules.ts';
import { changeJob, type JobStore, type Tx } from './job-store.ts';
import { type LeasedJob, type LeaseWish, leaseJob } from './lease-job.ts';
import { countJobs, liveRunners, type QueueStatistics } from './queue-statistics.ts';
import { listJobs, readJob } from './read-jobs.ts';
import { submitJob } from './submit-job.ts';
import { forgetJobs, sweepJobs } from './sweep-jobs.ts';
import { takeResult } from './take-result.ts';
import { waitForWork } from './wait-for-work.ts';

export interface JobQueueOptions {
  readonly state: State;
  readonly limits?: Partial<JobLimits>;
  /** For tests: a clock in place of the database's. */
  readonly nowMs?: (tx: Tx) => Promise<number>;
  /** 128 random bits in hex; default the system's. */
  readonly newToken?: () => string;
}

/** The queue of one server: any number of servers may share its tables. */
export type JobQueue = ReturnType<typeof createJobQueue>;

/** Every step is one transaction; the rules are in `job-rules.ts`. Errors: `job.not-found`, and what the rules throw. */
export function createJobQueue({ state, limits, nowMs, newToken = randomToken }: JobQueueOptions) {
  const store: JobStore = {
    state,
    nowMs: nowMs ?? ((tx) => readClock(state, tx)),
    limits: { ...DEFAULT_JOB_LIMITS, ...limits },
  };
  const arrivals = new EventEmitter().setMaxListeners(0);
  const stopping = new AbortController();
  return {
    limits: store.limits,
    /** Wakes those who wait for work. */
    announce: (): void => void arrivals.emit('work'),
    /** Sends those home who wait for work: the server stops. */
    stopWaiting: (): void => stopping.abort(),
    ...forRunners(store, { arrivals, newToken, stopping: stopping.signal }),
    ...forPeople(store, arrivals),
    /** Ends what time has ended; to be called every second or so. */
    async sweep(): Promise<void> {
      while ((await sweepJobs(store)).isFull);
    },
    forget: (endedBeforeMs: number): Promise<void> => forgetJobs(store, endedBeforeMs),
    statistics: (): Promise<QueueStatistics> => countJobs(store),
    liveRunners: (): Promise<readonly string[]> => liveRunners(store),
  };
}

interface RunnerSide {
  readonly arrivals: EventEmitter;
  readonly newToken: () => string;
  readonly stopping: AbortSignal;
}

/** What the holder of a lease may do. */
function forRunners(store: JobStore, { arrivals, newToken, stopping }: RunnerSide) {
  return {
    /** @returns undefined when nothing came within the wait. */
    lease(wish: LeaseWish, { waitMs = 0, signal }: { readonly waitMs?: number; readonly signal?: AbortSignal } = {}) {
      const either = signal ? AbortSignal.any([signal, stopping]) : stopping;
      return waitForWork<LeasedJob>(() => leaseJob(store, wish, newToken), { waitMs, arrivals, signal: either });
    },

    /** @returns when the lease ends now. */
    async renew(id: string, claim: Claim): Promise<number> {
      const { lease } = await changeJob(store, id, ({ job, ...at }) => renew(job, claim, at));
      return lease!.expiresAtMs;
    },

    async progress(id: string, claim: Claim, progress: Progress): Promise<void> {
      await changeJob(store, id, async ({ job, nowMs, tx }) => {
        heldLease(job, claim, nowMs);
        await tx
          .updateTable('job')
          .set({ progress: JSON.stringify(progress) })
          .where('id', '=', id)
          .execute();
        return { job };
      });
    },

    payload: (id: string, claim: Claim): Promise<JobPayload> => readPayload(store, id, claim),

    receiveReport: (
      id: string,
      claim: Claim,
      { body, limits }: { readonly body: AsyncIterable<Uint8Array>; readonly limits: ReportLimits },
    ): Promise<string> => receiveReport(store, { id, claim, limits }, body),

    /** @throws ScannerError `result.conflict`: this lease has delivered another result; `report.missing`. */
    result: (id: string, claim: Claim, result: JobResult): Promise<void> => takeResult(store, id, { claim, result }),

    async release(id: string, claim: Claim): Promise<void> {
      await changeJob(store, id, ({ job, ...at }) => release(job, claim, at));
      arrivals.emit('work');
    },
  };
}

/** What submitters and operators may do. */
function forPeople(store: JobStore, arrivals: EventEmitter) {
  return {
    /** Puts a job into the queue, in a transaction of the caller's; he calls `announce` when it is through. */
    submit: (tx: Tx, job: NewJob): Promise<void> => submitJob(store, tx, job),

    cancel: (id: string): Promise<Job> => changeJob(store, id, ({ job, nowMs }) => cancel(job, nowMs)),

    /** @throws ScannerError `job.not-ended`, `job.no-payload`: its document is gone. */
    async retry(id: string): Promise<Job> {
      const job = await changeJob(store, id, async ({ job, nowMs, row, tx }) => {
        const step = retry(job, nowMs);
        if (row.payload_sha256 !== null) await checkPayload(tx, id);
        return step;
      });
      arrivals.emit('work');
      return job;
    },

    report: (id: string, sha256: string): Promise<StoredReport | undefined> => readReport(store, id, sha256),
    details: (id: string): Promise<JobDetails> => readJob(store, id),
    list: (filter: JobFilter): Promise<JobPage> => listJobs(store, filter),
  };
}

const randomToken = (): string => randomBytes(16).toString('hex');
