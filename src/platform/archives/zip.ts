import type { ByteSource } from './byte-source.ts';
import { damaged, limitExceeded } from './limits.ts';
import { type CentralEntry, contentOffset, decompressEntry, readZipDirectory } from './zip-directory.ts';

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

/** Neighbouring files are read together in pieces of this size. */
const WINDOW_BYTES = 1 << 20;

/**
 * The regular files of a ZIP archive in the order in which they lie, so that the archive is read once from front to back.
 * @throws ScannerError `archive.damaged`, also for encrypted files and for methods other than "stored" and "deflate";
 *   `archive.limit-exceeded`.
 */
export async function* zipEntries(source: ByteSource, limits: Partial<ZipLimits> = {}): AsyncGenerator<ZipEntry> {
  const known = { ...DEFAULT_ZIP_LIMITS, ...limits };
  const entries = await readZipDirectory(source, known);
  entries.sort((a, b) => a.offset - b.offset);
  const window = new Window(source);
  let totalBytes = 0;
  for (const entry of entries) {
    totalBytes += entry.sizeBytes;
    if (entry.sizeBytes > known.maxEntryBytes) throw limitExceeded('maxEntryBytes', known.maxEntryBytes, entry.name);
    if (totalBytes > known.maxTotalBytes)
      throw limitExceeded('maxTotalBytes', known.maxTotalBytes, 'files of a ZIP archive');
    const content = await compressedBytes(entry, window);
    yield { name: entry.name, sizeBytes: entry.sizeBytes, bytes: () => decompressEntry(entry, content) };
  }
}

async function compressedBytes(entry: CentralEntry, window: Window): Promise<Buffer> {
  const content = await window.read(await contentOffset(entry, window), entry.compressedBytes);
  if (content.length < entry.compressedBytes) throw damaged(`${entry.name} is cut short`);
  return content;
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
