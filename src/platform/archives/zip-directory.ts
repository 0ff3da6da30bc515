import { crc32, inflateRawSync } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';
import { damaged, limitExceeded } from './limits.ts';

/** What reading an archive's directory may cost. */
export interface ZipDirectoryLimits {
  readonly maxEntries: number;
  /** Of the central directory. */
  readonly maxDirectoryBytes: number;
}

/** A file as the central directory states it. Nothing of it is compared yet. */
export interface CentralEntry {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** Of the local header. */
  readonly offset: number;
}

/** The compression method of files that are kept as they are. */
export const STORED = 0;
const DEFLATED = 8;

const END_SIGNATURE = 0x06054b50;
const END64_SIGNATURE = 0x06064b50;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;

const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const END64_BYTES = 56;
const END64_LOCATOR_BYTES = 20;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;

/**
 * The regular files of a ZIP archive that are wanted by their name, by its central directory. ZIP64 is read; so are archives with
 * something before them (a shell script that starts them), whose offsets may or may not count it.
 * Source: APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
 * @throws ScannerError `archive.damaged`, `archive.limit-exceeded`.
 */
export async function readZipDirectory(
  source: ByteSource,
  limits: ZipDirectoryLimits,
  wants: (name: string) => boolean = () => true,
): Promise<CentralEntry[]> {
  const { bytes, prefixBytes } = await directoryBytes(source, limits);
  const entries: CentralEntry[] = [];
  let count = 0;
  for (let at = 0; at < bytes.length; ) {
    if (at + CENTRAL_BYTES > bytes.length || bytes.readUInt32LE(at) !== CENTRAL_SIGNATURE) throw brokenDirectory();
    const nameEnd = at + CENTRAL_BYTES + bytes.readUInt16LE(at + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    const end = extraEnd + bytes.readUInt16LE(at + 32);
    if (end > bytes.length) throw brokenDirectory();
    if (++count > limits.maxEntries) throw limitExceeded('maxEntries', limits.maxEntries, 'files of a ZIP archive');
    const name = bytes.toString('utf8', at + CENTRAL_BYTES, nameEnd);
    if (!name.endsWith('/') && wants(name))
      entries.push(readEntry(name, bytes.subarray(at, nameEnd), bytes.subarray(nameEnd, extraEnd), prefixBytes));
    at = end;
  }
  return entries;
}

interface DirectoryPlace {
  readonly count: number;
  readonly sizeBytes: number;
  /** As written. */
  readonly offset: number;
  /** Where what follows the directory lies. */
  readonly end: number;
}

async function directoryBytes(source: ByteSource, limits: ZipDirectoryLimits) {
  const { count, sizeBytes, offset, end } = await findDirectory(source);
  if (count > limits.maxEntries) throw limitExceeded('maxEntries', limits.maxEntries, 'files of a ZIP archive');
  if (sizeBytes > limits.maxDirectoryBytes) {
    throw limitExceeded('maxDirectoryBytes', limits.maxDirectoryBytes, 'directory of a ZIP archive');
  }
  const prefixBytes = end - sizeBytes - offset;
  if (prefixBytes < 0) throw damaged('ZIP archive is cut short');
  const bytes = await source.read(end - sizeBytes, sizeBytes);
  if (bytes.length < sizeBytes) throw damaged('ZIP archive is cut short');
  return { bytes, prefixBytes };
}

async function findDirectory(source: ByteSource): Promise<DirectoryPlace> {
  const tailOffset = Math.max(0, source.sizeBytes - END_BYTES - MAX_COMMENT_BYTES - END64_LOCATOR_BYTES);
  const tail = await source.read(tailOffset, source.sizeBytes - tailOffset);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    if (at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const locator = at - END64_LOCATOR_BYTES;
    if (locator >= 0 && tail.readUInt32LE(locator) === END64_LOCATOR_SIGNATURE) {
      return readEnd64(source, [Number(tail.readBigUInt64LE(locator + 8)), tailOffset + locator - END64_BYTES]);
    }
    return {
      count: tail.readUInt16LE(at + 10),
      sizeBytes: tail.readUInt32LE(at + 12),
      offset: tail.readUInt32LE(at + 16),
      end: tailOffset + at,
    };
  }
  throw damaged('no ZIP archive, or cut short: it has no end of its directory');
}

/** @param places where it may lie: as its locator says, or directly before that (where something stands before the archive). */
async function readEnd64(source: ByteSource, places: readonly number[]): Promise<DirectoryPlace> {
  for (const place of places) {
    if (place < 0) continue;
    const end = await source.read(place, END64_BYTES);
    if (end.length < END64_BYTES || end.readUInt32LE(0) !== END64_SIGNATURE) continue;
    return {
      count: Number(end.readBigUInt64LE(32)),
      sizeBytes: Number(end.readBigUInt64LE(40)),
      offset: Number(end.readBigUInt64LE(48)),
      end: place,
    };
  }
  throw damaged('ZIP64 archive without end of its directory');
}

function readEntry(name: string, central: Buffer, extra: Buffer, prefixBytes: number): CentralEntry {
  const wide = readWide(extra);
  const size = (offset: number) => {
    const value = central.readUInt32LE(offset);
    return value === 0xffffffff ? wide() : value;
  };
  // The order of the wide values is fixed: size, compressed size, offset; each only where its narrow field is full.
  const sizeBytes = size(24);
  const compressedBytes = size(20);
  return {
    name,
    isEncrypted: (central.readUInt16LE(8) & 1) === 1,
    method: central.readUInt16LE(10),
    crc: central.readUInt32LE(16),
    sizeBytes,
    compressedBytes,
    offset: prefixBytes + size(42),
  };
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

/**
 * Where a file's bytes begin: behind its local header.
 * @throws ScannerError `archive.damaged`, also for encrypted files and for methods other than "stored" and "deflate".
 */
export async function contentOffset(
  { name, isEncrypted, method, offset }: CentralEntry,
  source: Pick<ByteSource, 'read'>,
): Promise<number> {
  if (isEncrypted || (method !== STORED && method !== DEFLATED)) {
    throw damaged(`${name} is ${isEncrypted ? 'encrypted' : `compressed by method ${method}`}, which is not read`);
  }
  const header = await source.read(offset, LOCAL_BYTES);
  if (header.length < LOCAL_BYTES || header.readUInt32LE(0) !== LOCAL_SIGNATURE) throw damaged(`${name} has no header`);
  return offset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
}

/** Decompresses, and compares size and CRC-32. @throws ScannerError `archive.damaged`. */
export function decompressEntry({ name, method, crc, sizeBytes }: CentralEntry, content: Buffer): Buffer {
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

function brokenDirectory() {
  return damaged('broken directory of a ZIP archive');
}
