import { type ByteSource, bufferSource } from './byte-source.ts';
import { damaged, limitExceeded } from './limits.ts';
import {
  type CentralEntry,
  contentOffset,
  decompressEntry,
  readZipDirectory,
  STORED,
  type ZipDirectoryLimits,
} from './zip-directory.ts';

/** A file of a ZIP archive of which only some files are read. */
export interface ZipMember {
  readonly name: string;
  /**
   * Decompresses and compares size and CRC-32.
   * @throws ScannerError `archive.damaged`, `archive.limit-exceeded`.
   */
  bytes(budget: ByteBudget): Promise<Buffer>;
  /** The file to be read at any place. One that is stored is read where it lies: it takes no memory, and its checksum is not looked at. */
  source(budget: ByteBudget): Promise<ByteSource>;
}

/** What may be read, over all archives that share it: an archive in an archive may be the same bytes many times over. */
export interface ByteBudget {
  /** Of one file that is held in memory. */
  readonly maxMemberBytes: number;
  readonly maxTotalBytes: number;
  /** How much of that was read. */
  readBytes: number;
}

/**
 * The files of a ZIP archive that are wanted by their name, in the order of its directory. Nothing but the directory is read until a
 * file is asked for.
 * @throws ScannerError `archive.damaged`, `archive.limit-exceeded`.
 */
export async function zipMembers(
  source: ByteSource,
  limits: ZipDirectoryLimits,
  wants: (name: string) => boolean,
): Promise<readonly ZipMember[]> {
  const entries = await readZipDirectory(source, limits, wants);
  return entries.map((entry) => ({
    name: entry.name,
    bytes: (budget) => readMember(entry, source, budget),
    source: (budget) => sourceOf(entry, source, budget),
  }));
}

async function readMember(entry: CentralEntry, source: ByteSource, budget: ByteBudget): Promise<Buffer> {
  const { name, sizeBytes, compressedBytes } = entry;
  const { maxMemberBytes } = budget;
  // Decompression is held to the stated size.
  if (Math.max(sizeBytes, compressedBytes) > maxMemberBytes)
    throw limitExceeded('maxMemberBytes', maxMemberBytes, name);
  spend(budget, entry);
  const content = await source.read(await contentOffset(entry, source), compressedBytes);
  if (content.length < compressedBytes) throw damaged(`${name} is cut short`);
  return decompressEntry(entry, content);
}

async function sourceOf(entry: CentralEntry, source: ByteSource, budget: ByteBudget): Promise<ByteSource> {
  if (entry.method !== STORED) return bufferSource(await readMember(entry, source, budget));
  spend(budget, entry);
  return rangeOf(source, await contentOffset(entry, source), entry);
}

function spend(budget: ByteBudget, { name, sizeBytes }: CentralEntry): void {
  budget.readBytes += sizeBytes;
  if (budget.readBytes > budget.maxTotalBytes) throw limitExceeded('maxTotalBytes', budget.maxTotalBytes, name);
}

function rangeOf(source: ByteSource, start: number, { name, sizeBytes }: CentralEntry): ByteSource {
  if (start + sizeBytes > source.sizeBytes) throw damaged(`${name} is cut short`);
  return {
    sizeBytes,
    read: (offset, length) => source.read(start + offset, Math.max(0, Math.min(length, sizeBytes - offset))),
  };
}
