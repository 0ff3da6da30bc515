import { setTimeout as after } from 'node:timers/promises';

/** Time and chance as the supervisor needs them; tests hand in their own. */
export interface RunnerClock {
  /** Monotonic milliseconds: a lease is not longer because somebody set the clock. */
  nowMs(): number;
  /** Ends early, without an error, when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** 0 to 1. */
  random(): number;
}

export const realRunnerClock: RunnerClock = {
  nowMs: () => performance.now(),
  random: Math.random,
  sleep: async (ms, signal) => {
    await after(ms, undefined, { signal }).catch(() => {});
  },
};
