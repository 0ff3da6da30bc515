import type { LayerListing } from '../inventory/layer-listing.ts';
import type { ListLayerOptions } from '../inventory/list-layer.ts';
import type { LayerSource } from '../model/layer.ts';
import { ThreadPool } from '../platform/thread-pool.ts';
import { workerEntry } from '../platform/worker-entry.ts';

/** What a worker is told. Plain data. */
export interface LayerJob {
  readonly source: LayerSource;
  readonly options: ListLayerOptions;
}

/** Worker threads that list layers. The caller bounds how many there are at once. */
export type LayerPool = ThreadPool<LayerJob, LayerListing>;

/** Makes no thread until one is needed. */
export function createLayerPool(): LayerPool {
  return new ThreadPool(workerEntry('layer-worker', import.meta.url));
}
