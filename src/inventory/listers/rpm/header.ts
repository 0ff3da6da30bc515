import { damage } from './database-file.ts';

/**
 * The header of a package: an index of tags over a store of values, all big-endian.
 *
 * Layout: `il` and `dl` (4 bytes each), `il` index entries of 16 bytes (tag, type, count, offset into the store), a store of
 * `dl` bytes. A region tag (61, 62, 63) comes first and marks what was signed; entries behind the region were added at
 * installation and replace those of the same tag.
 * Source: https://rpm-software-management.github.io/rpm/manual/format_header.html, tags.html and hregions.html
 */
export interface RpmHeader {
  readonly store: Buffer;
  /** Only tags of {@link TAGS}. */
  readonly entryByTag: ReadonlyMap<number, IndexEntry>;
}

interface IndexEntry {
  readonly type: number;
  readonly count: number;
  readonly offset: number;
}

/** The tags that we read. */
export const TAGS = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  arch: 1022,
  /** Full paths, before rpm 4. */
  oldFileNames: 1027,
  sourceRpm: 1044,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  modularityLabel: 5096,
} as const;

const WANTED: ReadonlySet<number> = new Set(Object.values(TAGS));

const INT32 = 4;
const STRING = 6;
const STRING_ARRAY = 8;
const I18N_STRING = 9;

const INTRO_BYTES = 8;
const ENTRY_BYTES = 16;
/** rpm's own bound on the number of entries. */
const MAX_ENTRY_COUNT = 0xffff;

/** Reads the index of a header. @throws ScannerError `package-database.damaged` */
export function parseHeader(bytes: Buffer): RpmHeader {
  if (bytes.length < INTRO_BYTES) throw damage(`a header of ${bytes.length} bytes is too short`);
  const entryCount = bytes.readUInt32BE(0);
  const storeBytes = bytes.readUInt32BE(4);
  const storeStart = INTRO_BYTES + entryCount * ENTRY_BYTES;
  if (entryCount > MAX_ENTRY_COUNT || storeStart + storeBytes > bytes.length) {
    throw damage(`a header states ${entryCount} tags and ${storeBytes} bytes, more than its ${bytes.length} bytes`);
  }
  const entryByTag = new Map<number, IndexEntry>();
  for (let at = INTRO_BYTES; at < storeStart; at += ENTRY_BYTES) {
    const tag = bytes.readUInt32BE(at);
    if (!WANTED.has(tag)) continue;
    const entry = {
      type: bytes.readUInt32BE(at + 4),
      offset: bytes.readUInt32BE(at + 8),
      count: bytes.readUInt32BE(at + 12),
    };
    if (entry.offset >= storeBytes) throw damage(`tag ${tag} of a header lies outside it`);
    entryByTag.set(tag, entry);
  }
  return { store: bytes.subarray(storeStart, storeStart + storeBytes), entryByTag };
}

/** A tag's text (the first of a list); undefined when the header has no such tag, or an empty one. */
export function textOf({ store, entryByTag }: RpmHeader, tag: number): string | undefined {
  const entry = entryByTag.get(tag);
  if (entry === undefined) return undefined;
  if (entry.type !== STRING && entry.type !== STRING_ARRAY && entry.type !== I18N_STRING) {
    throw damage(`tag ${tag} of a header is no text`);
  }
  const end = store.indexOf(0, entry.offset);
  if (end < 0) throw damage(`the text of tag ${tag} of a header has no end`);
  return store.toString('utf8', entry.offset, end) || undefined;
}

/** A tag's first number; undefined when the header has no such tag. */
export function numberOf(header: RpmHeader, tag: number): number | undefined {
  return header.entryByTag.has(tag) ? numbersOf(header, tag)[0] : undefined;
}

/** How many files a package states, before they are read. */
export function fileCountOf({ entryByTag }: RpmHeader): number {
  return (entryByTag.get(TAGS.baseNames) ?? entryByTag.get(TAGS.oldFileNames))?.count ?? 0;
}

/**
 * Paths of a package's files and directories, without the leading `/`.
 *
 * @throws ScannerError `package-database.damaged`, also where they are longer than `maxChars` together.
 */
export function pathsOf(header: RpmHeader, maxChars: number): string[] {
  const baseNames = textsOf(header, TAGS.baseNames);
  const dirIndexes = numbersOf(header, TAGS.dirIndexes);
  if (dirIndexes.length !== baseNames.length) {
    throw damage(`${baseNames.length} files have ${dirIndexes.length} directories`);
  }
  if (baseNames.length === 0) return textsOf(header, TAGS.oldFileNames).map(relative);

  const dirNames = textsOf(header, TAGS.dirNames);
  const paths: string[] = [];
  let chars = 0;
  for (const [index, baseName] of baseNames.entries()) {
    const dirName = dirNames[dirIndexes[index]!];
    if (dirName === undefined) throw damage(`directory ${dirIndexes[index]} of a file does not exist`);
    chars += dirName.length + baseName.length;
    if (chars > maxChars) throw damage('the paths of its packages exceed maxOwnedPathChars');
    paths.push(relative(dirName + baseName));
  }
  return paths;
}

/** Most paths have one slash; a damaged one may have more. */
function relative(path: string): string {
  let start = 0;
  while (path.charCodeAt(start) === 0x2f) start++;
  return path.slice(start);
}

function textsOf({ store, entryByTag }: RpmHeader, tag: number): string[] {
  const entry = entryByTag.get(tag);
  if (entry === undefined || entry.count === 0) return [];
  if (entry.type !== STRING_ARRAY) throw damage(`tag ${tag} of a header is no list of texts`);
  let end = entry.offset;
  for (let left = entry.count; left > 0; end++) {
    if (end === store.length) throw damage(`the texts of tag ${tag} of a header have no end`);
    if (store[end] === 0) left--;
  }
  // One decoded text that is split costs a fifth of a decoded text each.
  return store.toString('utf8', entry.offset, end - 1).split('\0');
}

function numbersOf({ store, entryByTag }: RpmHeader, tag: number): number[] {
  const entry = entryByTag.get(tag);
  if (entry === undefined) return [];
  if (entry.type !== INT32) throw damage(`tag ${tag} of a header is no number`);
  if (entry.offset + 4 * entry.count > store.length) throw damage(`the numbers of tag ${tag} of a header have no end`);
  const numbers: number[] = [];
  for (let index = 0; index < entry.count; index++) numbers.push(store.readUInt32BE(entry.offset + 4 * index));
  return numbers;
}
