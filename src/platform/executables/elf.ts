import type { ByteSource } from '../archives/byte-source.ts';
import type { Executable, Section, Segment } from './executable.ts';
import { NumberReader } from './number-reader.ts';

/** Programs have some thirty; one compiled with a section for each function some ten thousand, but linked they are joined. */
const MAX_SECTIONS = 4096;
const MAX_SEGMENTS = 256;
const MAX_NAMES_BYTES = 1024 * 1024;

/** The names usually lie directly before the section headers: one read then gets both. */
const READ_BEFORE_BYTES = 1024;

const SHT_NOBITS = 8;
const SHF_WRITE = 1;
const PT_LOAD = 1;
const PF_W = 2;

/** Where the fields of the headers lie: in files of 32 and of 64 bits. */
const LAYOUTS = {
  4: { header: 52, phoff: 28, shoff: 32, counts: 42, section: 40, segment: 32, flags: 24 },
  8: { header: 64, phoff: 32, shoff: 40, counts: 54, section: 64, segment: 56, flags: 4 },
} as const;

/** The outline of an ELF file. @param head its first 64 bytes. Source: elf(5). */
export async function readElf(source: ByteSource, head: Buffer): Promise<Executable | undefined> {
  const pointerBytes = head[4] === 1 ? 4 : 8;
  const layout = LAYOUTS[pointerBytes];
  if (head.length < layout.header) return undefined;
  const isLittleEndian = head[5] !== 2;
  const header = new NumberReader(head, isLittleEndian);
  const { counts } = layout;
  const table = {
    sectionOffset: header.word(layout.shoff, pointerBytes),
    sectionCount: Math.min(header.u16(counts + 6), MAX_SECTIONS),
    namesIndex: header.u16(counts + 8),
    segmentOffset: header.word(layout.phoff, pointerBytes),
    segmentCount: Math.min(header.u16(counts + 2), MAX_SEGMENTS),
  };
  // Entries of other sizes than the standard's are not read.
  if (table.segmentCount > 0 && header.u16(counts) !== layout.segment) return undefined;
  if (table.sectionCount > 0 && header.u16(counts + 4) !== layout.section) return undefined;
  const shape = { isLittleEndian, pointerBytes } as const;
  return {
    kind: 'elf',
    ...shape,
    ...(await readSections(source, shape, table)),
    segments: () => readSegments(source, shape, table),
  };
}

type Shape = Pick<Executable, 'isLittleEndian' | 'pointerBytes'>;

async function readSections(
  source: ByteSource,
  { isLittleEndian, pointerBytes }: Shape,
  { sectionOffset, sectionCount, namesIndex }: { sectionOffset: number; sectionCount: number; namesIndex: number },
): Promise<Pick<Executable, 'sectionCount' | 'section'>> {
  const none = { sectionCount: 0, section: () => undefined };
  if (sectionCount === 0 || sectionOffset === 0 || namesIndex >= sectionCount) return none;
  const entryBytes = LAYOUTS[pointerBytes].section;
  const start = Math.max(0, sectionOffset - READ_BEFORE_BYTES);
  const around = await source.read(start, sectionOffset - start + sectionCount * entryBytes);
  const headers = new NumberReader(around.subarray(sectionOffset - start), isLittleEndian);
  if (headers.bytes.length < sectionCount * entryBytes) return none;

  // name, type, flags, address, offset, size: two of 4 bytes, then words.
  const field = (index: number, word: number) =>
    headers.word(index * entryBytes + 8 + word * pointerBytes, pointerBytes);
  const [namesOffset, namesBytes] = [field(namesIndex, 2), Math.min(field(namesIndex, 3), MAX_NAMES_BYTES)];
  const isAround = namesOffset >= start && namesOffset + namesBytes <= start + around.length;
  const names = isAround
    ? around.subarray(namesOffset - start, namesOffset - start + namesBytes)
    : await source.read(namesOffset, namesBytes);
  const section = (name: string): Section | undefined => {
    const wanted = Buffer.from(`${name}\0`, 'latin1');
    if (!names.includes(wanted)) return undefined;
    for (let index = 0; index < sectionCount; index++) {
      // Linkers let a name be the end of a longer one.
      const nameOffset = headers.u32(index * entryBytes);
      if (!names.subarray(nameOffset, nameOffset + wanted.length).equals(wanted)) continue;
      return {
        name,
        address: field(index, 1),
        offset: field(index, 2),
        sizeBytes: headers.u32(index * entryBytes + 4) === SHT_NOBITS ? 0 : field(index, 3),
        isWritable: (field(index, 0) & SHF_WRITE) !== 0,
      };
    }
    return undefined;
  };
  return { sectionCount, section };
}

async function readSegments(
  source: ByteSource,
  { isLittleEndian, pointerBytes }: Shape,
  { segmentOffset, segmentCount }: { segmentOffset: number; segmentCount: number },
): Promise<readonly Segment[]> {
  const layout = LAYOUTS[pointerBytes];
  const bytes = await source.read(segmentOffset, segmentCount * layout.segment);
  const table = new NumberReader(bytes, isLittleEndian);
  const segments: Segment[] = [];
  for (let at = 0; at + layout.segment <= bytes.length; at += layout.segment) {
    if (table.u32(at) !== PT_LOAD) continue;
    // offset, address, physical address, size in the file: words behind the type (and, in 64 bits, the flags).
    const word = (index: number) => table.word(at + pointerBytes * (index + 1), pointerBytes);
    const isWritable = (table.u32(at + layout.flags) & PF_W) !== 0;
    segments.push({ offset: word(0), address: word(1), sizeBytes: word(3), isWritable });
  }
  return segments;
}
