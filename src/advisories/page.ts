import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** A page as SQLite holds it: short ones as they are, long ones compressed. */
export type StoredPage = string | Uint8Array;

/** Below this, compression saves little and costs each reader time. */
const MIN_COMPRESSED_CHARS = 1500;
/** A page of a damaged or hostile file grows no further than this when it is read. */
const MAX_PAGE_BYTES = 512 << 20;
const COMPRESSION_LEVEL = 3;

/** Packs lines, none of which holds a line feed. */
export function packLines(lines: readonly string[]): StoredPage {
  const text = lines.join('\n');
  if (text.length < MIN_COMPRESSED_CHARS) return text;
  return zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL } });
}

/** The lines of a page; none where there is no page. */
export function unpackLines(page: StoredPage | null | undefined): string[] {
  if (page === null || page === undefined || page === '') return [];
  return pageText(page).split('\n');
}

function pageText(page: StoredPage): string {
  return typeof page === 'string'
    ? page
    : zstdDecompressSync(page, { maxOutputLength: MAX_PAGE_BYTES }).toString('utf8');
}

/**
 * A page without the lines of some owners and with those of another page, sorted by text; undefined when nothing is left.
 *
 * @param dropped owners as they stand at the beginning of a line: the JSON text of a line's first value.
 */
export function editPage(
  page: StoredPage | undefined,
  dropped: ReadonlySet<string>,
  added: StoredPage | undefined,
): StoredPage | undefined {
  if (page === undefined) return added;
  const held = unpackLines(page);
  const kept = dropped.size === 0 ? held : held.filter((line) => !dropped.has(ownerOf(line)));
  if (kept.length === held.length && added === undefined) return page;
  const lines = [...kept, ...unpackLines(added)];
  return lines.length === 0 ? undefined : packLines(lines.sort());
}

const FIRST_STRING = /^\["(?:[^"\\]|\\.)*"/;

/** `"CVE-2024-1"` of `["CVE-2024-1",…]`. */
export function ownerOf(line: string): string {
  return FIRST_STRING.exec(line)?.[0].slice(1) ?? '';
}
