import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive that a test writes. */
export interface ZipFileSpec {
  readonly name: string;
  readonly content: Buffer;
  /** What the headers say in place of the truth. */
  readonly says?: Partial<{ method: number; sizeBytes: number; crc: number; flags: number; wide: boolean }>;
}

/** Writes an archive, honest or not. */
export function zipOf(files: readonly ZipFileSpec[], comment = ''): Buffer {
  const [locals, centrals]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, content, says = {} } of files) {
    const method = says.method ?? 8;
    const data = method === 0 ? content : deflateRawSync(content);
    const sizeBytes = says.sizeBytes ?? content.length;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const extra = says.wide ? Buffer.alloc(20) : Buffer.alloc(0);
    if (says.wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(16, 2);
      extra.writeBigUInt64LE(BigInt(sizeBytes), 4);
      extra.writeBigUInt64LE(BigInt(data.length), 12);
    }
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(says.flags ?? 0, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(says.crc ?? crc32(content), 16);
    central.writeUInt32LE(says.wide ? 0xffffffff : data.length, 20);
    central.writeUInt32LE(says.wide ? 0xffffffff : sizeBytes, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), data);
    centrals.push(central, Buffer.from(name), extra);
    offset += local.length + name.length + data.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, directory, end, Buffer.from(comment)]);
}
