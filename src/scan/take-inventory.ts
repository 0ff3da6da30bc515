import type { WalkOptions } from '../images/layer-walk.ts';
import type { ImageLimits } from '../images/limits.ts';
import { openImage } from '../images/open-image.ts';
import { buildInventory } from '../inventory/build-inventory.ts';
import type { LayerListing } from '../inventory/layer-listing.ts';
import { type LayerChoice, type Overlay, overlay } from '../inventory/overlay.ts';
import type { Inventory } from '../model/inventory.ts';
import type { LayerSource } from '../model/layer.ts';
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
  readonly limits?: Partial<ImageLimits>;
  /** What the target `-` stands for. */
  readonly stdin?: NodeJS.ReadableStream;
  readonly signal?: AbortSignal;
  /** Dates the use of cache entries (default: the machine's clock). */
  readonly now?: () => Date;
}

/**
 * The packages of an image or a root file system: its layers are listed in parallel and put together as their file systems would be.
 *
 * @param target as `openImage` takes it.
 * @throws ScannerError what `openImage` and `readLayers` throw: `image.…`.
 */
export async function takeInventory(target: string, options: TakeInventoryOptions = {}): Promise<Inventory> {
  const { platform, image: imageName, limits, stdin, distro } = options;
  using image = await openImage(target, { platform, imageName, limits, stdin: stdin && chunksOf(stdin) });
  const { listings, merged } = await listChain(image.layers, options);
  const layers = image.layers.map((source, index) => ({ source, listing: listings[index]! }));
  const inventory = buildInventory(image.target, layers, {
    ...merged,
    detected: merged.detected ?? (distro === undefined ? undefined : { namespace: distro }),
  });
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
    cache: cache && cacheDirectory !== undefined ? openLayerCache(cacheDirectory, now) : undefined,
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
