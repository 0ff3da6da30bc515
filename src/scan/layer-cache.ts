import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { LayerListing } from '../inventory/layer-listing.ts';
import { type ListLayerOptions, listersVersion } from '../inventory/list-layer.ts';
import type { LayerSource } from '../model/layer.ts';
import { HashedRange } from '../platform/archives/hashed-range.ts';
import { type CacheEntry, decodeEntry, encodeEntry } from './cache-entry.ts';
import { DEFAULT_CACHE_LIMITS } from './cache-limits.ts';

/** Raised when what `walkLayer` answers or how entries are written changes. */
const READERS_VERSION = 2;

/** Suffix of entries; other files of the directory are drafts, or not ours. */
const ENTRY_SUFFIX = '.layer';
const DRAFT_SUFFIX = '.draft';

/** A draft this old was left by a process that was killed. */
const MAX_DRAFT_AGE_MS = 3600_000;

/** The time of the last use is not written more often than this. */
const USE_INTERVAL_MS = 3600_000;

/** Copies of one layer that are known by their file; more than these are hashed again when they come. */
const MAX_KNOWN_FILES = 16;

/** When the cache is too large, it shrinks to this share of its limit. */
const SHRINK_TO = 0.9;

/** Where the cache lies, and how large it may be. */
export interface LayerCacheOptions {
  readonly directory: string;
  /** Default: that of `DEFAULT_CACHE_LIMITS`. */
  readonly maxCacheBytes?: number;
  readonly now: () => Date;
}

/** What `cvescan cache status` tells. */
export interface LayerCacheStatus {
  readonly directory: string;
  readonly entryCount: number;
  readonly sizeBytes: number;
  readonly maxCacheBytes: number;
}

/**
 * What layers yielded, by digest.
 *
 * An entry for a digest is written only by a read that compared all bytes of the layer with it. It is used only for a file that such
 * a read saw (the same device, inode, size, times and offset); for any other file all bytes are hashed first. Layers that were not
 * compared are known by their file alone. Entries appear whole or not at all, so scans at once and killed ones do no harm; what is
 * broken is removed. Not being able to write is no error: the cache only saves time.
 */
export class LayerCache {
  readonly #directory: string;
  readonly #maxCacheBytes: number;
  readonly #now: () => Date;
  #hasWritten = false;

  constructor({ directory, maxCacheBytes = DEFAULT_CACHE_LIMITS.maxCacheBytes, now }: LayerCacheOptions) {
    this.#directory = directory;
    this.#maxCacheBytes = maxCacheBytes;
    this.#now = now;
  }

  /** What the layer yielded, if that may be believed. Never throws for what is in the cache. */
  async find(source: LayerSource, options: ListLayerOptions): Promise<LayerListing | undefined> {
    const identity = identityOf(source);
    if (identity === undefined) return undefined;
    const byFile = this.#read(keyOf('file', identity, options));
    if (byFile !== undefined) return byFile.listing;
    if (!hasBlobDigest(source)) return undefined;
    const key = keyOf('digest', contentOf(source), options);
    const byDigest = this.#read(key);
    if (byDigest === undefined || byDigest.files.includes(identity)) return byDigest?.listing;
    if ((await digestOf(source)) !== source.digest || identityOf(source) !== identity) return undefined;
    if (!isTemporary(source)) {
      const files = [identity, ...byDigest.files].slice(0, MAX_KNOWN_FILES);
      this.#write(key, { ...byDigest, files });
    }
    return byDigest.listing;
  }

