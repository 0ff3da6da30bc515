import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ScannerError } from '../model/errors.ts';

/** Something that the server does beside answering. */
export interface BackgroundLoop {
  start(): void;
  /** Ends what is at work, and waits for it. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  /** For the log: `updates`. */
  readonly name: string;
  /** One round. What it throws is logged, and the next round is tried. */
  readonly round: (signal: AbortSignal) => Promise<void>;
  /** Between the end of a round and the next one. */
  readonly pauseMs: number;
  readonly log: Pick<Logger, 'error' | 'warn'>;
}

/** Does rounds until it is stopped. */
export function createLoop({ name, round, pauseMs, log }: LoopOptions): BackgroundLoop {
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await round(signal);
      } catch (error) {
        if (!signal.aborted) report(error);
      }
      // Ended by the signal: then there is no next round.
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  function report(error: unknown): void {
    const isOutage = error instanceof ScannerError && error.code === 'state.unavailable';
    if (isOutage) log.warn({ loop: name }, 'the database cannot be reached; tried again');
    else log.error({ loop: name, err: error }, `a round of ${name} failed; tried again`);
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort(new Error('the server stops'));
      await running;
    },
  };
}
