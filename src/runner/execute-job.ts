import { ScannerError } from '../model/errors.ts';
import type { JobsClient, LeasedBy, Payload } from '../wire/jobs-v1/client.ts';
import type { ResultRequest } from '../wire/jobs-v1/schemas.ts';
import { createBackoff, isPassing } from './backoff.ts';
import type { RunnerClock } from './runner-clock.ts';
import type { ScanJobResult, ScanWork } from './scan-job.ts';
import { isRetryable } from './update-job.ts';
import type { Work } from './workers.ts';

type Attempted<T> = (restMs: number) => Promise<T>;

/** What doing a job needs; the worker process composes it, tests hand in their own. */
export interface JobTools {
  readonly client: Pick<JobsClient, 'payload' | 'progress' | 'report' | 'result'>;
  readonly clock: RunnerClock;
  readonly signal: AbortSignal;
  /** Holds the lease's lock for one attempt; `restMs` is what is left of the lease. */
  readonly locked: <T>(attempt: Attempted<T>) => Promise<T>;
  readonly scan: (
    work: ScanWork,
    document: Payload | undefined,
    onStage: (stage: string) => void,
  ) => Promise<ScanJobResult>;
  readonly update: (wish: { readonly names: readonly string[]; readonly acceptShrink: boolean }) => Promise<void>;
  readonly log: (message: string) => void;
}

const MAX_ATTEMPT_MS = 30_000;
const PROGRESS_MS = 5000;
const STAGES = ['inventory', 'detection', 'report'];
/** The lease is somebody else's, or nobody's: there is nobody to tell. */
const LEASE_ENDINGS = ['lease.lost', 'job.cancelled', 'job.deadline', 'job.not-found'];
const MAX_MESSAGE_LENGTH = 2000;

type Result = Parameters<JobsClient['result']>[1];

/**
 * Does one job and tells the server how it ended.
 *
 * @returns why it came to nothing; undefined when it succeeded. Never rejects.
 */
export async function executeJob(work: Work, tools: JobTools): Promise<string | undefined> {
  try {
    if (work.kind === 'local-update') {
      await tools.update({ names: work.datasources, acceptShrink: false });
      return undefined;
    }
    const { job, leaseToken } = work;
    const lease = { id: job.id, token: leaseToken };
    const result = await outcomeOf(job.type === 'scan' ? scanned(job, lease, tools) : updated(job, tools));
    await delivered(tools, (attempt) => tools.client.result(lease, result, attempt));
    return result.status === 'failed' ? `failed: ${result.error.message}` : undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function scanned(job: ScanWork, lease: LeasedBy, tools: JobTools): Promise<Result> {
  const { client, scan } = tools;
  const document =
    job.target.kind === 'sbom' ? await attempted(tools, (attempt) => client.payload(lease, attempt)) : undefined;
  const { report, snapshotId, counts } = await scan(job, document, (stage) => tellProgress(stage, lease, tools));
  tellProgress('report', lease, tools);
  const { sha256 } = await delivered(tools, (attempt) => client.report(lease, report, attempt));
  return { status: 'succeeded', report_sha256: sha256, snapshot_id: snapshotId, counts: { ...counts } };
}

async function updated(
  { options }: Extract<Extract<Work, { kind: 'leased' }>['job'], { type: 'update' }>,
  { update }: JobTools,
): Promise<Result> {
  await update({ names: options.datasources, acceptShrink: options.accept_shrink });
  return { status: 'succeeded' };
}

/** A failure is a result too, unless the lease is gone. */
async function outcomeOf(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ScannerError && LEASE_ENDINGS.includes(error.code)) throw error;
    const code = error instanceof ScannerError ? error.code : 'worker.failed';
    const message = messageOf(error).slice(0, MAX_MESSAGE_LENGTH);
    return {
      status: 'failed',
      error: { code, message, retryable: isRetryable(error) } satisfies FailedResult['error'],
    };
  }
}

type FailedResult = Extract<ResultRequest, { status: 'failed' }>;

/** For the people who wait: that it was not heard harms nobody. */
function tellProgress(stage: string, lease: LeasedBy, { client, signal }: JobTools): void {
  const progress = { stage, done: STAGES.indexOf(stage), total: STAGES.length };
  void client.progress(lease, progress, { timeoutMs: PROGRESS_MS, signal }).catch(() => {});
}

interface Attempt {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Sends with the lease's lock, which is held for an attempt and free between two. */
function delivered<T>(tools: JobTools, send: (attempt: Attempt) => Promise<T>): Promise<T> {
  return attempted(tools, (attempt) =>
    tools.locked((restMs) => {
      if (restMs <= 0) throw new ScannerError('lease.lost', 'the lease ran out');
      return send({ ...attempt, timeoutMs: Math.min(MAX_ATTEMPT_MS, restMs) });
    }),
  );
}

/** Asks again while the server cannot be reached: until the supervisor, who knows when the lease ends, ends the worker. */
async function attempted<T>({ clock, signal, log }: JobTools, send: (attempt: Attempt) => Promise<T>): Promise<T> {
  const backoff = createBackoff(clock);
  for (;;) {
    try {
      return await send({ timeoutMs: MAX_ATTEMPT_MS, signal });
    } catch (error) {
      if (!isPassing(error)) throw error;
      const { delayMs, since } = backoff.fail();
      log(`the server has not answered since ${since}: ${messageOf(error)}`);
      await clock.sleep(delayMs, signal);
      signal.throwIfAborted();
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
