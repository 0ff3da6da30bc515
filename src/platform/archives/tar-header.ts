import { damaged } from './limits.ts';

/** Tar's unit: headers and bodies begin at multiples of it. */
export const BLOCK_BYTES = 512;

/** What a header block says, before extensions. */
export interface TarHeader {
  /** One character; see `tar-reader.ts`. */
  readonly type: string;
  readonly path: string;
  readonly linkPath: string;
  readonly mode: number;
  readonly sizeBytes: number;
  /** GNU's old sparse format: more header blocks follow when the byte says so. */
  readonly hasSparseBlocks: boolean;
}

/** Offsets and lengths of the fields that we read. Sources: POSIX.1 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format". */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  size: [124, 12],
  checksum: [148, 8],
  linkName: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
  starPrefix: [345, 131],
  starTrailer: [508, 4],
} as const;

const TYPE_OFFSET = 156;
const GNU_SPARSE_EXTENDED_OFFSET = 482;
const SPACE = 0x20;
const DIGIT_0 = 0x30;
const DIGIT_7 = 0x37;

/** A block of zeros: two of them end an archive. */
export function isZeroBlock(block: Buffer): boolean {
  if (block[0] !== 0) return false;
  for (let i = 1; i < block.length; i++) if (block[i] !== 0) return false;
  return true;
}

/**
 * Reads one header block of 512 bytes: V7, ustar, star or GNU.
 * @param position where it stands, for the error.
 * @throws ScannerError `archive.damaged`.
 */
export function parseTarHeader(block: Buffer, position: number): TarHeader {
  if (!hasValidChecksum(block)) throw damaged(`no tar header at byte ${position}: its checksum is wrong`);
  return {
    type: String.fromCharCode(block[TYPE_OFFSET] ?? 0),
    path: readPath(block),
    linkPath: readText(block, FIELD.linkName),
    mode: readNumber(block, FIELD.mode, position) & 0o7777,
    sizeBytes: readNumber(block, FIELD.size, position),
    hasSparseBlocks: block[GNU_SPARSE_EXTENDED_OFFSET] === 1,
  };
}

/** The field is summed up as spaces. Some old programs sum signed bytes, so both sums count. */
function hasValidChecksum(block: Buffer): boolean {
  const [start, length] = FIELD.checksum;
  const stated = readOctal(block, FIELD.checksum);
  let sum = sumOfBytes(block) + SPACE * length;
  for (let i = start; i < start + length; i++) sum -= block[i] as number;
  return stated === sum || stated === sum - 256 * block.reduce((count, byte) => count + (byte >> 7), 0);
}

/** Four bytes at a time, in two pairs of 16-bit sums: this is the hottest loop of walking an archive. */
function sumOfBytes(block: Buffer): number {
  const view = new DataView(block.buffer, block.byteOffset, BLOCK_BYTES);
  let [even, odd] = [0, 0];
  for (let i = 0; i < BLOCK_BYTES; i += 4) {
    const word = view.getUint32(i, true);
    even += word & 0x00ff00ff;
    odd += (word >>> 8) & 0x00ff00ff;
  }
  return (even & 0xffff) + (even >>> 16) + (odd & 0xffff) + (odd >>> 16);
}

/** ustar has 155 bytes for leading directories; star 131, and its own mark at the end; GNU keeps other things there. */
function readPath(block: Buffer): string {
  const name = readText(block, FIELD.name);
  if (block.toString('latin1', FIELD.magic[0], FIELD.magic[0] + 6) !== 'ustar\0') return name;
  const isStar = block.toString('latin1', FIELD.starTrailer[0], BLOCK_BYTES) === 'tar\0';
  const prefix = readText(block, isStar ? FIELD.starPrefix : FIELD.prefix);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Up to the first NUL, or the whole field. */
function readText(block: Buffer, [start, length]: readonly [number, number]): string {
  let end = start;
  while (end < start + length && block[end] !== 0) end++;
  return block.toString('utf8', start, end);
}

/** Octal digits, or big-endian base 256 where the first bit is set (star, GNU). */
function readNumber(block: Buffer, field: readonly [number, number], position: number): number {
  const value = ((block[field[0]] as number) & 0x80) === 0 ? readOctal(block, field) : readBase256(block, field);
  if (value === undefined) throw damaged(`tar header at byte ${position}: a number cannot be read`);
  return value;
}

/** Digits between spaces or NULs; an empty field is 0, as archivers write it where a number has no meaning. */
function readOctal(block: Buffer, [start, length]: readonly [number, number]): number | undefined {
  let value = 0;
  let hasDigits = false;
  for (let i = start; i < start + length; i++) {
    const byte = block[i] as number;
    if (byte >= DIGIT_0 && byte <= DIGIT_7) {
      value = value * 8 + (byte - DIGIT_0);
      hasDigits = true;
    } else if (byte !== SPACE && byte !== 0) return undefined;
    else if (hasDigits) break;
  }
  return value;
}

/** Negative numbers and those that a double does not hold are no sizes. */
function readBase256(block: Buffer, [start, length]: readonly [number, number]): number | undefined {
  let value = (block[start] as number) & 0x7f;
  if (value >= 0x40) return undefined;
  for (let i = start + 1; i < start + length; i++) {
    value = value * 256 + (block[i] as number);
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return value;
}
