import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Unlock } from './lease-registry.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './worker-messages.ts';
import type { Work, WorkContext, WorkEnd } from './workers.ts';

export interface WorkerProcessOptions {
  /** The program of the worker. */
  readonly entry: URL;
  readonly setup: WorkerSetup;
  readonly memoryMiB: number;
  /** Its environment, without the runner's own secrets. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Of the limit; the rest is for what lies outside of JavaScript's heap: buffers, SQLite. */
const HEAP_SHARE = 0.75;
const STDERR_TAIL_LENGTH = 8192;

/** One worker process: it does one job at a time, and is used again. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<WorkEnd>;
  /** Its temporary files: one that is killed removes none itself. */
  readonly #directory = mkdtempSync(join(tmpdir(), 'cvescan-worker-'));
  #isAlive = true;
  /** Why it was ended, if it was on purpose. */
  #killedFor: { readonly reason: string; readonly isOutOfMemory: boolean } | undefined;
  #stderr = '';

  constructor({ entry, setup, memoryMiB, env }: WorkerProcessOptions) {
    this.#child = fork(entry, [], {
      execArgv: [`--max-old-space-size=${Math.floor(memoryMiB * HEAP_SHARE)}`],
      env: { ...env, TMPDIR: this.#directory },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_LENGTH);
    });
    this.#ended = this.#end();
    this.#tell({ kind: 'setup', setup });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @returns how the job ended; never rejects. */
  async do(work: Work, context: WorkContext): Promise<WorkEnd> {
    let unlock: Unlock = () => {};
    const { promise: done, resolve } = Promise.withResolvers<WorkEnd>();
    const onMessage = async (message: FromWorker): Promise<void> => {
      if (message.kind === 'unlock') unlock();
      else if (message.kind === 'log') context.log(message.message);
      else if (message.kind === 'done') resolve(message);
      else {
        const lock = await context.lock();
        unlock = lock.unlock;
        // Who asked may be gone: his lock would be held for ever.
        if (this.#isAlive) this.#tell({ kind: 'locked', restMs: lock.restMs });
        else unlock();
      }
    };
    this.#child.on('message', onMessage);
    this.#tell({ kind: 'work', work });
    const end = await Promise.race([done, this.#ended]);
    this.#child.off('message', onMessage);
    unlock();
    return end;
  }

  /** Ends it at once. */
  kill(reason: string, isOutOfMemory = false): void {
    this.#killedFor ??= { reason, isOutOfMemory };
    this.#child.kill('SIGKILL');
  }

  /** Resolves when the process is gone. */
  async gone(): Promise<void> {
    await this.#ended;
  }

  /** A message to a process that ends meanwhile is lost; that it ended is told elsewhere. */
  #tell(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  async #end(): Promise<WorkEnd> {
    const failed = once(this.#child, 'error').then(([error]) => `could not be started: ${(error as Error).message}`);
    const exited = once(this.#child, 'close').then(([code, signal]) =>
      signal ? `was ended by ${signal}` : `ended with code ${code}`,
    );
    const how = await Promise.race([failed, exited]);
    this.#isAlive = false;
    rmSync(this.#directory, { recursive: true, force: true });
    if (this.#killedFor) return { kind: 'crashed', ...this.#killedFor };
    const isOutOfMemory = /heap out of memory|Array buffer allocation failed/.test(this.#stderr);
    const reason = isOutOfMemory ? 'the worker ran out of memory' : `the worker ${how}${lastWords(this.#stderr)}`;
    return { kind: 'crashed', reason, isOutOfMemory };
  }
}

/** What a process said of its own end: the line that names the error. */
function lastWords(stderr: string): string {
  const line = /^\w*Error\b.*$/m.exec(stderr)?.[0] ?? stderr.trim().split('\n').at(-1);
  return line ? `: ${line.trim()}` : '';
}
