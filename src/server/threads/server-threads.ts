import { ThreadPool, type ThreadPoolOptions } from '../../platform/thread-pool.ts';
import { workerEntry } from '../../platform/worker-entry.ts';
import type { Answers, Job } from './jobs.ts';

/** Tells a thread one thing, and gives what it answers. */
export type AskThread = <Kind extends Job['kind']>(
  job: Extract<Job, { readonly kind: Kind }>,
) => Promise<Answers[Kind]>;

/** Threads that do what would keep the serving thread from serving. Makes none until one is needed. */
export class ServerThreads implements AsyncDisposable {
  readonly #pool: ThreadPool<Job, Answers[Job['kind']]>;

  constructor(options: ThreadPoolOptions) {
    this.#pool = new ThreadPool(workerEntry('server-worker', import.meta.url), options);
  }

  /** Keeps a thread for one caller until `work` ends. @throws ScannerError `server.busy`; what the thread throws; the signal's reason. */
  use<T>(work: (ask: AskThread) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#pool.use((ask) => work((job) => ask(job) as Promise<never>), signal);
  }

  ask: AskThread = (job) => this.use((ask) => ask(job));

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool[Symbol.asyncDispose]();
  }
}
