import { join } from 'node:path';
import { LayerCache } from './layer-cache.ts';

/** The layer cache within the program's cache directory. */
export function openLayerCache(cacheDirectory: string, now: () => Date, maxCacheBytes?: number): LayerCache {
  return new LayerCache({
    directory: join(cacheDirectory, 'layers'),
    now,
    ...(maxCacheBytes !== undefined && { maxCacheBytes }),
  });
}
