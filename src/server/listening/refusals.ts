import type { Logger } from 'pino';
import type { Counter } from 'prom-client';

/** At most one line of log for a reason in this time, however many clients are refused. */
const LOG_PERIOD_MS = 1000;

/** Counts what clients were refused, and logs it without letting them fill the log. */
export class Refusals {
  readonly #log: Logger;
  readonly #counter: Counter<'reason'>;
  readonly #now: () => number;
  readonly #pending = new Map<string, { count: number; sinceMs: number }>();

  constructor(log: Logger, counter: Counter<'reason'>, now = Date.now) {
    this.#log = log;
    this.#counter = counter;
    this.#now = now;
  }

  /** @param reason one of a few words: it is a label. @param remote who was refused, the last one of a line's. */
  add(reason: string, remote: string | undefined): void {
    this.#counter.inc({ reason });
    const nowMs = this.#now();
    const pending = this.#pending.get(reason);
    if (pending && nowMs - pending.sinceMs < LOG_PERIOD_MS) {
      pending.count++;
      return;
    }
    this.#log.warn({ reason, remote, before: pending?.count ?? 0 }, 'client refused');
    this.#pending.set(reason, { count: 0, sinceMs: nowMs });
  }
}
