import { Worker } from 'node:worker_threads';
import { type ErrorCode, ScannerError } from '../model/errors.ts';

/** What a worker thread answers; plain data, as errors lose their class on the way between threads. */
export type ThreadAnswer<Answer> =
  | { readonly kind: 'done'; readonly value: Answer }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, string | number>>;
    }
  | { readonly kind: 'broken'; readonly stack: string };

/** Tells a thread one thing, and gives what it answers. */
export type Ask<Job, Answer> = (job: Job, transfer?: readonly ArrayBuffer[]) => Promise<Answer>;

/** How many threads there are, and how many callers wait for one. */
export interface ThreadPoolOptions {
  /** Default: no bound, the caller has his own. */
  readonly maxThreads?: number;
  /** Callers that wait at once; one more is refused. Default: no bound. */
  readonly maxWaiting?: number;
  /** A thread that nobody asks for so long is ended, as each holds some 30 MB. Default: none is. */
  readonly maxIdleMs?: number;
}

/** Worker threads of one kind, made when they are needed and kept until the end. */
export class ThreadPool<Job, Answer> implements AsyncDisposable {
  readonly #entry: URL;
  readonly #maxThreads: number;
  readonly #maxWaiting: number;
  readonly #maxIdleMs: number;
  /** The one that was busy last is asked next, so that the others may end. */
  readonly #idle: Worker[] = [];
  readonly #idleTimers = new WeakMap<Worker, NodeJS.Timeout>();
  readonly #all = new Set<Worker>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(
    entry: URL,
    { maxThreads = Infinity, maxWaiting = Infinity, maxIdleMs = Infinity }: ThreadPoolOptions = {},
  ) {
    this.#entry = entry;
    this.#maxThreads = maxThreads;
    this.#maxWaiting = maxWaiting;
    this.#maxIdleMs = maxIdleMs;
  }

  /** Asks a thread that does nothing else meanwhile. */
  ask(job: Job, signal?: AbortSignal): Promise<Answer> {
    return this.use((ask) => ask(job), signal);
  }

  /**
   * Keeps a thread for one caller until `work` ends: what it was told first it knows when it is asked again.
   *
   * @param signal ends the thread in the middle of its work.
   * @throws ScannerError what the thread throws; `server.busy` when too many wait; the signal's reason.
   */
  async use<T>(work: (ask: Ask<Job, Answer>) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    await this.#turn(signal);
    try {
      const worker = this.#idle.pop() ?? this.#start();
      clearTimeout(this.#idleTimers.get(worker));
      const value = await this.#until(
        worker,
        work((job, transfer) => ask(worker, job, transfer)),
        signal,
      );
      return value;
    } finally {
      this.#busy--;
      this.#waiting.shift()?.();
    }
  }

  /** Ends all threads, busy ones too. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#busy >= this.#maxThreads) {
      if (this.#waiting.length >= this.#maxWaiting)
        throw new ScannerError('server.busy', 'too much is asked at once; try again later');
      await this.#wait(signal);
    }
    this.#busy++;
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1);
      reject(signal?.reason);
    };
    this.#waiting.push(resolve);
    signal?.addEventListener('abort', leave, { once: true });
    await promise.finally(() => signal?.removeEventListener('abort', leave));
  }

  /** A thread that is told to stop, or that breaks, is ended in the middle of its work, and never asked again. */
  async #until<T>(worker: Worker, work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const end = (): void => {
      this.#forget(worker);
      void worker.terminate();
    };
    signal?.addEventListener('abort', end, { once: true });
    try {
      const value = await work;
      this.#rest(worker);
      return value;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ScannerError) this.#rest(worker);
      else end();
      throw error;
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }

  #rest(worker: Worker): void {
    this.#idle.push(worker);
    if (this.#maxIdleMs === Infinity) return;
    const end = (): void => {
      this.#forget(worker);
      void worker.terminate();
    };
    this.#idleTimers.set(worker, setTimeout(end, this.#maxIdleMs).unref());
  }

  #start(): Worker {
    const worker = new Worker(this.#entry);
    this.#all.add(worker);
    // Who asks hears of both; nobody needs to hear of an idle thread.
    worker.on('error', () => {});
    worker.once('exit', () => this.#forget(worker));
    return worker;
  }

  #forget(worker: Worker): void {
    this.#all.delete(worker);
    const place = this.#idle.indexOf(worker);
    if (place >= 0) this.#idle.splice(place, 1);
  }
}

async function ask<Job, Answer>(worker: Worker, job: Job, transfer: readonly ArrayBuffer[] = []): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<ThreadAnswer<Answer>>();
  const onExit = (): void => reject(new Error('the worker thread ended'));
  if (worker.threadId < 0) onExit();
  worker.on('message', resolve).on('error', reject).on('exit', onExit);
  worker.postMessage(job, [...transfer]);
  const answer = await promise.finally(() => worker.off('message', resolve).off('error', reject).off('exit', onExit));
  if (answer.kind === 'done') return answer.value;
  if (answer.kind === 'refused') throw new ScannerError(answer.code, answer.message, answer.details);
  throw new Error(`a worker thread broke: ${answer.stack}`);
}
