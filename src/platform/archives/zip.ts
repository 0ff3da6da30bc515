import { crc32, inflateRawSync } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';
import { damaged, limitExceeded } from './limits.ts';

/** A file of a ZIP archive. */
export interface ZipEntry {
  readonly name: string;
  /** Decompressed. */
  readonly sizeBytes: number;
  /** Decompresses and compares size and CRC-32. @throws ScannerError `archive.damaged`. */
  bytes(): Buffer;
}

/** What an archive may cost. */
export interface ZipLimits {
  readonly maxEntries: number;
  /** Decompressed bytes of one file. */
  readonly maxEntryBytes: number;
  /** Of all files that are read. */
  readonly maxTotalBytes: number;
  /** Of the central directory. */
  readonly maxDirectoryBytes: number;
}

/** Far above OSV's archives of 2026. */
export const DEFAULT_ZIP_LIMITS: ZipLimits = {
  maxEntries: 4_000_000,
  maxEntryBytes: 128 << 20,
  maxTotalBytes: 64 * 1024 ** 3,
  maxDirectoryBytes: 1024 ** 3,
};

const END_SIGNATURE = 0x06054b50;
const END64_SIGNATURE = 0x06064b50;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;

const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const END64_LOCATOR_BYTES = 20;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;

const STORED = 0;
const DEFLATED = 8;

/** Neighbouring files are read together in pieces of this size. */
const WINDOW_BYTES = 1 << 20;

/**
 * Lists the regular files of a ZIP archive by its central directory, in the order in which they lie, so that the archive is read
 * once from front to back. ZIP64 is read; encrypted files and other methods than "stored" and "deflate" are refused.
 * Source: APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
 * @throws ScannerError `archive.damaged`, `archive.limit-exceeded`.
 */
export async function* zipEntries(source: ByteSource, limits: Partial<ZipLimits> = {}): AsyncGenerator<ZipEntry> {
  const known = { ...DEFAULT_ZIP_LIMITS, ...limits };
  const entries = readDirectory(await directoryBytes(source, known), known);
  entries.sort((a, b) => a.offset - b.offset);
  const window = new Window(source);
  let totalBytes = 0;
  for (const entry of entries) {
    if (entry.name.endsWith('/')) continue;
    totalBytes += entry.sizeBytes;
    if (entry.sizeBytes > known.maxEntryBytes) throw limitExceeded('maxEntryBytes', known.maxEntryBytes, entry.name);
    if (totalBytes > known.maxTotalBytes)
      throw limitExceeded('maxTotalBytes', known.maxTotalBytes, 'files of a ZIP archive');
    const content = await compressedBytes(entry, window);
    yield { name: entry.name, sizeBytes: entry.sizeBytes, bytes: () => decompress(entry, content) };
  }
}

interface CentralEntry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** Of the local header. */
  readonly offset: number;
}

interface DirectoryPlace {
  readonly count: number;
  readonly sizeBytes: number;
  readonly offset: number;
}

async function directoryBytes(source: ByteSource, limits: ZipLimits): Promise<Buffer> {
  const { count, sizeBytes, offset } = await findDirectory(source);
  if (count > limits.maxEntries) throw limitExceeded('maxEntries', limits.maxEntries, 'files of a ZIP archive');
  if (sizeBytes > limits.maxDirectoryBytes) {
    throw limitExceeded('maxDirectoryBytes', limits.maxDirectoryBytes, 'directory of a ZIP archive');
  }
  if (offset + sizeBytes > source.sizeBytes) throw damaged('ZIP archive is cut short');
  return source.read(offset, sizeBytes);
}

async function findDirectory(source: ByteSource): Promise<DirectoryPlace> {
  const tailOffset = Math.max(0, source.sizeBytes - END_BYTES - MAX_COMMENT_BYTES - END64_LOCATOR_BYTES);
  const tail = await source.read(tailOffset, source.sizeBytes - tailOffset);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    if (at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const locator = at - END64_LOCATOR_BYTES;
    if (locator >= 0 && tail.readUInt32LE(locator) === END64_LOCATOR_SIGNATURE) {
      return readEnd64(source, Number(tail.readBigUInt64LE(locator + 8)));
    }
    return {
      count: tail.readUInt16LE(at + 10),
      sizeBytes: tail.readUInt32LE(at + 12),
      offset: tail.readUInt32LE(at + 16),
    };
  }
  throw damaged('no ZIP archive, or cut short: it has no end of its directory');
}

