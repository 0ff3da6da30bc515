import type { ByteSource } from '../archives/byte-source.ts';
import type { Executable, Section } from './executable.ts';
import { NumberReader } from './number-reader.ts';

const DOS_HEADER_BYTES = 64;
const COFF_HEADER_BYTES = 24;
const OPTIONAL_HEADER_BYTES = 32;
const SECTION_BYTES = 40;
const MAX_SECTIONS = 96;

const PE32_PLUS = 0x20b;
const IMAGE_SCN_MEM_WRITE = 0x80000000;

/** The outline of a PE file (Windows). Source: https://learn.microsoft.com/windows/win32/debug/pe-format. */
export async function readPe(source: ByteSource): Promise<Executable | undefined> {
  const dos = await source.read(0, DOS_HEADER_BYTES);
  if (dos.length < DOS_HEADER_BYTES) return undefined;
  const start = dos.readUInt32LE(60);
  const bytes = await source.read(start, COFF_HEADER_BYTES + OPTIONAL_HEADER_BYTES);
  if (bytes.length < COFF_HEADER_BYTES + OPTIONAL_HEADER_BYTES || bytes.toString('latin1', 0, 4) !== 'PE\0\0')
    return undefined;
  const header = new NumberReader(bytes, true);
  const isWide = header.u16(COFF_HEADER_BYTES) === PE32_PLUS;
  const imageBase = isWide ? header.word(COFF_HEADER_BYTES + 24, 8) : header.u32(COFF_HEADER_BYTES + 28);
  const tableBytes = Math.min(header.u16(6), MAX_SECTIONS) * SECTION_BYTES;
  const table = new NumberReader(await source.read(start + COFF_HEADER_BYTES + header.u16(20), tableBytes), true);
  const sections: Section[] = [];
  for (let at = 0; at + SECTION_BYTES <= table.bytes.length; at += SECTION_BYTES) {
    sections.push({
      name: table.text(at, 8),
      address: imageBase + table.u32(at + 12),
      // The file's part is padded; the memory's may go on with zeros.
      sizeBytes: Math.min(table.u32(at + 8), table.u32(at + 16)),
      offset: table.u32(at + 20),
      isWritable: (table.u32(at + 36) & IMAGE_SCN_MEM_WRITE) !== 0,
    });
  }
  return {
    kind: 'pe',
    isLittleEndian: true,
    pointerBytes: isWide ? 8 : 4,
    sectionCount: sections.length,
    section: (name) => sections.find((it) => it.name === name),
    segments: async () => sections,
  };
}
