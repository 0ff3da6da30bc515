import type { State } from '../state/state.ts';
import { type BackgroundLoop, createLoop, type LoopOptions } from './background-loop.ts';
import type { Dependencies, OnVulnerabilityChange, PinSnapshot } from './dependencies.ts';
import { ServerThreads } from './threads/server-threads.ts';
import { StoredLayers } from './usecases/layers.ts';
import { createNamespaces } from './usecases/namespaces.ts';
import { MergedVulnerabilities } from './usecases/vulnerabilities.ts';
import { FeedFacts } from './vulnerabilities/feed-facts.ts';

export interface ClairPartsOptions {
  readonly state: State;
  readonly pin: PinSnapshot;
  readonly now: () => Date;
  /** Layers that are analysed at once: so many threads. */
  readonly concurrency: number;
  readonly log: LoopOptions['log'];
  /** Told of what users change (default: nobody is). */
  readonly changed?: OnVulnerabilityChange;
}

/** What Clair's API stands on, with the threads that work for it. */
export interface ClairParts extends Pick<Dependencies, 'namespaces' | 'vulnerabilities'>, AsyncDisposable {
  readonly layers: StoredLayers;
  readonly loops: readonly BackgroundLoop[];
}

/** Requests that wait for what feeds say, at once. */
const MAX_WAITING_JUDGEMENTS = 1024;

/** Who reads one page of vulnerabilities reads the next. */
const MAX_LISTING_IDLE_MS = 60_000;

/** Layers come in bursts. */
const MAX_IDLE_MS = 10_000;

export function createClairParts({ state, pin, now, concurrency, log, changed }: ClairPartsOptions): ClairParts {
  // Who admits layers bounds how many wait.
  const analysing = new ServerThreads({ maxThreads: concurrency, maxIdleMs: MAX_IDLE_MS });
  // One thread keeps what it read of the snapshot; a second one would read it again.
  const judging = new ServerThreads({ maxThreads: 1, maxWaiting: MAX_WAITING_JUDGEMENTS });
  // The first page of a namespace takes seconds; no layer waits for it.
  const listing = new ServerThreads({
    maxThreads: 1,
    maxWaiting: MAX_WAITING_JUDGEMENTS,
    maxIdleMs: MAX_LISTING_IDLE_MS,
  });
  const feeds = new FeedFacts({ pin, threads: listing });
  const layers = new StoredLayers({ state, analysing, judging, pin, now });
  return {
    layers,
    namespaces: createNamespaces({ state, feeds }),
    vulnerabilities: new MergedVulnerabilities({ state, feeds, ...(changed && { changed }) }),
    loops: [
      createLoop({
        name: 'layers to be derived anew',
        round: (signal) => layers.deriveStale(signal),
        pauseMs: 60_000,
        log,
      }),
      createLoop({ name: 'removal of unheld lists', round: () => layers.removeUnheldLists(), pauseMs: 3_600_000, log }),
    ],
    async [Symbol.asyncDispose]() {
      await Promise.all([analysing, judging, listing].map((threads) => threads[Symbol.asyncDispose]()));
    },
  };
}
