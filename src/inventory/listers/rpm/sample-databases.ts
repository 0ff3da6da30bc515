/** Writes small rpm databases, so that tests build each kind, sound or hostile, in code. Only tests import this file. */

/** One index entry of a header. */
export interface SampleTag {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly value: Buffer;
}

/** A tag of one text. */
export const text = (tag: number, value: string): SampleTag => ({
  tag,
  type: 6,
  count: 1,
  value: Buffer.from(`${value}\0`),
});

/** A tag of many texts. */
export const texts = (tag: number, values: readonly string[]): SampleTag => ({
  tag,
  type: 8,
  count: values.length,
  value: Buffer.from(values.map((value) => `${value}\0`).join('')),
});

/** A tag of 32-bit numbers. */
export const numbers = (tag: number, values: readonly number[]): SampleTag => {
  const value = Buffer.alloc(4 * values.length);
  values.forEach((number, index) => {
    value.writeUInt32BE(number, 4 * index);
  });
  return { tag, type: 4, count: values.length, value };
};

/** A header with these tags in this order. */
export function writeHeader(tags: readonly SampleTag[]): Buffer {
  const index = Buffer.alloc(8 + 16 * tags.length);
  const store: Buffer[] = [];
  let offset = 0;
  tags.forEach(({ tag, type, count, value }, position) => {
    const padding = type === 4 ? (4 - (offset % 4)) % 4 : 0;
    store.push(Buffer.alloc(padding), value);
    offset += padding;
    [tag, type, offset, count].forEach((word, field) => {
      index.writeUInt32BE(word, 8 + 16 * position + 4 * field);
    });
    offset += value.length;
  });
  index.writeUInt32BE(tags.length, 0);
  index.writeUInt32BE(offset, 4);
  return Buffer.concat([index, ...store]);
}

/** A header of a package as rpm writes them, with what a test wants to vary. */
export function sampleHeader(name: string, more: readonly SampleTag[] = []): Buffer {
  return writeHeader([
    text(1000, name),
    text(1001, '3.0.7'),
    text(1002, '27.el9'),
    text(1022, 'x86_64'),
    text(1044, `${name}-3.0.7-27.el9.src.rpm`),
    ...more,
  ]);
}

/** An ndb database: one page of slots, then the blobs. */
export function writeNdb(headers: readonly Buffer[]): Buffer {
  const slots = Buffer.alloc(4096);
  for (let at = 32; at < slots.length; at += 16) slots.write('Slot', at, 'latin1');
  slots.write('RpmP', 0, 'latin1');
  slots.writeUInt32LE(1, 12);
  slots.writeUInt32LE(headers.length + 1, 16);
  const blobs: Buffer[] = [];
  let block = slots.length / 16;
  headers.forEach((header, index) => {
    const blob = Buffer.alloc(Math.ceil((16 + header.length + 12) / 16) * 16);
    blob.write('BlbS', 0, 'latin1');
    blob.writeUInt32LE(index + 1, 4);
    blob.writeUInt32LE(header.length, 12);
    header.copy(blob, 16);
    blob.writeUInt32LE(header.length, blob.length - 8);
    blob.write('BlbE', blob.length - 4, 'latin1');
    blobs.push(blob);
    [index + 1, block, blob.length / 16].forEach((word, field) => {
      slots.writeUInt32LE(word, 32 + 16 * index + 4 + 4 * field);
    });
    block += blob.length / 16;
  });
  return Buffer.concat([slots, ...blobs]);
}

/** How a Berkeley DB is written. */
export interface BerkeleyDbOptions {
  readonly version?: number;
  readonly pageBytes?: number;
  readonly isBigEndian?: boolean;
}

