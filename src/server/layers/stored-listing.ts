import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { PathHashes } from '../../images/path-hashes.ts';
import type { LayerListing, ListedFile } from '../../inventory/layer-listing.ts';
import type { StoredFile } from '../../state/layer-rows.ts';
import type { StoredChainLayer } from '../threads/jobs.ts';
import type { ChainLayer } from './chain-inventory.ts';

/** A listing as state keeps it: what the layer does as a whole, and a list of packages for each file. */
export interface StoredListing {
  readonly walk: Uint8Array;
  readonly files: readonly StoredFile[];
}

/** Raised when what is written here changes its meaning: layers are then analysed again. */
export const STORED_LISTING_VERSION = 1;

/** Compressed JSON: any later version of the program and of its runtime can read it. */
export function encodeListing({ files, texts, walk, aliases }: LayerListing): StoredListing {
  const { nonDirectories, directories, ...rest } = walk;
  const whole = {
    ...{ walk: rest, texts, aliases, nonDirectories: base64(nonDirectories) },
    ...(directories && { directories: base64(directories) }),
  };
  return {
    walk: compress(whole),
    files: files.map(({ path, asPath = '', lister, ...body }) => ({ path, asPath, lister, body: compress(body) })),
  };
}

export function decodeListing({ walk, files }: StoredListing): LayerListing {
  const whole = decompress(walk) as Omit<LayerListing, 'files'> & { nonDirectories: string; directories?: string };
  return {
    files: files.map(({ path, asPath, lister, body }) => ({
      path,
      ...(asPath !== '' && { asPath }),
      lister,
      ...(decompress(body) as Pick<ListedFile, 'packages' | 'problems' | 'owner'>),
    })),
    texts: whole.texts,
    walk: {
      ...whole.walk,
      nonDirectories: hashesOf(whole.nonDirectories),
      ...(whole.directories !== undefined && { directories: hashesOf(whole.directories) }),
    },
    aliases: whole.aliases,
  };
}

/** The listings of a stored chain. */
export function decodeChain(chain: readonly StoredChainLayer[]): readonly ChainLayer[] {
  return chain.map((stored) => ({ name: stored.name, listing: decodeListing(stored) }));
}

function base64(hashes: PathHashes): string {
  return Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength).toString('base64');
}

function hashesOf(text: string): PathHashes {
  // A copy: the numbers must begin at a multiple of eight.
  return new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}

function compress(value: unknown): Uint8Array {
  return zstdCompressSync(Buffer.from(JSON.stringify(value)));
}

function decompress(bytes: Uint8Array): unknown {
  return JSON.parse(zstdDecompressSync(bytes).toString('utf8'));
}
