import {
  type DatabaseFile,
  damage,
  type HeaderReader,
  PageVisits,
  type ReportDamage,
  type RpmLimits,
  sentenceOf,
} from './database-file.ts';

/**
 * Reads `rpmdb.sqlite`: the blobs of `CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)`.
 *
 * Only what that takes is here: table b-trees, records, overflow pages; no index, no SQL. What a write-ahead log beside the
 * file holds is not seen.
 * Source: https://www.sqlite.org/fileformat2.html
 */
export const readSqlite: HeaderReader = async function* (file, limits, damaged) {
  const database = await openDatabase(file);
  const root = await findTable(database, 'Packages', limits, damaged);
  database.visits.enter(root);
  for await (const record of rows(database, root, limits, damaged)) {
    try {
      const column = readColumns(record, 2)[1];
      // Serial types from 12 on are blobs when even, text when odd.
      if (column === undefined || column.type < 12 || column.type % 2 === 1)
        throw damage('a row of Packages has no blob');
      yield record.subarray(column.start, column.end);
    } catch (error) {
      damaged(sentenceOf(error));
    }
  }
};

const HEADER_BYTES = 100;
const LEAF = 0x0d;
const INTERIOR = 0x05;

interface Database {
  readonly file: DatabaseFile;
  readonly pageBytes: number;
  /** Bytes of a page without those reserved for extensions at its end. */
  readonly usableBytes: number;
  /** Pages are numbered from 1; 0 means "none" and is never entered. */
  readonly visits: PageVisits;
}

async function openDatabase(file: DatabaseFile): Promise<Database> {
  const header = await file.read(0, HEADER_BYTES);
  const stated = header.readUInt16BE(16);
  const pageBytes = stated === 1 ? 65536 : stated;
  if (pageBytes < 512 || (pageBytes & (pageBytes - 1)) !== 0) throw damage(`${stated} is no page size of SQLite`);
  const usableBytes = pageBytes - header.readUInt8(20);
  if (usableBytes < 480) throw damage(`pages of ${pageBytes} bytes cannot reserve ${pageBytes - usableBytes}`);
  const visits = new PageVisits(Math.floor(file.sizeBytes / pageBytes) + 1);
  visits.enter(0);
  return { file, pageBytes, usableBytes, visits };
}

/** Root page of a table, by the schema table on page 1. Columns: type, name, tbl_name, rootpage, sql. */
async function findTable(database: Database, name: string, limits: RpmLimits, damaged: ReportDamage): Promise<number> {
  database.visits.enter(1);
  for await (const record of rows(database, 1, limits, damaged)) {
    const [type, own, , root] = readColumns(record, 4);
    if (type === undefined || own === undefined || root === undefined) throw damage('a row of the schema is too short');
    if (record.toString('latin1', type.start, type.end) !== 'table') continue;
    if (record.toString('latin1', own.start, own.end) !== name) continue;
    // Serial types 1 to 6 are integers of 1, 2, 3, 4, 6 and 8 bytes; page numbers have at most 4.
    if (root.type < 1 || root.type > 4) throw damage(`table ${name} has no root page`);
    return record.readUIntBE(root.start, root.end - root.start);
  }
  throw damage(`it has no table ${name}`);
}

/** Records of a table in the order of its keys. A page or record that cannot be read is told, and the next one is tried. */
async function* rows(
  database: Database,
  root: number,
  limits: RpmLimits,
  damaged: ReportDamage,
): AsyncGenerator<Buffer> {
  for await (const page of leafPages(database, root, damaged)) {
    // Cells that share bytes would make a small file yield rows without end.
    let roomBytes = database.usableBytes;
    for (const offset of page.cells) {
      try {
        const cell = openCell(database, page, offset, limits);
        roomBytes -= cell.local;
        if (roomBytes < 0) throw damage(`the cells of page ${page.number} overlap`);
        yield await readPayload(database, page, cell);
      } catch (error) {
        damaged(sentenceOf(error));
      }
    }
  }
}

/** @param root was entered in `visits` before. */
async function* leafPages(database: Database, root: number, damaged: ReportDamage): AsyncGenerator<TreePage> {
  const { file, pageBytes, visits } = database;
  const pending = [root];
  for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
    try {
      const page = openTreePage(await file.read((number - 1) * pageBytes, pageBytes), number);
      if (page.isLeaf) {
        yield page;
        continue;
      }
      const children = childrenOf(page);
      const sound = children.filter((child) => visits.tryEnter(child));
      if (sound.length < children.length)
        damaged(`page ${number} refers to pages that do not exist or are used already`);
      for (const child of sound.reverse()) pending.push(child);
    } catch (error) {
      damaged(sentenceOf(error));
    }
  }
}

