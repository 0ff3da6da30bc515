/** Where an image's layer lies, and what is known of it before it is read. Plain data: it crosses thread borders. */
export interface LayerSource {
  /** 0 is the lowest layer. */
  readonly index: number;
  /** `sha256:<hex>` of the blob as it lies in the image; for a `docker save` layer without blob digests its diff id; `` for a directory. */
  readonly digest: string;
  /** Set where `digest` is the diff id, because the image states no digest of the blob. */
  readonly digestIsDiffId?: boolean;
  /** `sha256:<hex>` of the uncompressed tar, as the image's config states it. */
  readonly diffId?: string;
  /** What the image's history says made this layer. */
  readonly createdBy?: string;
  /** Where in the tar the file system lies, if not at its root: `rootfs` of an ACI. What lies beside it is left out. */
  readonly rootDirectory?: string;
  /** A tar, as a byte range of a file on disk (which may be gone after the scan); or a directory that stands for one layer. */
  readonly content:
    | {
        readonly kind: 'tar';
        readonly file: string;
        readonly offset: number;
        readonly sizeBytes: number;
        readonly isTemporary?: boolean;
      }
    | { readonly kind: 'directory'; readonly path: string };
}

/** How much of a layer's bytes was compared with its digest: all of them, or none (walked by seeking; a directory). */
export type LayerVerification = 'verified' | 'not_verified';

/** What a plugin sees of a path before its bytes are read. */
export interface LayerFileHead {
  /** Relative to the image's root, `/` between segments, no leading `/` or `./`. */
  readonly path: string;
  /** Permission bits, e.g. 0o755. */
  readonly mode: number;
  readonly sizeBytes: number;
  /** The first bytes of the file, at most 64; empty where they are not at hand. */
  readonly head: Uint8Array;
}

/** A wanted file of a layer. Above `maxMemoryFileBytes` its bytes are spooled, so prefer `read` for random access. */
export interface LayerFile extends LayerFileHead {
  /** Where the bytes lie when `path` is reached through symlinks; else the same as `path`. */
  readonly realPath: string;
  bytes(): Promise<Buffer>;
  /** As UTF-8; malformed bytes become U+FFFD. */
  text(): Promise<string>;
  /** At most `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
  /** Asks that its bytes stay readable until the end of the walk (`onEnd`). Absent where that cannot be. */
  keep?(): void;
}