  /**
   * Keeps what a layer yielded.
   * @param identity what `identityOf` said before the layer was read: if it says something else now, nothing is kept.
   */
  store(
    source: LayerSource,
    options: ListLayerOptions,
    { identity, listing }: { readonly identity: string | undefined; readonly listing: LayerListing },
  ): void {
    if (identity === undefined || identityOf(source) !== identity) return;
    if (listing.walk.verification === 'verified' && hasBlobDigest(source)) {
      this.#write(keyOf('digest', contentOf(source), options), {
        files: isTemporary(source) ? [] : [identity],
        listing,
      });
    } else if (!isTemporary(source)) {
      this.#write(keyOf('file', identity, options), { files: [], listing });
    }
  }

  /** Removes what was not used for longest, until the cache is within its limit. To be called at the end of a scan. */
  shrink(): void {
    if (!this.#hasWritten) return;
    const entries = this.#entries().sort((a, b) => a.usedMs - b.usedMs);
    let sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
    if (sizeBytes <= this.#maxCacheBytes) return;
    for (const entry of entries) {
      if (sizeBytes <= this.#maxCacheBytes * SHRINK_TO) return;
      rmSync(entry.path, { force: true });
      sizeBytes -= entry.sizeBytes;
    }
  }

  status(): LayerCacheStatus {
    const entries = this.#entries();
    const sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
    return { directory: this.#directory, entryCount: entries.length, sizeBytes, maxCacheBytes: this.#maxCacheBytes };
  }

  /** Removes all entries. @returns what there was. */
  clear(): LayerCacheStatus {
    const status = this.status();
    for (const { path } of this.#entries()) rmSync(path, { force: true });
    return status;
  }

  #entries(): { readonly path: string; readonly sizeBytes: number; readonly usedMs: number }[] {
    const nowMs = this.#now().getTime();
    return namesIn(this.#directory).flatMap((name) => {
      const path = join(this.#directory, name);
      const status = statSync(path, { throwIfNoEntry: false });
      if (status === undefined) return [];
      if (name.endsWith(DRAFT_SUFFIX) && nowMs - status.mtimeMs > MAX_DRAFT_AGE_MS) rmSync(path, { force: true });
      return name.endsWith(ENTRY_SUFFIX) ? [{ path, sizeBytes: status.size, usedMs: status.mtimeMs }] : [];
    });
  }

  #read(key: string): CacheEntry | undefined {
    const path = join(this.#directory, key + ENTRY_SUFFIX);
    const bytes = withoutSystemErrors(() => readFileSync(path));
    if (bytes === undefined) return undefined;
    const entry = decodeEntry(bytes);
    if (entry === undefined) withoutSystemErrors(() => rmSync(path, { force: true }));
    else withoutSystemErrors(() => this.#noteUse(path));
    return entry;
  }

  #noteUse(path: string): void {
    const now = this.#now();
    if (now.getTime() - statSync(path).mtimeMs > USE_INTERVAL_MS) utimesSync(path, now, now);
  }

  #write(key: string, entry: CacheEntry): void {
    const bytes = encodeEntry(entry);
    if (bytes.length > this.#maxCacheBytes) return;
    const path = join(this.#directory, key + ENTRY_SUFFIX);
    const draft = join(this.#directory, `${key}.${process.pid}.${performance.now()}${DRAFT_SUFFIX}`);
    withoutSystemErrors(() => {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      try {
        writeFileSync(draft, bytes, { flag: 'wx', mode: 0o600 });
        renameSync(draft, path);
        this.#hasWritten = true;
      } finally {
        rmSync(draft, { force: true });
      }
    });
  }
}

/**
 * Which file, in which state, a layer's bytes lie in; undefined where that says nothing, as for a directory. The time of the last
 * change of the inode is part of it: the modification time can be set back.
 */
export function identityOf({ content }: LayerSource): string | undefined {
  if (content.kind === 'directory') return undefined;
  const status = statSync(content.file, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs } = status;
  return [dev, ino, size, mtimeNs, ctimeNs, content.offset, content.sizeBytes].join(':');
}

function hasBlobDigest({ digest, digestIsDiffId }: LayerSource): boolean {
  return digest !== '' && digestIsDiffId !== true;
}

/** With `verify: 'full'` a blob was compared with its diff id too, which is the image's own word. */
function contentOf({ digest, diffId = '' }: LayerSource): string {
  return `${digest} ${diffId}`;
}

/** A file that nobody meets again. */
function isTemporary({ content }: LayerSource): boolean {
  return content.kind === 'tar' && content.isTemporary === true;
}

async function digestOf({ content }: LayerSource): Promise<string | undefined> {
  if (content.kind === 'directory') return undefined;
  const fd = openSync(content.file, 'r');
  try {
    return await new HashedRange(fd, content).digest();
  } finally {
    closeSync(fd);
  }
}

/** Everything that an answer depends on, besides the bytes. */
function keyOf(kind: 'digest' | 'file', identity: string, options: ListLayerOptions): string {
  const { verify, limits = {}, aliases = [], listingLimits = {} } = options;
  const asked = { verify, limits, aliases, listingLimits };
  const versions = [READERS_VERSION, listersVersion(), process.versions.v8];
  return createHash('sha256')
    .update(JSON.stringify([kind, identity, versions, asked]))
    .digest('hex')
    .slice(0, 40);
}

function namesIn(directory: string): readonly string[] {
  return withoutSystemErrors(() => readdirSync(directory)) ?? [];
}

/** The cache only saves time: a disk that is full, a directory that may not be written, a file that just went are no errors. */
function withoutSystemErrors<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  }
}
