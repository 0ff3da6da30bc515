import type { LayerFile, LayerFileHead, LayerVerification } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';

/** What is asked of a layer. */
export interface WalkOptions {
  /** Cheap; asked for every regular file (hard links and symlinks too, by their own path). */
  readonly wants: (file: LayerFileHead) => boolean;
  /** Called one after the other, in the order of the archive; the bytes are there only until it resolves. */
  readonly onFile: (file: LayerFile) => Promise<void>;
  /** `full`: compare also what costs a whole read (digest of uncompressed layers, diff ids). */
  readonly verify: 'blobs' | 'full';
}

/** What a layer does to the layers below it, and how it was read. Plain data: it is cached and crosses thread borders. */
export interface LayerWalk {
  /** Paths that the layer deletes: `a/b` for `a/.wh.b`; sorted. */
  readonly whiteouts: readonly string[];
  /** Directories below which everything of lower layers is hidden; `` is the root; sorted. */
  readonly opaqueDirectories: readonly string[];
  /** All symlinks, path -> target as written; sorted by path. */
  readonly symlinks: readonly (readonly [path: string, target: string])[];
  /**
   * First 52 bits of a hash of each path that is a regular file (or link, device) here: where a lower layer has a directory of that
   * path, everything in it is gone. Sorted numbers; ask `shadows(walk, path)`.
   */
  readonly nonDirectories: Float64Array;
  /**
   * The same of each path that has a directory entry here: where a lower layer has a file or symlink of that path, it is gone.
   * Directories that are only implied by deeper paths are not in it: they keep a lower symlink.
   */
  readonly directories?: Float64Array;
  readonly verification: LayerVerification;
  readonly fileCount: number;
  readonly uncompressedBytes: number;
  readonly problems: readonly Problem[];
}