async function readEnd64(source: ByteSource, offset: number): Promise<DirectoryPlace> {
  const end = await source.read(offset, 56);
  if (end.length < 56 || end.readUInt32LE(0) !== END64_SIGNATURE)
    throw damaged('ZIP64 archive without end of its directory');
  return {
    count: Number(end.readBigUInt64LE(32)),
    sizeBytes: Number(end.readBigUInt64LE(40)),
    offset: Number(end.readBigUInt64LE(48)),
  };
}

function readDirectory(directory: Buffer, { maxEntries }: ZipLimits): CentralEntry[] {
  const entries: CentralEntry[] = [];
  for (let at = 0; at < directory.length; ) {
    if (at + CENTRAL_BYTES > directory.length || directory.readUInt32LE(at) !== CENTRAL_SIGNATURE) {
      throw damaged('broken directory of a ZIP archive');
    }
    const nameBytes = directory.readUInt16LE(at + 28);
    const extraBytes = directory.readUInt16LE(at + 30);
    const extraOffset = at + CENTRAL_BYTES + nameBytes;
    const end = extraOffset + extraBytes + directory.readUInt16LE(at + 32);
    if (end > directory.length) throw damaged('broken directory of a ZIP archive');
    entries.push(readEntry(directory, at, directory.subarray(extraOffset, extraOffset + extraBytes)));
    if (entries.length > maxEntries) throw limitExceeded('maxEntries', maxEntries, 'files of a ZIP archive');
    at = end;
  }
  return entries;
}

function readEntry(directory: Buffer, at: number, extra: Buffer): CentralEntry {
  const name = directory.toString('utf8', at + CENTRAL_BYTES, at + CENTRAL_BYTES + directory.readUInt16LE(at + 28));
  const method = directory.readUInt16LE(at + 10);
  const isEncrypted = (directory.readUInt16LE(at + 8) & 1) === 1;
  if (isEncrypted || (method !== STORED && method !== DEFLATED)) {
    throw damaged(`${name} is ${isEncrypted ? 'encrypted' : `compressed by method ${method}`}, which is not read`);
  }
  const wide = readWide(extra);
  const size = (offset: number) => {
    const value = directory.readUInt32LE(at + offset);
    return value === 0xffffffff ? wide() : value;
  };
  // The order of the wide values is fixed: size, compressed size, offset; each only where its narrow field is full.
  const sizeBytes = size(24);
  const compressedBytes = size(20);
  return { name, method, crc: directory.readUInt32LE(at + 16), sizeBytes, compressedBytes, offset: size(42) };
}

/** Gives the 64-bit values of the ZIP64 extra field, one after the other. */
function readWide(extra: Buffer): () => number {
  let values = Buffer.alloc(0);
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 1) values = Buffer.from(extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2)));
  }
  let next = 0;
  return () => {
    if (next + 8 > values.length) throw damaged('ZIP64 sizes are missing');
    next += 8;
    return Number(values.readBigUInt64LE(next - 8));
  };
}

async function compressedBytes(entry: CentralEntry, window: Window): Promise<Buffer> {
  const header = await window.read(entry.offset, LOCAL_BYTES);
  if (header.length < LOCAL_BYTES || header.readUInt32LE(0) !== LOCAL_SIGNATURE)
    throw damaged(`${entry.name} has no header`);
  const start = entry.offset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  const content = await window.read(start, entry.compressedBytes);
  if (content.length < entry.compressedBytes) throw damaged(`${entry.name} is cut short`);
  return content;
}

function decompress({ name, method, crc, sizeBytes }: CentralEntry, content: Buffer): Buffer {
  let bytes: Buffer;
  try {
    // One byte of room: an entry that is larger than it says is then told by its size.
    bytes = method === STORED ? content : inflateRawSync(content, { maxOutputLength: sizeBytes + 1 });
  } catch (cause) {
    throw damaged(`${name} cannot be decompressed`, cause);
  }
  if (bytes.length !== sizeBytes || crc32(bytes) !== crc) throw damaged(`${name} differs from its size or checksum`);
  return bytes;
}

/** Reads ahead: what follows is usually asked for next. */
class Window {
  private readonly source: ByteSource;
  private start = 0;
  private bytes: Buffer = Buffer.alloc(0);

  constructor(source: ByteSource) {
    this.source = source;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < this.start || offset + length > this.start + this.bytes.length) {
      this.start = offset;
      this.bytes = await this.source.read(offset, Math.max(length, WINDOW_BYTES));
    }
    return this.bytes.subarray(offset - this.start, offset - this.start + length);
  }
}
