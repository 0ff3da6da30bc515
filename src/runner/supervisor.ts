import { ScannerError } from '../model/errors.ts';
import type { JobsClient, LeasedBy } from '../wire/jobs-v1/client.ts';
import type { LeaseAnswer, LeaseRequest } from '../wire/jobs-v1/schemas.ts';
import { createBackoff, isPassing } from './backoff.ts';
import { LeaseRegistry } from './lease-registry.ts';
import type { RunnerClock } from './runner-clock.ts';
import type { RunnerLog } from './runner-log.ts';
import { createUpdateSchedule } from './update-schedule.ts';
import { idOf, type Work, type WorkEnd, type Workers } from './workers.ts';

export interface SupervisorOptions {
  readonly client: JobsClient;
  readonly workers: Workers;
  readonly clock: RunnerClock;
  readonly log: RunnerLog;
  /** Names a request for work; asked again with the same name after a lost answer. */
  readonly newRequestId: () => string;
  readonly pollingDelayMs: number;
  readonly updatePeriodMs: number;
  /** Whether there is an advisory database: without one no scans are asked for. */
  readonly hasSnapshot: () => boolean;
  /** End when the queue of the server is empty and all is done; for pipelines. */
  readonly once?: boolean;
  /** Called every turn: the runner is alive. */
  readonly beat?: () => void;
}

/** How a supervisor ended. */
export type SupervisorEnd = 'drained' | 'interrupted' | 'terminated';

/** How the renewing of one lease goes. */
interface Renewal {
  readonly backoff: ReturnType<typeof createBackoff>;
  isRunning: boolean;
}

/** The lease of a job of the runner's own: nobody else wants it, so it lasts until it ends. */
const LOCAL_LEASE_MS = 24 * 3_600_000;
const MAX_LONG_POLL_MS = 20_000;
/** The least that a server may grant (`jobs.lease_seconds`): so long a lease may be as long as none has been seen. */
const MIN_LEASE_MS = 10_000;
/** Time between two looks at a lease whose renewal is late. */
const LATE_RENEWAL_MS = 1000;
const MAX_REQUEST_MS = 30_000;
const RELEASE_MS = 2000;

