import { deflateSync } from 'node:zlib';

/** A section of a program that a test writes. */
export interface SectionSpec {
  readonly name: string;
  readonly content: Uint8Array;
  readonly isWritable?: boolean;
}

/** How a program is written. */
export interface ElfShape {
  readonly bits?: 32 | 64;
  readonly isLittleEndian?: boolean;
  /** ET_EXEC is 2 (default), ET_DYN 3, an object file 1. */
  readonly type?: number;
  /** Without section headers, as strippers of a thorough kind leave it. */
  readonly hasSections?: boolean;
}

/** Addresses in memory begin here; a place in the file has this address more. */
export const BASE_ADDRESS = 0x400000;

/** Writes numbers in either byte order and width. */
class Fields {
  readonly #pieces: Buffer[] = [];
  readonly #isLittleEndian: boolean;
  readonly #wordBytes: 4 | 8;

  constructor({ bits = 64, isLittleEndian = true }: ElfShape) {
    this.#isLittleEndian = isLittleEndian;
    this.#wordBytes = bits === 64 ? 8 : 4;
  }

  number(bytes: 2 | 4 | 8, ...values: readonly number[]): this {
    for (const value of values) {
      const piece = Buffer.alloc(bytes);
      if (bytes === 2) this.#isLittleEndian ? piece.writeUInt16LE(value) : piece.writeUInt16BE(value);
      else if (bytes === 4) this.#isLittleEndian ? piece.writeUInt32LE(value) : piece.writeUInt32BE(value);
      else this.#isLittleEndian ? piece.writeBigUInt64LE(BigInt(value)) : piece.writeBigUInt64BE(BigInt(value));
      this.#pieces.push(piece);
    }
    return this;
  }