/** A Berkeley DB hash with one hash page, inline values where they fit, overflow chains where they do not. */
export function writeBerkeleyDb(headers: readonly Buffer[], options: BerkeleyDbOptions = {}): Buffer {
  const { version = 9, pageBytes = 512, isBigEndian = false } = options;
  const u16 = (page: Buffer, value: number, at: number) =>
    isBigEndian ? page.writeUInt16BE(value, at) : page.writeUInt16LE(value, at);
  const u32 = (page: Buffer, value: number, at: number) =>
    isBigEndian ? page.writeUInt32BE(value, at) : page.writeUInt32LE(value, at);
  const meta = Buffer.alloc(pageBytes);
  const hash = Buffer.alloc(pageBytes);
  const pages = [meta, hash];
  const newPage = (type: number) => {
    const page = Buffer.alloc(pageBytes);
    u32(page, pages.length, 8);
    page.writeUInt8(type, 25);
    pages.push(page);
    return page;
  };
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    u32(bytes, value, 0);
    return bytes;
  };

  let end = pageBytes;
  let count = 0;
  const addItem = (type: number, content: Buffer) => {
    end -= 1 + content.length;
    hash.writeUInt8(type, end);
    content.copy(hash, end + 1);
    u16(hash, end, 26 + 2 * count++);
  };
  const addOffPage = (content: Buffer) => {
    addItem(3, Buffer.concat([Buffer.alloc(3), number(pages.length), number(content.length)]));
    for (let at = 0; at < content.length; ) {
      const page = newPage(7);
      const copied = content.copy(page, 26, at);
      at += copied;
      u16(page, copied, 22);
      if (at < content.length) u32(page, pages.length, 16);
    }
  };
  addItem(1, number(0));
  addItem(1, number(headers.length + 1));
  headers.forEach((header, index) => {
    addItem(1, number(index + 1));
    if (header.length < pageBytes / 8) addItem(1, header);
    else addOffPage(header);
  });

  u32(hash, 1, 8);
  u16(hash, count, 20);
  hash.writeUInt8(version < 9 ? 2 : 13, 25);
  u32(meta, 0x061561, 12);
  u32(meta, version, 16);
  u32(meta, pageBytes, 20);
  meta.writeUInt8(8, 25);
  u32(meta, pages.length - 1, 32);
  u32(meta, count / 2, 88);
  return Buffer.concat(pages);
}

/** A SQLite database of pages whose last bytes are reserved, as only extensions make them: one package, its blob in a chain. */
export function writeReservedSqlite(header: Buffer, reservedBytes: number): Buffer {
  const pageBytes = 1024;
  const usable = pageBytes - reservedBytes;
  const pages = [Buffer.alloc(pageBytes), Buffer.alloc(pageBytes)] as const;
  const overflow: Buffer[] = [];
  pages[0].write('SQLite format 3\0', 'latin1');
  pages[0].writeUInt16BE(pageBytes, 16);
  pages[0].writeUInt8(reservedBytes, 20);

  const addCell = (page: Buffer, start: number, cell: Buffer) => {
    const at = usable - cell.length;
    cell.copy(page, at);
    page.writeUInt8(0x0d, start);
    page.writeUInt16BE(1, start + 3);
    page.writeUInt16BE(at, start + 8);
  };
  const schema = Buffer.concat([
    Buffer.from([5, 23, 29, 29, 1]),
    Buffer.from('tablePackagesPackages'),
    Buffer.from([2]),
  ]);
  addCell(pages[0], 100, Buffer.concat([Buffer.from([schema.length, 1]), schema]));

  const record = Buffer.concat([Buffer.from([5, 0]), varint(12 + 2 * header.length), header]);
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((record.length - least) % (usable - 4));
  const local = fitting <= usable - 35 ? fitting : least;
  const link = Buffer.from([0, 0, 0, 3]);
  addCell(pages[1], 0, Buffer.concat([varint(record.length), Buffer.from([1]), record.subarray(0, local), link]));
  for (let at = local; at < record.length; ) {
    const page = Buffer.alloc(pageBytes);
    at += record.copy(page, 4, at, at + usable - 4);
    overflow.push(page);
    if (at < record.length) page.writeUInt32BE(3 + overflow.length, 0);
  }
  return Buffer.concat([...pages, ...overflow]);
}

/** Three bytes, for values below 2 MiB. */
function varint(value: number): Buffer {
  return Buffer.from([0x80 | (value >> 14), 0x80 | ((value >> 7) & 0x7f), value & 0x7f]);
}
