import {
  countPages,
  type DatabaseFile,
  damage,
  type HeaderReader,
  type ReportDamage,
  type RpmLimits,
  sentenceOf,
} from './database-file.ts';

/**
 * Reads `Packages.db`, the "new database" of rpm (SUSE): a header, pages of slots that say where each package's blob lies,
 * and the blobs, all in blocks of 16 bytes and little-endian.
 * Source: lib/backend/ndb/rpmpkg.c of rpm, which is its only description.
 */
export const readNdb: HeaderReader = async function* (file, limits, damaged) {
  const header = await file.read(0, HEADER_BYTES);
  const version = header.readUInt32LE(4);
  if (version !== 0) throw damage(`version ${version} of ndb is unknown`);
  const pageCount = countPages(file, { pageBytes: PAGE_BYTES, statedCount: header.readUInt32LE(12) }, damaged);
  for (let page = 0; page < pageCount; page++) {
    for (const slot of readSlots(await file.read(page * PAGE_BYTES, PAGE_BYTES), page, damaged)) {
      try {
        yield await readBlob(file, slot, limits);
      } catch (error) {
        damaged(sentenceOf(error));
      }
    }
  }
};

const HEADER_BYTES = 32;
const PAGE_BYTES = 4096;
const SLOT_BYTES = 16;
const BLOCK_BYTES = 16;
const BLOB_HEAD_BYTES = 16;
const BLOB_TAIL_BYTES = 12;

interface Slot {
  /** Number of the package in the database. */
  readonly packageIndex: number;
  readonly blockOffset: number;
  readonly blockCount: number;
}

/** Used slots of a page; the header takes the room of the first two of page 0. A slot without offset is free. */
function* readSlots(bytes: Buffer, page: number, damaged: ReportDamage): Generator<Slot> {
  for (let at = page === 0 ? HEADER_BYTES : 0; at < PAGE_BYTES; at += SLOT_BYTES) {
    if (bytes.toString('latin1', at, at + 4) !== 'Slot') {
      damaged(`there is no slot at byte ${page * PAGE_BYTES + at}`);
      continue;
    }
    const blockOffset = bytes.readUInt32LE(at + 8);
    if (blockOffset === 0) continue;
    yield { packageIndex: bytes.readUInt32LE(at + 4), blockOffset, blockCount: bytes.readUInt32LE(at + 12) };
  }
}

/** A blob: `BlbS`, package index, time, length; content; padding; Adler-32, length, `BlbE`. */
async function readBlob(file: DatabaseFile, slot: Slot, limits: RpmLimits): Promise<Buffer> {
  const { packageIndex, blockOffset, blockCount } = slot;
  const length = blockCount * BLOCK_BYTES;
  if (length > limits.maxHeaderBytes) throw damage(`blob ${packageIndex} of ${length} bytes exceeds maxHeaderBytes`);
  if (length < BLOB_HEAD_BYTES + BLOB_TAIL_BYTES) throw damage(`blob ${packageIndex} has no room for its own frame`);
  const blob = await file.read(blockOffset * BLOCK_BYTES, length);
  const tail = length - BLOB_TAIL_BYTES;
  const contentBytes = blob.readUInt32LE(12);
  const isFramed =
    blob.toString('latin1', 0, 4) === 'BlbS' &&
    blob.readUInt32LE(4) === packageIndex &&
    blob.toString('latin1', tail + 8) === 'BlbE' &&
    blob.readUInt32LE(tail + 4) === contentBytes;
  if (!isFramed) throw damage(`there is no blob ${packageIndex} at byte ${blockOffset * BLOCK_BYTES}`);
  if (BLOB_HEAD_BYTES + contentBytes > tail) throw damage(`blob ${packageIndex} is longer than its slot`);
  return blob.subarray(BLOB_HEAD_BYTES, BLOB_HEAD_BYTES + contentBytes);
}
