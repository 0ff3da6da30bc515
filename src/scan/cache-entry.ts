import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { LayerListing } from '../inventory/layer-listing.ts';

/** What the layer cache keeps of a layer. */
export interface CacheEntry {
  /** Files that were seen to have the bytes of the layer's digest; see `identityOf`. */
  readonly files: readonly string[];
  readonly listing: LayerListing;
}

const MAGIC = Buffer.from('cvescan layer 1\n');
const HASH_BYTES = 32;

/** Magic, SHA-256 of the rest, the rest: structured-clone bytes, which load twice as fast as JSON and keep typed arrays. */
export function encodeEntry(entry: CacheEntry): Buffer {
  const body = serialize(entry);
  return Buffer.concat([MAGIC, sha256(body), body]);
}

/** @returns undefined for anything but a whole entry. */
export function decodeEntry(bytes: Buffer): CacheEntry | undefined {
  const body = bytes.subarray(MAGIC.length + HASH_BYTES);
  const isWhole =
    bytes.subarray(0, MAGIC.length).equals(MAGIC) &&
    bytes.subarray(MAGIC.length, MAGIC.length + HASH_BYTES).equals(sha256(body));
  // The hash says that these are bytes that this version of the program wrote.
  return isWhole ? (deserialize(body) as CacheEntry) : undefined;
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
