import { type ArchiveLimits, DEFAULT_ARCHIVE_LIMITS } from '../platform/archives/limits.ts';

/** What an image may cost. Going above one of these is `image.limit-exceeded`, with its name and value. Plain data. */
export interface ImageLimits extends ArchiveLimits {
  /** Entries of one layer, directories and links too; of the files of an image archive as well. */
  readonly maxFilesPerLayer: number;
  /** Bytes of one file that a plugin wants. */
  readonly maxWantedFileBytes: number;
  /** A wanted file above this is spooled to a temporary file while it is read. */
  readonly maxMemoryFileBytes: number;
  /** Symlinks on the way to one file; as Linux. */
  readonly maxSymlinkDepth: number;
  /** Bytes of an index, manifest or config. */
  readonly maxManifestBytes: number;
  /** Manifests of one image archive, those of nested indexes too. */
  readonly maxManifests: number;
  readonly maxLayers: number;
  /** Uncompressed bytes of all layers. */
  readonly maxImageBytes: number;
  /** Problems that one layer lists; one more says how many there were. */
  readonly maxProblemsPerLayer: number;
}

/** Far above what honest images need. */
export const DEFAULT_IMAGE_LIMITS: ImageLimits = {
  ...DEFAULT_ARCHIVE_LIMITS,
  maxFilesPerLayer: 2_000_000,
  maxWantedFileBytes: 1024 ** 3,
  maxMemoryFileBytes: 8 * 1024 ** 2,
  maxSymlinkDepth: 40,
  maxManifestBytes: 8 * 1024 ** 2,
  maxManifests: 1000,
  maxLayers: 1000,
  maxImageBytes: 128 * 1024 ** 3,
  maxProblemsPerLayer: 100,
};
