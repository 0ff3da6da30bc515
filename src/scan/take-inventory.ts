import type { WalkOptions } from '../images/layer-walk.ts';
import type { ImageLimits } from '../images/limits.ts';
import { openImage } from '../images/open-image.ts';
import { buildInventory } from '../inventory/build-inventory.ts';
import type { DocumentLimits } from '../inventory/document-limits.ts';
import type { LayerListing } from '../inventory/layer-listing.ts';
import { type LayerChoice, type Overlay, overlay } from '../inventory/overlay.ts';
import type { Inventory } from '../model/inventory.ts';
import type { LayerSource } from '../model/layer.ts';
import type { CacheLimits } from './cache-limits.ts';
import { type DocumentTarget, findDocument, namingDocument } from './document-target.ts';
import { openLayerCache } from './open-layer-cache.ts';
import { type ReadLayersOptions, readLayers } from './read-layers.ts';

/** How a target's packages are taken. */
export interface TakeInventoryOptions {
  /** `all`: also packages that a later layer removed (default: squashed). */
  readonly layers?: LayerChoice;
  /** `full`: compare also digests that cost a whole read (default: blobs). */
  readonly verify?: WalkOptions['verify'];
  /** `os/arch[/variant]` of one of several images (default: this machine's). */
  readonly platform?: string;
  /** Name or digest of one of several images in an archive. */
  readonly image?: string;
  /** The namespace of a target that names none. */
  readonly distro?: string;
  /** Where layers' listings are kept; absent, or with `cache: false`, nothing is. */
  readonly cacheDirectory?: string;
  readonly cache?: boolean;
  readonly limits?: Partial<ImageLimits & DocumentLimits & CacheLimits>;
  /** Also packages of languages that an OS package brought (default: no). */
  readonly showOwned?: boolean;
  /** Name of the reader of a document; it is recognised by its content otherwise. */
  readonly inventoryFormat?: string;
  /** What the target `-` stands for. */
  readonly stdin?: NodeJS.ReadableStream;
  readonly signal?: AbortSignal;
  /** Dates the use of cache entries (default: the machine's clock). */
  readonly now?: () => Date;
}

/**
 * The packages of a target: an image or a root file system, or a document that lists them.
 *
 * @param target as `openImage` takes it; or `sbom:FILE`, a package URL, a CPE, a file or standard input that is a document.
 * @throws ScannerError what `openImage`, `readLayers` and `readDocument` throw: `image.…`, `document.…`.
 */
export async function takeInventory(target: string, options: TakeInventoryOptions = {}): Promise<Inventory> {
  const { stdin, inventoryFormat, limits } = options;
  const found = await findDocument(target, {
    isNamed: inventoryFormat !== undefined,
    stdin: stdin && chunksOf(stdin),
    maxDocumentBytes: limits?.maxDocumentBytes,
  });
  return found.document
    ? readDocumentTarget(target, found.document, options)
    : readImage(target, { ...options, stdin: found.stdin });
}

async function readDocumentTarget(
  target: string,
  document: DocumentTarget,
  { inventoryFormat: format, distro, limits }: TakeInventoryOptions,
): Promise<Inventory> {
  // The readers are loaded for documents only.
  const { readDocument } = await import('../inventory/read-document.ts');
  try {
    return await readDocument(target, await document.bytes(), { format, distro, limits });
  } catch (error) {
    throw namingDocument(error, target);
  }
}

/** The layers are listed in parallel and put together as their file systems would be. */
async function readImage(
  target: string,
  { stdin, ...options }: Omit<TakeInventoryOptions, 'stdin'> & { readonly stdin: AsyncIterable<Buffer> | undefined },
): Promise<Inventory> {
  const { platform, image: imageName, limits, distro, showOwned = false } = options;
  using image = await openImage(target, { platform, imageName, limits, stdin });
  const { listings, merged } = await listChain(image.layers, options);
  const layers = image.layers.map((source, index) => ({ source, listing: listings[index]! }));
  const detected = merged.detected ?? (distro === undefined ? undefined : { namespace: distro });
  const inventory = buildInventory(image.target, layers, { ...merged, detected }, { showOwned });
  return { ...inventory, problems: [...image.problems, ...inventory.problems] };
}

async function* chunksOf(stream: NodeJS.ReadableStream): AsyncGenerator<Buffer> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/**
 * Lists a chain of layers and puts it together. Where symlinks of one layer lead the databases of another elsewhere, those layers
 * are listed once more, by the paths that the first overlay found out.
 */
async function listChain(
  sources: readonly LayerSource[],
  {
    layers = 'squashed',
    verify = 'blobs',
    cacheDirectory,
    cache = true,
    limits,
    signal,
    now = clock,
  }: TakeInventoryOptions,
): Promise<{ readonly listings: readonly LayerListing[]; readonly merged: Overlay }> {
  const options: ReadLayersOptions = {
    list: { verify, ...(limits && { limits }) },
    cache:
      cache && cacheDirectory !== undefined ? openLayerCache(cacheDirectory, now, limits?.maxCacheBytes) : undefined,
    signal,
  };
  const listings = await readLayers(
    sources.map((source) => ({ source })),
    options,
  );
  const merged = overlay(listings, layers);
  if (merged.unread.size === 0) return { listings, merged };

  const again = await readLayers(
    [...merged.unread].map(([index, aliases]) => ({ source: sources[index]!, aliases })),
    options,
  );
  const indexes = [...merged.unread.keys()];
  const complete = listings.map((listing, index) => again[indexes.indexOf(index)] ?? listing);
  // All symlinks were known after the first reading, so this overlay asks for nothing more.
  return { listings: complete, merged: overlay(complete, layers) };
}

const clock = (): Date => new Date();
