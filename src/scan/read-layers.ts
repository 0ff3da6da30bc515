import { closeSync, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { DEFAULT_IMAGE_LIMITS } from '../images/limits.ts';
import type { LayerListing, PathAlias } from '../inventory/layer-listing.ts';
import { type ListLayerOptions, listLayer } from '../inventory/list-layer.ts';
import { ScannerError } from '../model/errors.ts';
import type { LayerSource } from '../model/layer.ts';
import { SNIFF_BYTES, sniffCompression } from '../platform/archives/compression.ts';
import { identityOf, type LayerCache } from './layer-cache.ts';
import { createLayerPool, type LayerPool } from './layer-pool.ts';

/** A layer to be listed. */
export interface LayerRequest {
  readonly source: LayerSource;
  /** Of this layer; see `ListLayerOptions`. */
  readonly aliases?: readonly PathAlias[];
}

/** How layers are read. */
export interface ReadLayersOptions {
  readonly list: Omit<ListLayerOptions, 'aliases'>;
  /** Without it every layer is read. */
  readonly cache?: LayerCache | undefined;
  /** Default: one for each core. 0 keeps everything in this thread. */
  readonly maxWorkers?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Below this many bytes to inflate and hash, worker threads (some 50 ms and 20 MB each) cost more than they bring. */
const MIN_WORKER_BYTES = 32 * 1024 ** 2;

/**
 * Lists layers, several at once, each from the cache where that may be believed. A layer that comes twice is read once.
 *
 * @returns their listings, in the order of the requests.
 * @throws ScannerError of the lowest layer that cannot be read, and `image.limit-exceeded` (`maxImageBytes`).
 */
export async function readLayers(
  requests: readonly LayerRequest[],
  options: ReadLayersOptions,
): Promise<readonly LayerListing[]> {
  const listings = new Map<string, LayerListing>();
  const unread = new Map<string, LayerRequest>();
  for (const request of requests) unread.set(keyOf(request), request);
  if (options.cache !== undefined) {
    const cached = [...unread].map(async ([key, request]) => {
      const listing = await options.cache?.find(request.source, listOptions(request, options));
      if (listing === undefined) return;
      listings.set(key, listing);
      unread.delete(key);
    });
    await Promise.all(cached);
  }
  for (const [key, listing] of await readAll(unread, options)) listings.set(key, listing);
  options.cache?.shrink();
  const inOrder = requests.map((request) => listings.get(keyOf(request))!);
  checkImageBytes(inOrder, options);
  return inOrder;
}

async function readAll(
  unread: ReadonlyMap<string, LayerRequest>,
  options: ReadLayersOptions,
): Promise<ReadonlyMap<string, LayerListing>> {
  const { maxWorkers = availableParallelism(), signal } = options;
  // The largest first: it decides how long all take.
  const queue = [...unread].sort(([, a], [, b]) => sizeOf(b.source) - sizeOf(a.source));
  const workBytes = queue.reduce((sum, [, { source }]) => sum + workOf(source, options), 0);
  const usesWorkers = maxWorkers > 0 && queue.length > 1 && workBytes >= MIN_WORKER_BYTES;
  await using pool = usesWorkers ? createLayerPool() : undefined;
  const listings = new Map<string, LayerListing>();
  const failures: { readonly index: number; readonly error: unknown }[] = [];
  const readNext = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && failures.length === 0; next = queue.shift()) {
      const [key, request] = next;
      try {
        signal?.throwIfAborted();
        listings.set(key, await readOne(request, options, pool));
      } catch (error) {
        failures.push({ index: request.source.index, error });
      }
    }
  };
  const lanes = Array.from({ length: Math.min(queue.length, Math.max(1, maxWorkers)) }, readNext);
  await unlessAborted(Promise.all(lanes), signal);
  const [first] = failures.sort((a, b) => a.index - b.index);
  if (first !== undefined) throw first.error;
  return listings;
}

async function readOne(
  request: LayerRequest,
  options: ReadLayersOptions,
  pool: LayerPool | undefined,
): Promise<LayerListing> {
  const { source } = request;
  const list = listOptions(request, options);
  const identity = identityOf(source);
  const listing = await (pool === undefined ? listLayer(source, list) : pool.ask({ source, options: list }));
  options.cache?.store(source, list, { identity, listing });
  return listing;
}

function listOptions({ aliases = [] }: LayerRequest, { list }: ReadLayersOptions): ListLayerOptions {
  return { ...list, aliases };
}

/** The same blob in the same place with the same question is the same layer. */
function keyOf({ source: { digest, content }, aliases = [] }: LayerRequest): string {
  return JSON.stringify([digest, content, aliases]);
}

function sizeOf({ content }: LayerSource): number {
  return content.kind === 'tar' ? content.sizeBytes : 0;
}

/** Bytes that pass through zlib and hashes; what is walked by seeking costs next to nothing, whatever its size. */
function workOf({ content }: LayerSource, { list }: ReadLayersOptions): number {
  if (content.kind === 'directory') return 0;
  return list.verify === 'full' || isCompressed(content) ? content.sizeBytes : 0;
}

/** A file that cannot be read is told by who reads it. */
function isCompressed({ file, offset }: { readonly file: string; readonly offset: number }): boolean {
  try {
    const fd = openSync(file, 'r');
    try {
      const head = Buffer.alloc(SNIFF_BYTES);
      return sniffCompression(head.subarray(0, readSync(fd, head, 0, SNIFF_BYTES, offset))) !== 'none';
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

/** Does not wait for the work when the signal says stop: worker threads are then ended in the middle of it. */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function checkImageBytes(listings: readonly LayerListing[], { list }: ReadLayersOptions): void {
  const maxImageBytes = list.limits?.maxImageBytes ?? DEFAULT_IMAGE_LIMITS.maxImageBytes;
  const imageBytes = listings.reduce((sum, { walk }) => sum + walk.uncompressedBytes, 0);
  if (imageBytes <= maxImageBytes) return;
  const message = `the layers come to ${imageBytes} bytes, above the limit maxImageBytes = ${maxImageBytes}`;
  throw new ScannerError('image.limit-exceeded', message, { limit: 'maxImageBytes', value: maxImageBytes });
}
