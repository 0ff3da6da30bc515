import type { LayerWalk } from '../images/layer-walk.ts';
import { pathHashesOf } from '../images/path-hashes.ts';
import type { LayerListing, PathAlias } from './layer-listing.ts';
import { listWalked, type Walk } from './list-layer.ts';
import { layerFileOf } from './lister.contract.ts';

/** A layer as a test writes it down. */
export interface SampleLayer {
  readonly files?: Readonly<Record<string, string>>;
  /** Path and target. */
  readonly symlinks?: Readonly<Record<string, string>>;
  readonly whiteouts?: readonly string[];
  readonly opaqueDirectories?: readonly string[];
  /** Directory entries of their own. */
  readonly directories?: readonly string[];
}

/** What a walk over the layer would tell. */
export function sampleWalk(layer: SampleLayer): LayerWalk {
  const { files = {}, symlinks = {}, whiteouts = [], opaqueDirectories = [], directories = [] } = layer;
  return {
    whiteouts: [...whiteouts].sort(),
    opaqueDirectories: [...opaqueDirectories].sort(),
    symlinks: Object.entries(symlinks).sort(([a], [b]) => (a < b ? -1 : 1)),
    nonDirectories: pathHashesOf([...Object.keys(files), ...Object.keys(symlinks)]),
    directories: pathHashesOf(directories),
    verification: 'verified',
    fileCount: Object.keys(files).length + Object.keys(symlinks).length,
    uncompressedBytes: 0,
    problems: [],
  };
}

/** Reads the layer as `walkLayer` would read an archive. */
export function sampleWalker(layer: SampleLayer): Walk {
  return async ({ wants, onFile, onEnd }) => {
    for (const [path, text] of Object.entries(layer.files ?? {})) {
      const file = layerFileOf(path, text);
      if (wants(file)) await onFile(file);
    }
    await onEnd?.();
    return sampleWalk(layer);
  };
}

/** The layer as the listers see it. */
export function listSample(layer: SampleLayer, aliases: readonly PathAlias[] = []): Promise<LayerListing> {
  return listWalked(sampleWalker(layer), { verify: 'blobs', aliases });
}