interface TreePage {
  readonly number: number;
  readonly bytes: Buffer;
  readonly isLeaf: boolean;
  /** Where the header of the page lies: behind that of the file on page 1. */
  readonly start: number;
  /** Offsets of the cells. */
  readonly cells: readonly number[];
}

function openTreePage(bytes: Buffer, number: number): TreePage {
  const start = number === 1 ? HEADER_BYTES : 0;
  const type = bytes.readUInt8(start);
  if (type !== LEAF && type !== INTERIOR) throw damage(`page ${number} is of type ${type}, not part of a table`);
  const isLeaf = type === LEAF;
  const pointers = start + (isLeaf ? 8 : 12);
  const count = bytes.readUInt16BE(start + 3);
  if (pointers + 2 * count > bytes.length) throw damage(`page ${number} states ${count} cells, more than it can hold`);
  const cells = Array.from({ length: count }, (_, index) => bytes.readUInt16BE(pointers + 2 * index));
  return { number, bytes, isLeaf, start, cells };
}

/** Page numbers below an interior page, from left to right. */
function childrenOf({ number, bytes, start, cells }: TreePage): number[] {
  const children = cells.map((cell) => {
    if (cell + 4 > bytes.length) throw damage(`page ${number} has a cell behind its end`);
    return bytes.readUInt32BE(cell);
  });
  return [...children, bytes.readUInt32BE(start + 8)];
}

/** A record as a leaf page states it. */
interface Cell {
  /** Length of the whole record. */
  readonly length: number;
  readonly start: number;
  /** How much of it lies on the page itself. */
  readonly local: number;
}

/** A leaf cell: length of the record, row id, record. */
function openCell({ file, usableBytes }: Database, page: TreePage, offset: number, limits: RpmLimits): Cell {
  const [length, afterLength] = readVarint(page.bytes, offset);
  const [, start] = readVarint(page.bytes, afterLength);
  if (length > limits.maxHeaderBytes) throw damage(`a record of ${length} bytes exceeds maxHeaderBytes`);
  if (length > file.sizeBytes) throw damage(`a record of ${length} bytes is longer than the file`);

  // The file format's formula for how much of a record stays on its page.
  const most = usableBytes - 35;
  const least = Math.floor(((usableBytes - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usableBytes - 4));
  const local = length <= most ? length : fitting <= most ? fitting : least;
  if (start + local + (local < length ? 4 : 0) > usableBytes) {
    throw damage(`page ${page.number} has a record behind its end`);
  }
  return { length, start, local };
}

/** What has no room on the record's own page lies in a chain of overflow pages, whose first number stands behind it. */
async function readPayload(database: Database, page: TreePage, { length, start, local }: Cell): Promise<Buffer> {
  const end = start + local;
  if (local === length) return page.bytes.subarray(start, end);
  const payload = Buffer.allocUnsafe(length);
  page.bytes.copy(payload, 0, start, end);
  await readOverflow(database, page.bytes.readUInt32BE(end), payload, local);
  return payload;
}

/** Fills `payload` from offset `filled` on with a chain of pages: number of the next page, then content. */
async function readOverflow(
  { file, pageBytes, usableBytes, visits }: Database,
  first: number,
  payload: Buffer,
  filled: number,
) {
  let next = first;
  for (let at = filled; at < payload.length; ) {
    if (next === 0) throw damage(`a record ends ${payload.length - at} bytes early`);
    visits.enter(next);
    const bytes = await file.read((next - 1) * pageBytes, pageBytes);
    at += bytes.copy(payload, at, 4, usableBytes);
    next = bytes.readUInt32BE(0);
  }
}

interface Column {
  /** Serial type of the record format. */
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

const FIXED_TYPE_BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

/** The first columns of a record: a header of serial types, then the values in that order. */
function readColumns(record: Buffer, count: number): Column[] {
  const [headerBytes, afterSize] = readVarint(record, 0);
  const columns: Column[] = [];
  let start = headerBytes;
  for (let at = afterSize; columns.length < count && at < headerBytes; ) {
    const [type, next] = readVarint(record, at);
    const end = start + (type >= 12 ? Math.floor((type - 12) / 2) : (FIXED_TYPE_BYTES[type] ?? 0));
    if (end > record.length) throw damage('a record is shorter than its columns');
    columns.push({ type, start, end });
    start = end;
    at = next;
  }
  return columns;
}

/** A big-endian integer of one to nine bytes, seven bits each (the ninth has eight), and the offset behind it. */
function readVarint(bytes: Buffer, start: number): [value: number, end: number] {
  let value = 0;
  for (let index = 0; index < 9; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) throw damage('a number runs over the end of its page');
    value = index === 8 ? value * 256 + byte : value * 128 + (byte & 0x7f);
    if (byte < 0x80 || index === 8) return [value, start + index + 1];
  }
  throw damage('a number has no end');
}
