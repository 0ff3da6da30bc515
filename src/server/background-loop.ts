import type { Logger } from 'pino';

/** Something that the server does beside answering. */
export interface BackgroundLoop {
  start(): void;
  /** Ends what is at work, and waits for it. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  /** For the log: `sweep of jobs`. */
  readonly name: string;
  /** What it throws is logged, and the next round is tried. */
  readonly round: (signal: AbortSignal) => Promise<unknown>;
  /** Between the end of a round and the next one. */
  readonly pauseMs: number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Does rounds until it is stopped, the first one at once. What fails is logged when it begins to fail and when it works again: while
 * the database is away every round fails.
 */
export function createLoop({ name, round, pauseMs, log }: LoopOptions): BackgroundLoop {
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isFailing = false;

  const run = async (): Promise<void> => {
    try {
      await round(signal);
      if (isFailing) log.info({ loop: name }, `${name}: works again`);
      isFailing = false;
    } catch (error) {
      if (!(isFailing || signal.aborted)) log.warn({ loop: name, err: error }, `${name}: failed, tried again`);
      isFailing = true;
    }
    if (signal.aborted) return;
    timer = setTimeout(() => {
      running = run();
    }, pauseMs);
  };

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort(new Error('the server stops'));
      clearTimeout(timer);
      await running;
    },
  };
}
