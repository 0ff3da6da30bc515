import { Worker } from 'node:worker_threads';
import type { FeedAccessOptions } from '../feeds/feed-access.ts';
import { type ErrorCode, ScannerError } from '../model/errors.ts';
import { workerEntry } from '../platform/worker-entry.ts';
import type { Collected, ReadProgress, Written } from './collect-source.ts';

/** What all sources of an update have in common. Plain data. */
export interface WorkerSettings {
  readonly directory: string;
  readonly access: Omit<FeedAccessOptions, 'signal' | 'network'>;
}

/** One source to be read. Plain data. */
export interface CollectJob {
  readonly source: string;
  readonly nowMs: number;
  /** Of this source, from the configuration. */
  readonly settings: Readonly<Record<string, string>>;
}

export type WorkerMessage =
  | { readonly kind: 'progress'; readonly progress: ReadProgress }
  | { readonly kind: 'written'; readonly written: Written }
  | { readonly kind: 'collected'; readonly collected: Collected }
  | {
      readonly kind: 'failed';
      readonly code?: ErrorCode;
      readonly message: string;
      readonly details?: Readonly<Record<string, string | number>>;
    };

/** Who is told how a source is getting on. What they throw ends it. */
export interface CollectListener {
  progress(progress: ReadProgress): void;
  written(written: Written): void;
}

/** Reads a source somewhere. */
export type Collect = (job: CollectJob, listener: CollectListener) => Promise<Collected>;

/** A source's feed and its rows pass through a worker in pieces; more than this is a feed that does not. */
const MAX_HEAP_MIB = 768;
/** Records live for a moment: room for many of them spares most of the collector's work. */
const YOUNG_HEAP_MIB = 32;
/** One that has read more is ended: it would keep the memory that it took. */
const MAX_CHANGES_OF_IDLE_WORKER = 20_000;

/** Worker threads that read sources, made when they are needed and kept until the end. */
export class UpdatePool implements AsyncDisposable {
  readonly #settings: WorkerSettings;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  /** @param signal ends all workers. */
  constructor(settings: WorkerSettings, signal: AbortSignal) {
    this.#settings = settings;
    signal.addEventListener('abort', () => void this[Symbol.asyncDispose]());
  }

  /** Reads one source in a worker that does nothing else meanwhile. The caller bounds how many there are at once. */
  readonly collect: Collect = async (job, listener) => {
    const worker = this.#idle.pop() ?? this.#start();
    let changeCount = 0;
    try {
      const collected = await ask(worker, job, listener);
      changeCount = collected.summary.changeCount;
      return collected;
    } finally {
      if (changeCount > MAX_CHANGES_OF_IDLE_WORKER) await worker.terminate();
      else if (this.#all.has(worker)) this.#idle.push(worker);
    }
  };

  /** Ends all workers, busy ones too. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const worker = new Worker(workerEntry('update-worker', import.meta.url), {
      workerData: this.#settings,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_HEAP_MIB },
    });
    this.#all.add(worker);
    worker.once('exit', () => this.#all.delete(worker));
    return worker;
  }
}

function ask(worker: Worker, job: CollectJob, listener: CollectListener): Promise<Collected> {
  const { promise, resolve, reject } = Promise.withResolvers<Collected>();
  const tell = (call: () => void): void => {
    try {
      call();
    } catch (error) {
      reject(error);
    }
  };
  const onMessage = (message: WorkerMessage): void => {
    if (message.kind === 'progress') tell(() => listener.progress(message.progress));
    else if (message.kind === 'written') tell(() => listener.written(message.written));
    else if (message.kind === 'collected') resolve(message.collected);
    else if (message.code) reject(new ScannerError(message.code, message.message, message.details));
    else reject(new Error(message.message));
  };
  const onExit = (): void => reject(new Error(`the worker that read ${job.source} ended`));
  worker.on('message', onMessage).on('error', reject).on('exit', onExit);
  worker.postMessage(job);
  return promise.finally(() => worker.off('message', onMessage).off('error', reject).off('exit', onExit));
}
