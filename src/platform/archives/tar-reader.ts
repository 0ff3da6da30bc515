import type { ByteInput } from './byte-input.ts';
import { type ArchiveLimits, DEFAULT_ARCHIVE_LIMITS, damaged, limitExceeded } from './limits.ts';
import { parseGnuLongName, parsePaxRecords, type TarExtension } from './tar-extensions.ts';
import { BLOCK_BYTES, isZeroBlock, parseTarHeader, type TarHeader } from './tar-header.ts';

/** What an entry is; `other` is what no file system knows (a volume label, a multi-volume part). */
export type TarEntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'device' | 'fifo' | 'other';

/** One entry of a tar. Its body must be read before the next entry is asked for; what is not read is skipped. */
export interface TarEntry {
  readonly type: TarEntryType;
  /** As written: not normalised, not trusted. */
  readonly path: string;
  /** Target of a link, as written. */
  readonly linkPath: string;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly sizeBytes: number;
  /** Its body is a map of holes and pieces, not the file's bytes. */
  readonly isSparse: boolean;
  /** Where the body begins in the input. */
  readonly bodyPosition: number;
  /** The first bytes of the body, at most `length`, without reading it. */
  peek(length: number): Buffer | Promise<Buffer>;
  /** The body in pieces, which are views: valid until the next one. @throws ScannerError `archive.damaged` when it is cut. */
  body(): AsyncGenerator<Buffer, void, undefined>;
}

/** What `readTar` looks at. */
export type TarLimits = Partial<Pick<ArchiveLimits, 'maxPathBytes' | 'maxExtensionBytes'>>;

const TYPES: Readonly<Record<string, TarEntryType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
  // GNU: an old sparse file; a directory with a list of its names.
  S: 'file',
  D: 'directory',
};

const NO_EXTENSION: TarExtension = {};

/** Types that have no body whatever size they state; as Go's archive/tar, which unpacks most images. */
const BODILESS = new Set(['1', '2', '3', '4', '5', '6']);

/**
 * Reads a tar from front to back: V7, ustar, pax and GNU, as it comes.
 *
 * Two blocks of zeros end it, as does the end of the input where a header would stand (unfinished archives are common); what follows
 * the zeros is not part of it. Sizes are never trusted: nothing is allocated for them.
 * @throws ScannerError `archive.damaged`, `archive.limit-exceeded`.
 * Sources: POSIX.1 pax; GNU tar manual, "Tar Internals".
 */
export async function* readTar(input: ByteInput, limits: TarLimits = {}): AsyncGenerator<TarEntry, void, undefined> {
  const { maxPathBytes, maxExtensionBytes } = { ...DEFAULT_ARCHIVE_LIMITS, ...limits };
  let global = NO_EXTENSION;
  let extension = NO_EXTENSION;
  for (let header = await nextHeader(input); header !== undefined; header = await nextHeader(input)) {
    const { type, sizeBytes } = header;
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      if (sizeBytes > maxExtensionBytes)
        throw limitExceeded('maxExtensionBytes', maxExtensionBytes, 'tar extension header');
      const body = await input.read(sizeBytes);
      if (body.length < sizeBytes) throw cutAt(input);
      if (type === 'g') global = { ...global, ...parsePaxRecords(body) };
      else if (type === 'x') extension = { ...extension, ...parsePaxRecords(body) };
      else if (type === 'L') extension = { ...extension, path: parseGnuLongName(body) };
      else extension = { ...extension, linkPath: parseGnuLongName(body) };
      await skipPadding(input, sizeBytes);
      continue;
    }
    const entry = new Entry(input, header, extension === global ? global : { ...global, ...extension });
    extension = NO_EXTENSION;
    for (const path of [entry.path, entry.linkPath]) {
      if (path.length * 3 > maxPathBytes && Buffer.byteLength(path) > maxPathBytes) {
        throw limitExceeded('maxPathBytes', maxPathBytes, `path ${path.slice(0, 60)}…`);
      }
    }
    if (type === 'S') await skipSparseBlocks(input, header);
    entry.begin();
    yield entry;
    await entry.skipRest();
  }
}

class Entry implements TarEntry {
  readonly type: TarEntryType;
  readonly path: string;
  readonly linkPath: string;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly isSparse: boolean;
  bodyPosition = 0;
  readonly #input: ByteInput;

  constructor(input: ByteInput, header: TarHeader, extension: TarExtension) {
    this.#input = input;
    this.path = extension.path ?? header.path;
    this.linkPath = extension.linkPath ?? header.linkPath;
    this.mode = header.mode;
    this.sizeBytes = BODILESS.has(header.type) ? 0 : (extension.sizeBytes ?? header.sizeBytes);
    this.isSparse = header.type === 'S' || extension.isSparse === true;
    const type = TYPES[header.type] ?? 'other';
    // V7 marks a directory by its name alone.
    this.type = header.type === '\0' && this.path.endsWith('/') ? 'directory' : type;
  }

  /** Called when all headers are read. */
  begin(): void {
    this.bodyPosition = this.#input.position;
  }

  peek(length: number): Buffer | Promise<Buffer> {
    return this.#input.peek(Math.min(length, this.sizeBytes));
  }

  async *body(): AsyncGenerator<Buffer, void, undefined> {
    while (this.#restBytes > 0) {
      const piece = await this.#input.readSome(this.#restBytes);
      if (piece.length === 0) throw cutAt(this.#input);
      yield piece;
    }
  }

  async skipRest(): Promise<void> {
    const length = this.#restBytes + paddingOf(this.sizeBytes);
    if (length > 0) await this.#input.skip(length);
    // The last body may lack its padding; its bytes must be there.
    if (this.#restBytes > 0) throw cutAt(this.#input);
  }

  get #restBytes(): number {
    return Math.max(0, this.bodyPosition + this.sizeBytes - this.#input.position);
  }
}

/** @returns undefined at the end of the archive. A single block of zeros is passed over, as GNU tar does. */
async function nextHeader(input: ByteInput): Promise<TarHeader | undefined> {
  const position = input.position;
  const block = await input.read(BLOCK_BYTES);
  if (block.length === 0) return undefined;
  if (block.length < BLOCK_BYTES) throw cutAt(input);
  if (!isZeroBlock(block)) return parseTarHeader(block, position);
  const next = await input.read(BLOCK_BYTES);
  if (next.length < BLOCK_BYTES || isZeroBlock(next)) return undefined;
  return parseTarHeader(next, position + BLOCK_BYTES);
}

/** Old GNU sparse files: each further block of the map says at byte 504 whether one more follows. */
async function skipSparseBlocks(input: ByteInput, header: TarHeader): Promise<void> {
  let hasMore = header.hasSparseBlocks;
  while (hasMore) {
    const block = await input.read(BLOCK_BYTES);
    if (block.length < BLOCK_BYTES) throw cutAt(input);
    hasMore = block[504] === 1;
  }
}

async function skipPadding(input: ByteInput, sizeBytes: number): Promise<void> {
  await input.skip(paddingOf(sizeBytes));
}

function paddingOf(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

function cutAt(input: ByteInput) {
  return damaged(`tar is cut short at byte ${input.position}`);
}
