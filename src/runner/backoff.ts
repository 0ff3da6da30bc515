import { ScannerError } from '../model/errors.ts';
import type { RunnerClock } from './runner-clock.ts';

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 60_000;

/** Waits longer after each failure in a row: 1 s to 60 s, with chance, for ever. */
export function createBackoff({ nowMs, random }: Pick<RunnerClock, 'nowMs' | 'random'>) {
  let [failedCount, sinceMs, untilMs] = [0, 0, 0];
  return {
    /** Whether it is too early to try again. */
    isResting: (): boolean => failedCount > 0 && nowMs() < untilMs,

    /** @returns how long to wait, and since when nothing has succeeded, as `12 s`. */
    fail(): { readonly delayMs: number; readonly since: string } {
      if (failedCount === 0) sinceMs = nowMs();
      const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** failedCount) * (0.5 + random() / 2);
      failedCount++;
      untilMs = nowMs() + delayMs;
      return { delayMs, since: `${Math.round((nowMs() - sinceMs) / 1000)} s` };
    },

    /** @returns whether it had failed before. */
    succeed(): boolean {
      const hadFailed = failedCount > 0;
      failedCount = 0;
      return hadFailed;
    },
  };
}

/** Whether the same request may succeed later: the server did not answer, or is not well. */
export function isPassing(error: unknown): boolean {
  return error instanceof ScannerError && error.code === 'endpoint.unreachable';
}
