import {
  countPages,
  type DatabaseFile,
  damage,
  type HeaderReader,
  PageVisits,
  type ReportDamage,
  type RpmLimits,
  sentenceOf,
} from './database-file.ts';

/**
 * Reads `Packages`, a Berkeley DB hash of package number -> header, in the byte order of the machine that wrote it.
 *
 * Every hash page is visited in the order of the file rather than by bucket: nothing is looked up, and a damaged bucket
 * list hides nothing. Pages that were freed keep old bytes but have type 0.
 * Source: db_page.h of Berkeley DB 3.3 to 5.3 (hash versions 8 to 10).
 */
export const readBerkeleyDb: HeaderReader = async function* (file, limits, damaged) {
  const database = await openDatabase(file, damaged);
  let pairCount = 0;
  for (let number = 1; number < database.pageCount; number++) {
    let items: readonly Item[];
    try {
      items = await readHashPage(database, number);
    } catch (error) {
      damaged(sentenceOf(error));
      continue;
    }
    // Items come in pairs of key and value.
    for (let index = 0; index + 1 < items.length; index += 2) {
      pairCount++;
      try {
        if (isCounter(items[index]!)) continue;
        yield await readValue(database, items[index + 1]!, limits);
      } catch (error) {
        damaged(sentenceOf(error));
      }
    }
  }
  // A page whose type was overwritten looks like a free one: only the count shows what is missing.
  if (pairCount < database.statedPairCount) {
    damaged(`of ${database.statedPairCount} entries ${pairCount} are there`);
  }
};

const META_BYTES = 512;
const PAGE_HEADER_BYTES = 26;
const HASH_MAGIC = 0x061561;
const BTREE_MAGIC = 0x053162;
/** Page types. Unsorted hash pages were written before Berkeley DB 4.6. */
const HASH_UNSORTED = 2;
const OVERFLOW = 7;
const HASH = 13;
/** Item types. */
const INLINE = 1;
const OFF_PAGE = 3;

interface Database {
  readonly file: DatabaseFile;
  readonly u16: (bytes: Buffer, offset: number) => number;
  readonly u32: (bytes: Buffer, offset: number) => number;
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly visits: PageVisits;
  readonly statedPairCount: number;
}

async function openDatabase(file: DatabaseFile, damaged: ReportDamage): Promise<Database> {
  const meta = await file.read(0, META_BYTES);
  const isBigEndian = [HASH_MAGIC, BTREE_MAGIC].includes(meta.readUInt32BE(12));
  const u16 = (bytes: Buffer, at: number) => (isBigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  const u32 = (bytes: Buffer, at: number) => (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  if (u32(meta, 12) === BTREE_MAGIC) {
    throw damage(
      'it is a Berkeley DB of kind btree, as rpm 5 wrote it (Yocto until 2.2), not a hash; it cannot be read',
    );
  }
  const version = u32(meta, 16);
  if (version < 8 || version > 10) throw damage(`version ${version} of a Berkeley DB hash is not one of 8, 9, 10`);
  const pageBytes = u32(meta, 20);
  if (pageBytes < 512 || pageBytes > 65536 || (pageBytes & (pageBytes - 1)) !== 0) {
    throw damage(`${pageBytes} is no page size of Berkeley DB`);
  }
  if (meta.readUInt8(24) !== 0) throw damage('it is encrypted');
  if ((meta.readUInt8(26) & 1) !== 0) throw damage('its pages have checksums, which rpm never asks for');

  const pageCount = countPages(file, { pageBytes, statedCount: u32(meta, 32) + 1 }, damaged);
  const visits = new PageVisits(pageCount);
  return { file, u16, u32, pageBytes, pageCount, visits, statedPairCount: u32(meta, 88) };
}

/** An item's own bytes: type, then content. */
type Item = Buffer;

/** Items of a page in their order; none for a page that is not of the hash. They are written from the end of the page on. */
async function readHashPage({ file, u16, u32, pageBytes, visits }: Database, number: number): Promise<readonly Item[]> {
  const page = await file.read(number * pageBytes, pageBytes);
  const type = page.readUInt8(25);
  if (type !== HASH && type !== HASH_UNSORTED) return [];
  if (u32(page, 8) !== number) throw damage(`page ${number} says that it is page ${u32(page, 8)}`);
  visits.enter(number);
  const count = u16(page, 20);
  const firstFree = PAGE_HEADER_BYTES + 2 * count;
  if (firstFree > pageBytes) throw damage(`page ${number} states ${count} items, more than it can hold`);
  const items: Item[] = [];
  for (let index = 0, end = pageBytes; index < count; index++) {
    const start = u16(page, PAGE_HEADER_BYTES + 2 * index);
    if (start < firstFree || start >= end) throw damage(`item ${index} of page ${number} lies outside its place`);
    items.push(page.subarray(start, end));
    end = start;
  }
  return items;
}

/** Key 0 holds the number that the next package gets. */
function isCounter(key: Item): boolean {
  if (key[0] !== INLINE || key.length !== 5) throw damage('a key is not a package number');
  return key.readUInt32LE(1) === 0;
}

/** A value lies beside its key when it is small, else in a chain of overflow pages. */
async function readValue(database: Database, item: Item, limits: RpmLimits): Promise<Buffer> {
  if (item[0] === INLINE) return item.subarray(1);
  if (item[0] !== OFF_PAGE) throw damage(`an item is of type ${item[0]}`);
  if (item.length < 12) throw damage('an item is too short to name its overflow page');
  const { file, u16, u32, pageBytes, visits } = database;
  const length = u32(item, 8);
  if (length > limits.maxHeaderBytes) throw damage(`a value of ${length} bytes exceeds maxHeaderBytes`);
  if (length > file.sizeBytes) throw damage(`a value of ${length} bytes is longer than the file`);

  const value = Buffer.allocUnsafe(length);
  let next = u32(item, 4);
  for (let filled = 0; filled < length; ) {
    if (next === 0) throw damage(`a value ends ${length - filled} bytes early`);
    visits.enter(next);
    const page = await file.read(next * pageBytes, pageBytes);
    if (page.readUInt8(25) !== OVERFLOW) throw damage(`page ${next} is not an overflow page`);
    const end = PAGE_HEADER_BYTES + u16(page, 22);
    if (end > pageBytes) throw damage(`page ${next} states more bytes than it can hold`);
    filled += page.copy(value, filled, PAGE_HEADER_BYTES, end);
    next = u32(page, 16);
  }
  return value;
}