  word(...values: readonly number[]): this {
    return this.number(this.#wordBytes, ...values);
  }

  bytes(...pieces: readonly Uint8Array[]): this {
    this.#pieces.push(...pieces.map((piece) => Buffer.from(piece)));
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

/** An ELF program of these sections, each loaded at its place in the file plus `BASE_ADDRESS`. */
export function elf(sections: readonly SectionSpec[], shape: ElfShape = {}): Buffer {
  const { bits = 64, isLittleEndian = true, type = 2, hasSections = true } = shape;
  const [headerBytes, segmentBytes, sectionBytes] = bits === 64 ? [64, 56, 64] : [52, 32, 40];
  const fields = () => new Fields(shape);
  const names = Buffer.from(['', ...sections.map(({ name }) => name), '.shstrtab', ''].join('\0'), 'latin1');
  const nameOffset = (name: string) => names.indexOf(`\0${name}\0`, 0, 'latin1') + 1;

  let end = align(headerBytes + segmentBytes * sections.length);
  const placed = sections.map((section) => {
    const offset = end;
    end = align(end + section.content.length);
    return { ...section, offset };
  });
  const [namesOffset, tableOffset] = [end, align(end + names.length)];
  const segments = placed.map(({ offset, content, isWritable = false }) => {
    const [flags, size, place] = [isWritable ? 6 : 4, content.length, BASE_ADDRESS + offset];
    return bits === 64
      ? fields().number(4, 1, flags).word(offset, place, place, size, size, 16).done()
      : fields().number(4, 1).word(offset, place, place, size, size).number(4, flags).word(16).done();
  });
  const sectionOf = (name: string, kind: number, flags: number, offset: number, size: number) =>
    fields()
      .number(4, nameOffset(name), kind)
      .word(flags, BASE_ADDRESS + offset, offset, size)
      .number(4, 0, 0)
      .word(16, 0)
      .done();
  const table = [
    Buffer.alloc(sectionBytes),
    ...placed.map(({ name, content, offset, isWritable }) =>
      sectionOf(name, 1, isWritable ? 3 : 2, offset, content.length),
    ),
    sectionOf('.shstrtab', 3, 0, namesOffset, names.length),
  ];
  const count = hasSections ? table.length : 0;
  const ident = Buffer.from([0x7f, 0x45, 0x4c, 0x46, bits / 32, isLittleEndian ? 1 : 2, 1, ...Array(9).fill(0)]);
  const header = fields()
    .bytes(ident)
    .number(2, type, 62)
    .number(4, 1)
    .word(BASE_ADDRESS, headerBytes, count === 0 ? 0 : tableOffset)
    .number(4, 0)
    .number(2, headerBytes, segmentBytes, segments.length, sectionBytes, count, count === 0 ? 0 : count - 1)
    .done();
  const file = Buffer.alloc(tableOffset);
  Buffer.concat([header, ...segments]).copy(file);
  for (const { offset, content } of placed) file.set(content, offset);
  names.copy(file, namesOffset);
  return hasSections ? Buffer.concat([file, ...table]) : file;
}

/** Where `elf` puts the first section of so many. */
export function firstSectionOffset(sectionCount: number, bits: 32 | 64 = 64): number {
  return align(bits === 64 ? 64 + 56 * sectionCount : 52 + 32 * sectionCount);
}

/** A PE program (Windows, 64 bits) of these sections. */
export function pe(sections: readonly SectionSpec[]): Buffer {
  const dos = Buffer.alloc(64);
  dos.write('MZ');
  dos.writeUInt32LE(64, 60);
  const optionalBytes = 112;
  const headersBytes = align(64 + 24 + optionalBytes + 40 * sections.length);
  const coff = Buffer.alloc(24 + optionalBytes);
  coff.write('PE\0\0', 'latin1');
  coff.writeUInt16LE(sections.length, 6);
  coff.writeUInt16LE(optionalBytes, 20);
  coff.writeUInt16LE(0x20b, 24);
  coff.writeBigUInt64LE(BigInt(BASE_ADDRESS), 48);
  let end = headersBytes;
  const table = sections.map(({ name, content, isWritable }) => {
    const entry = Buffer.alloc(40);
    entry.write(name, 'latin1');
    for (const [offset, value] of [
      [8, content.length],
      [12, end],
      [16, align(content.length)],
      [20, end],
    ] as const)
      entry.writeUInt32LE(value, offset);
    entry.writeUInt32LE(isWritable ? 0xc0000040 : 0x40000040, 36);
    end += align(content.length);
    return entry;
  });
  const head = Buffer.alloc(headersBytes);
  Buffer.concat([dos, coff, ...table]).copy(head);
  return Buffer.concat([
    head,
    ...sections.map(({ content }) => Buffer.concat([content, Buffer.alloc(align(content.length) - content.length)])),
  ]);
}

/** A Mach-O program (macOS, 64 bits) of one segment with these sections. @param isUniversal inside a binary of one architecture. */
export function machO(sections: readonly SectionSpec[], isUniversal = false): Buffer {
  const commandBytes = 72 + 80 * sections.length;
  const header = Buffer.alloc(32 + commandBytes);
  for (const [offset, value] of [
    [0, 0xfeedfacf],
    [12, 2],
    [16, 1],
    [20, commandBytes],
    [32, 0x19],
    [36, commandBytes],
  ] as const)
    header.writeUInt32LE(value, offset);
  let end = align(header.length);
  header.write('__DATA', 40, 'latin1');
  header.writeBigUInt64LE(BigInt(BASE_ADDRESS), 56);
  header.writeUInt32LE(3, 32 + 60);
  header.writeUInt32LE(sections.length, 32 + 64);
  const bodies: Buffer[] = [];
  for (const [index, { name, content }] of sections.entries()) {
    const at = 32 + 72 + 80 * index;
    header.write(name, at, 16, 'latin1');
    header.write('__DATA', at + 16, 'latin1');
    header.writeBigUInt64LE(BigInt(BASE_ADDRESS + end), at + 32);
    header.writeBigUInt64LE(BigInt(content.length), at + 40);
    header.writeUInt32LE(end, at + 48);
    bodies.push(Buffer.concat([content, Buffer.alloc(align(content.length) - content.length)]));
    end += align(content.length);
  }
  header.writeBigUInt64LE(BigInt(end), 64);
  header.writeBigUInt64LE(BigInt(end), 80);
  const program = Buffer.concat([header, Buffer.alloc(align(header.length) - header.length), ...bodies]);
  if (!isUniversal) return program;
  const universal = Buffer.alloc(64);
  for (const [index, value] of [0xcafebabe, 1, 0x0100000c, 0, 64, program.length, 0].entries())
    universal.writeUInt32BE(value, 4 * index);
  return Buffer.concat([universal, program]);
}

const GO_MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
/** By these Go's older tools find the list of modules. */
const GO_MARK = Buffer.alloc(16, 0x30);

/** What the Go linker writes since Go 1.18: the texts themselves. @param modules lines of fields with tabs between. */
export function goBuildInfo(goVersion: string, modules: string): Buffer {
  const header = Buffer.alloc(32);
  GO_MAGIC.copy(header);
  header[14] = 8;
  header[15] = 2;
  const text = modules === '' ? Buffer.alloc(0) : Buffer.concat([GO_MARK, Buffer.from(modules), GO_MARK]);
  return Buffer.concat([header, ...[Buffer.from(goVersion), text].flatMap((bytes) => [varint(bytes.length), bytes])]);
}

/** What it wrote before: pointers to strings. @param address where the section lies in memory. */
export function goBuildInfoOfPointers(
  goVersion: string,
  modules: string,
  { address, bits = 64, isLittleEndian = true }: ElfShape & { readonly address: number },
): Buffer {
  const shape = { bits, isLittleEndian } as const;
  const wordBytes = bits / 8;
  const texts = [Buffer.from(goVersion), Buffer.concat([GO_MARK, Buffer.from(modules), GO_MARK])];
  const headers = address + 32;
  const bodies = headers + 4 * wordBytes;
  return new Fields(shape)
    .bytes(GO_MAGIC, Buffer.of(wordBytes, isLittleEndian ? 0 : 1))
    .word(headers, headers + 2 * wordBytes)
    .bytes(Buffer.alloc(16 - 2 * wordBytes))
    .word(bodies, texts[0]!.length, bodies + texts[0]!.length, texts[1]!.length)
    .bytes(...texts)
    .done();
}

/** What `cargo auditable` writes. */
export function cargoAudit(packages: readonly object[]): Buffer {
  return deflateSync(JSON.stringify({ packages }));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function align(offset: number): number {
  return Math.ceil(offset / 16) * 16;
}
