/** What waiting needs; tests hand in a clock that does not wait. */
export interface Timing {
  /** Milliseconds since 1970. */
  now(): number;
  /** 0 up to 1. */
  random(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The wait after a first failure; 1 s by default. */
  readonly firstDelayMs?: number;
}

/** Answers after which the same request may succeed: time-outs, throttling, a server in trouble. NVD throttles with 403. */
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([403, 408, 425, 429, 500, 502, 503, 504]);

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
/** A server that asks for more is given up: the next update comes sooner. */
const MAX_RETRY_AFTER_MS = 10 * 60_000;

/** Whether it is worth asking again after this status. */
export function isRetryableStatus(status: number): boolean {
  return RETRYABLE_STATUS.has(status);
}

/**
 * How long to wait before the next attempt: as the server says, else twice as long each time, half of it by chance so that many
 * clients do not come back at once.
 *
 * @param failedCount attempts that failed so far, from 1.
 * @param retryAfter the header: seconds or an HTTP date.
 * @returns undefined when the server asks for more than ten minutes.
 */
export function retryDelayMs(failedCount: number, retryAfter: string | undefined, timing: Timing): number | undefined {
  const asked = readRetryAfter(retryAfter, timing.now());
  if (asked !== undefined) return asked <= MAX_RETRY_AFTER_MS ? asked : undefined;
  const delayMs = Math.min(MAX_DELAY_MS, (timing.firstDelayMs ?? FIRST_DELAY_MS) * 2 ** (failedCount - 1));
  return delayMs / 2 + (timing.random() * delayMs) / 2;
}

function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
