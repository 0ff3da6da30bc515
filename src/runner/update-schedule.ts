const FIRST_RETRY_MS = 60_000;
const MAX_RETRY_MS = 3_600_000;

/** When the runner's own updates are due: at start, then each period; after a failure sooner. None starts while one runs. */
export function createUpdateSchedule({ periodMs, nowMs }: { readonly periodMs: number; readonly nowMs: () => number }) {
  let [dueMs, failedCount, startedCount] = [0, 0, 0];
  let isRunning = false;
  return {
    isDue: (): boolean => !isRunning && nowMs() >= dueMs,

    /** @returns the id of the job. */
    start(): string {
      isRunning = true;
      return `update-${++startedCount}`;
    },

    succeed(): void {
      [isRunning, failedCount, dueMs] = [false, 0, nowMs() + periodMs];
    },

    /** @returns milliseconds until the next try: 1 min, doubling to 1 h, never later than the period. */
    fail(): number {
      const delayMs = Math.min(MAX_RETRY_MS, periodMs, FIRST_RETRY_MS * 2 ** failedCount);
      [isRunning, dueMs] = [false, nowMs() + delayMs];
      failedCount++;
      return delayMs;
    },
  };
}