/**
 * The loop that keeps a runner's workers busy. First an update is put into the queue. Then each turn, in this order: stop if
 * interrupted; ask for work if a worker is idle; renew every lease of which half the time has gone; queue an update if its time has
 * come; wait.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #leases = new LeaseRegistry();
  /** Jobs that wait for a worker: at most one update. */
  readonly #queue: Work[] = [];
  readonly #running = new Map<string, Promise<void>>();
  readonly #updates;
  readonly #asking;
  readonly #renewals = new Map<string, Renewal>();
  readonly #stop = new AbortController();
  /** Aborted when a worker ends, to cut a wait short; made anew for each wait. */
  #wake = new AbortController();
  #isTerminated = false;
  /** Name of the question that has not been answered yet. */
  #requestId: string | undefined;
  /** Of the last lease that the server granted. */
  #grantedMs = MIN_LEASE_MS;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#updates = createUpdateSchedule({ periodMs: options.updatePeriodMs, nowMs: () => options.clock.nowMs() });
    this.#asking = createBackoff(options.clock);
  }

  /** SIGINT: no new jobs; those that run are finished and reported. A second one is a SIGTERM. */
  interrupt(): void {
    if (this.#stop.signal.aborted) {
      this.terminate();
      return;
    }
    this.#options.log.info('interrupted: no new jobs, finishing those that run', { running: this.#running.size });
    this.#stop.abort();
  }

  /** SIGTERM: workers are ended, leases given back. */
  terminate(): void {
    this.#isTerminated = true;
    this.#stop.abort();
    this.#wake.abort();
  }

  async run(): Promise<SupervisorEnd> {
    const { pollingDelayMs, clock, beat } = this.#options;
    this.#queueUpdate();
    for (;;) {
      beat?.();
      this.#startQueued();
      const isStopping = this.#stop.signal.aborted;
      if (this.#isTerminated) return this.#giveUp();
      if (isStopping && this.#running.size === 0) return 'interrupted';
      const hasBrought = !isStopping && (await this.#askForWork());
      this.#startQueued();
      this.#renewDue();
      if (!isStopping && this.#updates.isDue()) this.#queueUpdate();
      this.#startQueued();
      if (hasBrought && this.#hasIdleWorker()) continue;
      if (this.#options.once && !hasBrought && this.#isDrained()) return this.#drained();
      await this.#wait(Math.min(pollingDelayMs * (0.75 + clock.random() / 2), this.#untilRenewalMs()));
    }
  }

  #isDrained(): boolean {
    return this.#running.size === 0 && this.#queue.length === 0 && !this.#asking.isResting();
  }

  /** @throws ScannerError `database.missing`: nothing could be asked for. */
  #drained(): SupervisorEnd {
    if (this.#options.hasSnapshot()) return 'drained';
    throw new ScannerError(
      'database.missing',
      'there is no advisory database, and none could be had: see the lines above',
    );
  }

  #hasIdleWorker(): boolean {
    return this.#options.workers.idleCount > this.#queue.length;
  }

  async #wait(ms: number): Promise<void> {
    if (this.#isTerminated) return;
    this.#wake = new AbortController();
    // Of a runner that stops only the end of a worker is waited for, and the next renewal.
    const signals = this.#stop.signal.aborted ? [this.#wake.signal] : [this.#wake.signal, this.#stop.signal];
    await this.#options.clock.sleep(ms, AbortSignal.any(signals));
  }

  /** @returns whether a job came. */
  async #askForWork(): Promise<boolean> {
    const { client, clock, log, newRequestId, hasSnapshot } = this.#options;
    if (!this.#hasIdleWorker() || this.#asking.isResting()) return false;
    this.#requestId ??= newRequestId();
    const waitMs = this.#longPollMs();
    const sentAtMs = clock.nowMs();
    const request: LeaseRequest = {
      request_id: this.#requestId,
      types: hasSnapshot() ? ['scan', 'update'] : ['update'],
      wait_seconds: Math.floor(waitMs / 100) / 10,
    };
    try {
      const leased = await client.lease(request, { timeoutMs: waitMs + MAX_REQUEST_MS, signal: this.#stop.signal });
      if (this.#asking.succeed()) log.info('the server answers again');
      if (leased) this.#accept(leased, sentAtMs);
      this.#requestId = undefined;
      return leased !== undefined;
    } catch (error) {
      if (this.#stop.signal.aborted) return false;
      if (this.#options.once && !isPassing(error)) throw error;
      const { since, delayMs } = this.#asking.fail();
      log.warn(`cannot ask for work since ${since}: ${messageOf(error)}`, { retryInMs: Math.round(delayMs) });
      return false;
    }
  }

  /**
   * Not while the first update runs: with its snapshot more can be asked for. A lease counts from the sending of the question: one
   * that is granted at the end of a poll must not be over by then.
   */
  #longPollMs(): number {
    const { once, hasSnapshot } = this.#options;
    if (once || !hasSnapshot()) return 0;
    return Math.min(MAX_LONG_POLL_MS, this.#grantedMs / 4, (this.#leases.shortestMs ?? Number.POSITIVE_INFINITY) / 4);
  }

  #accept({ job, lease }: LeaseAnswer, sentAtMs: number): void {
    this.#options.log.info(`job ${job.id}: ${job.type}, attempt ${job.attempt}`);
    const durationMs = lease.duration_seconds * 1000;
    // A job that is near its deadline has a shorter one.
    this.#grantedMs = Math.max(MIN_LEASE_MS, durationMs);
    this.#leases.register({ jobId: job.id, token: lease.token, durationMs, sentAtMs });
    this.#queue.push({ kind: 'leased', job, leaseToken: lease.token });
  }

  #queueUpdate(): void {
    const id = this.#updates.start();
    this.#leases.register({ jobId: id, durationMs: LOCAL_LEASE_MS, sentAtMs: this.#options.clock.nowMs() });
    this.#queue.push({ kind: 'local-update', id, datasources: [] });
  }

  #startQueued(): void {
    const { workers } = this.#options;
    while (this.#queue.length > 0 && workers.idleCount > 0) {
      const work = this.#queue.shift()!;
      const id = idOf(work);
      const ended = this.#do(work, id).finally(() => {
        this.#running.delete(id);
        this.#wake.abort();
      });
      this.#running.set(id, ended);
    }
  }

  async #do(work: Work, id: string): Promise<void> {
    const { workers, clock, log } = this.#options;
    let unlock = (): void => {};
    const end = await workers.start(work, {
      lock: async () => {
        unlock = await this.#leases.lock(id);
        return { unlock, restMs: this.#leases.restMs(id, clock.nowMs()) };
      },
      log: (message) => log.info(`job ${id}: ${message}`),
    });
    unlock();
    if (work.kind === 'local-update') this.#endUpdate(end);
    else if (end.kind === 'crashed' && this.#leases.find(id)) await this.#reportCrash(id, end);
    else if (end.kind === 'done') log.info(`job ${id}: ${end.failure ?? 'done'}`);
    this.#leases.clear(id);
    this.#renewals.delete(id);
  }

  #endUpdate(end: WorkEnd): void {
    const { log } = this.#options;
    const failure = end.kind === 'crashed' ? end.reason : end.failure;
    if (failure === undefined) {
      this.#updates.succeed();
      log.info('the data sources are up to date');
    } else {
      const delayMs = this.#updates.fail();
      log.warn(`the data sources could not be updated: ${failure}`, { retryInMs: delayMs });
    }
  }

  /** A process that is gone cannot report itself. */
  async #reportCrash(id: string, { reason, isOutOfMemory }: Extract<WorkEnd, { kind: 'crashed' }>): Promise<void> {
    const { client, clock, log } = this.#options;
    log.error(`job ${id}: ${reason}`);
    const code = isOutOfMemory ? 'worker.out-of-memory' : 'worker.crashed';
    const error = { code, message: reason, retryable: !isOutOfMemory };
    const backoff = createBackoff(clock);
    for (;;) {
      const unlock = await this.#leases.lock(id);
      try {
        const lease = this.#leases.find(id);
        const restMs = this.#leases.restMs(id, clock.nowMs());
        if (!lease?.token || restMs <= 0 || this.#isTerminated) return;
        await client.result(
          { id, token: lease.token },
          { status: 'failed', error },
          { timeoutMs: Math.min(MAX_REQUEST_MS, restMs) },
        );
        return;
      } catch (failure) {
        if (!isPassing(failure)) return log.warn(`job ${id}: its end was not heard: ${messageOf(failure)}`);
      } finally {
        unlock();
      }
      await clock.sleep(
        backoff.fail().delayMs,
        this.#stop.signal.aborted ? new AbortController().signal : this.#stop.signal,
      );
    }
  }

  /** Goes on while the answers are waited for: a lease whose lock is held, or a slow server, delays no other. */
  #renewDue(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const { jobId, token } of this.#leases.due(nowMs)) {
      if (token === undefined) continue;
      const renewal = this.#renewals.get(jobId) ?? { backoff: createBackoff(this.#options.clock), isRunning: false };
      this.#renewals.set(jobId, renewal);
      if (this.#leases.restMs(jobId, nowMs) <= 0) this.#lose(jobId, 'the lease ran out before it could be renewed');
      else if (!renewal.isRunning && !renewal.backoff.isResting()) void this.#renew({ id: jobId, token }, renewal);
    }
  }

  /** Time until a lease is to be renewed: a polling delay may be longer than a lease. */
  #untilRenewalMs(): number {
    const nowMs = this.#options.clock.nowMs();
    const held = this.#leases.all.filter(({ token }) => token !== undefined);
    const waits = held.map(({ sentAtMs, durationMs }) => sentAtMs + durationMs / 2 - nowMs);
    return Math.min(...waits.map((ms) => (ms > 0 ? ms : LATE_RENEWAL_MS)));
  }

  async #renew(job: LeasedBy, renewal: Renewal): Promise<void> {
    const { client, clock, log } = this.#options;
    renewal.isRunning = true;
    const unlock = await this.#leases.lock(job.id);
    try {
      const lease = this.#leases.find(job.id);
      const sentAtMs = clock.nowMs();
      const restMs = this.#leases.restMs(job.id, sentAtMs);
      if (!lease || restMs <= 0) return;
      await client.renew(job, { timeoutMs: Math.min(MAX_REQUEST_MS, restMs) });
      renewal.backoff.succeed();
      if (this.#leases.find(job.id)) this.#leases.register({ ...lease, sentAtMs });
    } catch (error) {
      if (!isPassing(error)) return this.#lose(job.id, messageOf(error));
      const { since } = renewal.backoff.fail();
      log.warn(`job ${job.id}: its lease could not be renewed since ${since}: ${messageOf(error)}`);
    } finally {
      renewal.isRunning = false;
      unlock();
    }
  }

  /** What somebody else may be doing by now is not gone on with. */
  #lose(jobId: string, reason: string): void {
    this.#options.log.warn(`job ${jobId}: given up: ${reason}`);
    this.#leases.clear(jobId);
    this.#options.workers.kill(jobId);
  }

  async #giveUp(): Promise<SupervisorEnd> {
    const { workers, client, log } = this.#options;
    const held = this.#leases.all;
    log.info('terminated: ending the workers, giving leases back', { leases: held.length });
    for (const { jobId } of held) this.#leases.clear(jobId);
    await workers.close();
    await Promise.allSettled(
      held.flatMap(({ jobId: id, token }) =>
        token === undefined ? [] : [client.release({ id, token }, { timeoutMs: RELEASE_MS })],
      ),
    );
    return 'terminated';
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
