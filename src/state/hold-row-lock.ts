import { setTimeout as sleep } from 'node:timers/promises';
import { type RowLock, releaseRowLock, takeRowLock } from './row-lock.ts';
import type { State } from './state.ts';

export interface HoldOptions {
  /** How long others wait when this process dies. */
  readonly lifeMs: number;
  readonly signal: AbortSignal;
  /** Waits between two renewals; ends at once when the signal is aborted. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A lock is renewed so often within its life, that one renewal may fail. */
const RENEWALS = 4;

/**
 * Does something while a lock is one's own, renewed until it is done.
 *
 * @param work its signal is aborted when the lock is lost, or could not be renewed for its life. What depends on the lock asks for it
 *   once more in its transaction.
 * @returns undefined where another holds the lock: nothing was done.
 */
export async function whileHoldingRowLock<T>(
  state: State,
  lock: RowLock,
  work: (signal: AbortSignal) => Promise<T>,
  { lifeMs, signal, pause = pauseMs }: HoldOptions,
): Promise<T | undefined> {
  if (!(await takeRowLock(state, lock, lifeMs))) return undefined;
  const [lost, done] = [new AbortController(), new AbortController()];
  const renewing = renew();
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    done.abort();
    await renewing;
    if (!lost.signal.aborted) await releaseRowLock(state, lock);
  }

  async function renew(): Promise<void> {
    let failedCount = 0;
    for (;;) {
      await pause(lifeMs / RENEWALS, done.signal);
      if (done.signal.aborted) return;
      const isHeld = await takeRowLock(state, lock, lifeMs).catch(() => undefined);
      failedCount = isHeld === undefined ? failedCount + 1 : 0;
      if (isHeld === false || failedCount >= RENEWALS - 1) {
        lost.abort(new Error(`the lock ${lock.name} was lost`));
        return;
      }
    }
  }
}

async function pauseMs(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => {});
}
