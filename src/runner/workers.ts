import type { LeaseAnswer } from '../wire/jobs-v1/schemas.ts';
import type { Unlock } from './lease-registry.ts';

/** What a worker is given: a job of the server with its lease, or an update of the runner's own. */
export type Work =
  | { readonly kind: 'leased'; readonly job: LeaseAnswer['job']; readonly leaseToken: string }
  | { readonly kind: 'local-update'; readonly id: string; readonly datasources: readonly string[] };

/** How a worker's job ended. */
export type WorkEnd =
  /** The worker has told the server, or the server would not hear it any more. */
  | { readonly kind: 'done'; readonly failure?: string }
  /** The process ended before it could tell anybody. */
  | { readonly kind: 'crashed'; readonly reason: string; readonly isOutOfMemory: boolean };

/** What workers ask the supervisor for while they work. */
export interface WorkContext {
  /** The lease's lock, with what is left of the lease; held for one attempt, freed when the worker ends. */
  lock(): Promise<{ readonly unlock: Unlock; readonly restMs: number }>;
  /** A sentence for the runner's log. */
  log(message: string): void;
}

/** Processes that do one job each at a time. */
export interface Workers {
  readonly idleCount: number;
  /** Gives a job to an idle worker. @returns how it ended; never rejects. */
  start(work: Work, context: WorkContext): Promise<WorkEnd>;
  /** Ends the worker of a job at once; its `start` is answered with `crashed`. */
  kill(jobId: string): void;
  /** Ends all, busy ones too. */
  close(): Promise<void>;
}

/** The id of a job, the server's or the runner's own. */
export const idOf = (work: Work): string => (work.kind === 'leased' ? work.job.id : work.id);
