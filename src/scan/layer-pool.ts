import { Worker } from 'node:worker_threads';
import type { LayerListing } from '../inventory/layer-listing.ts';
import type { ListLayerOptions } from '../inventory/list-layer.ts';
import { type ErrorCode, ScannerError } from '../model/errors.ts';
import type { LayerSource } from '../model/layer.ts';
import { workerEntry } from '../platform/worker-entry.ts';

/** What a worker is told. Plain data. */
export interface LayerJob {
  readonly source: LayerSource;
  readonly options: ListLayerOptions;
}

/** What a worker answers. Plain data. */
export type LayerAnswer =
  | { readonly kind: 'listed'; readonly listing: LayerListing }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, string | number>>;
    }
  | { readonly kind: 'broken'; readonly stack: string };

/** Worker threads that list layers, made when they are needed and kept until the end. */
export class LayerPool implements AsyncDisposable {
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  /** Lists one layer in a worker that does nothing else meanwhile. The caller bounds how many there are at once. */
  async list(job: LayerJob): Promise<LayerListing> {
    const worker = this.#idle.pop() ?? this.#start();
    const answer = await ask(worker, job);
    this.#idle.push(worker);
    if (answer.kind === 'listed') return answer.listing;
    if (answer.kind === 'refused') throw new ScannerError(answer.code, answer.message, answer.details);
    throw new Error(`a worker thread broke: ${answer.stack}`);
  }

  /** Ends all workers, busy ones too. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const worker = new Worker(workerEntry('layer-worker', import.meta.url));
    this.#all.add(worker);
    return worker;
  }
}

function ask(worker: Worker, job: LayerJob): Promise<LayerAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<LayerAnswer>();
  const onExit = (): void => reject(new Error(`the worker thread of layer ${job.source.index} ended`));
  worker.on('message', resolve).on('error', reject).on('exit', onExit);
  worker.postMessage(job);
  return promise.finally(() => worker.off('message', resolve).off('error', reject).off('exit', onExit));
}
