import type { LayerFile, LayerFileHead, LayerVerification } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import type { ImageLimits } from './limits.ts';
import { hashOfPath, hasPathHash, type PathHashes } from './path-hashes.ts';

/** What is asked of a layer. */
export interface WalkOptions {
  /**
   * Cheap; asked for every regular file, and for hard links by their own path (their `head` is empty). Symlinks are not asked for:
   * all of them are in the answer.
   */
  readonly wants: (file: LayerFileHead) => boolean;
  /**
   * Called one after the other, in the order of the archive (hard links to files that were not wanted come last); the bytes are
   * there only until it resolves (the next file takes their memory), unless the file is kept. A path that an archive holds twice comes twice: the last one counts.
   */
  readonly onFile: (file: LayerFile) => Promise<void>;
  /** Called when all files were handed on, while those that were asked to `keep` can still be read. */
  readonly onEnd?: () => Promise<void>;
  /** `full`: compare also what costs a whole read (digest of uncompressed layers, diff ids). */
  readonly verify: 'blobs' | 'full';
  /** Those not given are `DEFAULT_IMAGE_LIMITS`. */
  readonly limits?: Partial<ImageLimits>;
}

/** What a layer does to the layers below it, and how it was read. Plain data: it is cached and crosses thread borders. */
export interface LayerWalk {
  /** Paths that the layer deletes: `a/b` for `a/.wh.b`; sorted. */
  readonly whiteouts: readonly string[];
  /** Directories below which everything of lower layers is hidden; `` is the root; sorted. */
  readonly opaqueDirectories: readonly string[];
  /** All symlinks, path -> target as written; sorted by path. A hard link to what is not in this layer is one as well. */
  readonly symlinks: readonly (readonly [path: string, target: string])[];
  /**
   * Each path that is anything but a directory here: where a lower layer has a directory of that path, everything in it is gone.
   * Ask `shadows(walk, path)`.
   */
  readonly nonDirectories: PathHashes;
  /**
   * Each path that has a directory entry here: where a lower layer has a file or symlink of that path, it is gone.
   * Directories that are only implied by deeper paths are not in it: they keep a lower symlink.
   */
  readonly directories?: PathHashes;
  /** Paths that `onFile` got and that a later entry of this layer replaced by something else; sorted, nearly always empty. */
  readonly replacedFiles?: readonly string[];
  readonly verification: LayerVerification;
  readonly fileCount: number;
  readonly uncompressedBytes: number;
  readonly problems: readonly Problem[];
}

/** Whether the layer has anything but a directory at a path, so that a directory of a lower layer there is gone. */
export function shadows(walk: LayerWalk, path: string): boolean {
  return hasPathHash(walk.nonDirectories, hashOfPath(path));
}
