import type { EventEmitter } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';

/** Another instance may have been given the work, and nobody tells us. */
const ASK_AGAIN_MS = 1000;

/**
 * Asks until there is an answer or the time is over. Between two questions nothing is held: no row, no connection.
 *
 * @param arrivals emits `work` when a job was put into the queue by this process.
 */
export async function waitForWork<Answer>(
  ask: () => Promise<Answer | undefined>,
  {
    waitMs,
    arrivals,
    signal,
  }: { readonly waitMs: number; readonly arrivals: EventEmitter; readonly signal?: AbortSignal },
): Promise<Answer | undefined> {
  const untilMs = performance.now() + waitMs;
  // Who has gone is not asked for again: nobody would hear of what he was given.
  while (!signal?.aborted) {
    const woken = nextArrival(arrivals);
    try {
      const answer = await ask();
      const restMs = untilMs - performance.now();
      if (answer !== undefined || restMs <= 0) return answer;
      await Promise.race([woken.promise, pause(Math.min(restMs, ASK_AGAIN_MS), signal, woken.signal)]);
    } finally {
      woken.end();
    }
  }
  return undefined;
}

function nextArrival(arrivals: EventEmitter) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = new AbortController();
  arrivals.once('work', resolve);
  return {
    promise,
    signal: stop.signal,
    end: () => {
      arrivals.off('work', resolve);
      stop.abort();
    },
  };
}

async function pause(delayMs: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  const signal = AbortSignal.any(signals.filter((one) => one !== undefined));
  await after(delayMs, undefined, { signal, ref: false }).catch(() => {});
}
