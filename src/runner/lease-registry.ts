/** A lease as the runner keeps it. Times are of its own monotonic clock, counted from the sending of the request. */
export interface HeldLease {
  readonly jobId: string;
  /** Absent for the runner's own jobs: nobody else is asked for their leases. */
  readonly token?: string;
  readonly durationMs: number;
  readonly sentAtMs: number;
}

/** Frees a lock; more than once does no harm. */
export type Unlock = () => void;

/**
 * The leases that a runner holds, each with a lock: renewing and reporting would race, so each takes the lock for one attempt.
 * Locks are given in the order in which they are asked for.
 */
export class LeaseRegistry {
  readonly #leases = new Map<string, HeldLease>();
  /** By job: the end of the queue of those who want the lock. */
  readonly #locks = new Map<string, Promise<void>>();

  register(lease: HeldLease): void {
    this.#leases.set(lease.jobId, lease);
  }

  find(jobId: string): HeldLease | undefined {
    return this.#leases.get(jobId);
  }

  /** Forgets a lease: its job is done, or somebody else's. */
  clear(jobId: string): void {
    this.#leases.delete(jobId);
  }

  get all(): readonly HeldLease[] {
    return [...this.#leases.values()];
  }

  /** Leases of which half the time has gone. */
  due(nowMs: number): readonly HeldLease[] {
    return this.all.filter(({ sentAtMs, durationMs }) => nowMs - sentAtMs >= durationMs / 2);
  }

  /** What is left of a lease; 0 when it is over or was never held. */
  restMs(jobId: string, nowMs: number): number {
    const lease = this.#leases.get(jobId);
    return lease ? Math.max(0, lease.sentAtMs + lease.durationMs - nowMs) : 0;
  }

  /** The shortest lease; undefined without any. */
  get shortestMs(): number | undefined {
    return this.#leases.size === 0 ? undefined : Math.min(...this.all.map(({ durationMs }) => durationMs));
  }

  /** Waits for the lock of a lease. */
  async lock(jobId: string): Promise<Unlock> {
    const before = this.#locks.get(jobId);
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = Promise.resolve(before).then(() => promise);
    this.#locks.set(jobId, end);
    await before;
    return () => {
      resolve();
      if (this.#locks.get(jobId) === end) this.#locks.delete(jobId);
    };
  }
}
