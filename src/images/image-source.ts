import type { LayerSource } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import type { ImageLimits } from './limits.ts';
import type { TargetFiles } from './target-files.ts';

/** Which image of a target is meant, and within which limits. */
export interface ImageRequest {
  /** `os/arch[/variant]`; absent: the host's, or the only one there is. */
  readonly platform?: string | undefined;
  /** The host's, in the same form. */
  readonly hostPlatform: string;
  /** Name or digest of one of several images. */
  readonly imageName?: string | undefined;
  readonly limits: ImageLimits;
}

/** An image as its manifest describes it. */
export interface ImageDescription {
  readonly kind: 'image' | 'directory';
  /** Digest of the manifest, or the image id where there is none. */
  readonly digest?: string;
  readonly platform?: string;
  /** The name that the target gives it, e.g. `alpine:3.20`. */
  readonly name?: string;
  /** The lowest first. */
  readonly layers: readonly LayerSource[];
  readonly problems: readonly Problem[];
}

/** One way in which images come: recognised by content, or named by the prefix of a target. Reads through the files it is handed. */
export interface ImageSource {
  readonly name: string;
  /** What stands before the colon of a target that names it. */
  readonly prefix: string;
  /** What the help says of it. */
  readonly summary: string;
  /** Whether the target is an archive or a directory. */
  readonly kind: TargetFiles['kind'];
  /** Whether a target without a prefix is one. The first source of the registry that says so is taken. */
  recognises(files: TargetFiles): boolean;
  /** @throws ScannerError `image.damaged`, `image.digest-mismatch`, `image.limit-exceeded`, `image.not-found`, `image.unknown-format`. */
  describe(files: TargetFiles, request: ImageRequest): ImageDescription;
}
