import { processMemoryBytes } from '../platform/process-memory.ts';
import { workerEntry } from '../platform/worker-entry.ts';
import type { WorkerSetup } from './worker-messages.ts';
import { WorkerProcess } from './worker-process.ts';
import type { Work, WorkContext, WorkEnd, Workers } from './workers.ts';
import { idOf } from './workers.ts';

export interface WorkerPoolOptions {
  readonly count: number;
  readonly setup: WorkerSetup;
  /** A worker that takes more is ended, and its job fails. */
  readonly memoryMiB: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For tests: another program. */
  readonly entry?: URL;
  /** For tests: another reading of a process's memory, in bytes. */
  readonly memoryBytes?: (pid: number) => number | undefined;
}

const WATCH_MS = 250;
const BYTES_PER_MIB = 1 << 20;

/** The worker processes of a runner, started when they are needed and kept. One that crashed is replaced at the next job. */
export class WorkerPool implements Workers {
  readonly #options: WorkerPoolOptions;
  readonly #idle: WorkerProcess[] = [];
  readonly #busy = new Map<string, WorkerProcess>();
  readonly #watch: NodeJS.Timeout;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#watch = setInterval(() => this.#watchMemory(), WATCH_MS).unref();
  }

  get idleCount(): number {
    return this.#options.count - this.#busy.size;
  }

  async start(work: Work, context: WorkContext): Promise<WorkEnd> {
    const id = idOf(work);
    const worker = this.#take();
    this.#busy.set(id, worker);
    const end = await worker.do(work, context);
    this.#busy.delete(id);
    // Memory that a large job took is not given back by the process: it goes with it.
    if (worker.isAlive && this.#memoryOf(worker) > this.#limitBytes / 2) worker.kill('it has grown large');
    else if (worker.isAlive) this.#idle.push(worker);
    return end;
  }

  kill(jobId: string): void {
    this.#busy.get(jobId)?.kill('the runner gave the job up');
  }

  async close(): Promise<void> {
    clearInterval(this.#watch);
    const all = [...this.#idle, ...this.#busy.values()];
    for (const worker of all) worker.kill('the runner ends');
    await Promise.all(all.map((worker) => worker.gone()));
  }

  #take(): WorkerProcess {
    for (let worker = this.#idle.pop(); worker; worker = this.#idle.pop()) if (worker.isAlive) return worker;
    const { entry = workerEntry('job-worker', import.meta.url), setup, memoryMiB, env } = this.#options;
    return new WorkerProcess({ entry, setup, memoryMiB, env });
  }

  get #limitBytes(): number {
    return this.#options.memoryMiB * BYTES_PER_MIB;
  }

  #memoryOf({ pid }: WorkerProcess): number {
    const { memoryBytes = processMemoryBytes } = this.#options;
    return (pid === undefined ? undefined : memoryBytes(pid)) ?? 0;
  }

  #watchMemory(): void {
    for (const worker of this.#busy.values()) {
      if (this.#memoryOf(worker) <= this.#limitBytes) continue;
      worker.kill(`the worker took more than worker_memory_mib ${this.#options.memoryMiB}`, true);
    }
  }
}
