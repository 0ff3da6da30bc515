import type { ByteSource } from '../archives/byte-source.ts';
import type { Executable, Section, Segment } from './executable.ts';
import { NumberReader } from './number-reader.ts';

const MAX_COMMANDS_BYTES = 256 * 1024;
/** A Java class begins with the bytes of a universal binary, and a version where that has the number of its architectures. */
const MAX_ARCHITECTURES = 30;

const WRITABLE = 2;

/** Load commands that describe a segment, with the places of their fields: in files of 32 and of 64 bits. */
const LAYOUTS = {
  4: { header: 28, command: 0x1, segment: 56, section: 68 },
  8: { header: 32, command: 0x19, segment: 72, section: 80 },
} as const;

/** Whether a file begins like a Mach-O file or a universal binary of them. */
export function isMachO(head: Uint8Array): boolean {
  const magic = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  return shapeOf(magic) !== undefined || isUniversal(magic);
}

/** The outline of a Mach-O file (macOS), or of the first architecture of a universal binary. Source: Apple's mach-o/loader.h. */
export async function readMachO(source: ByteSource): Promise<Executable | undefined> {
  const head = await source.read(0, 32);
  const start = isUniversal(head) ? head.readUInt32BE(16) : 0;
  const bytes = start === 0 ? head : await source.read(start, 32);
  const shape = bytes.length < 32 ? undefined : shapeOf(bytes);
  if (shape === undefined) return undefined;
  const header = new NumberReader(bytes, shape.isLittleEndian);
  const layout = LAYOUTS[shape.pointerBytes];
  const commands = await source.read(start + layout.header, Math.min(header.u32(20), MAX_COMMANDS_BYTES));
  const reader = new NumberReader(commands, shape.isLittleEndian);
  const { sections, segments } = readSegments(reader, shape.pointerBytes, start);
  return {
    kind: 'mach-o',
    ...shape,
    sectionCount: sections.length,
    section: (name) => sections.find((it) => it.name === name),
    segments: async () => segments,
  };
}

function readSegments(commands: NumberReader, pointerBytes: 4 | 8, start: number) {
  const layout = LAYOUTS[pointerBytes];
  const sections: Section[] = [];
  const segments: Segment[] = [];
  const end = commands.bytes.length;
  for (let at = 0; at + 8 <= end; ) {
    const commandBytes = commands.u32(at + 4);
    if (commandBytes < 8 || at + commandBytes > end) break;
    if (commands.u32(at) === layout.command && commandBytes >= layout.segment) {
      // Name of 16 bytes; address, size, offset and size in the file; protections, number of sections.
      const word = (index: number) => commands.word(at + 24 + index * pointerBytes, pointerBytes);
      const protection = at + 24 + 4 * pointerBytes;
      const isWritable = (commands.u32(protection + 4) & WRITABLE) !== 0;
      segments.push({ address: word(0), offset: start + word(2), sizeBytes: word(3), isWritable });
      for (let place = at + layout.segment; place + layout.section <= at + commandBytes; place += layout.section) {
        sections.push({
          name: commands.text(place, 16),
          address: commands.word(place + 32, pointerBytes),
          sizeBytes: commands.word(place + 32 + pointerBytes, pointerBytes),
          offset: start + commands.u32(place + 32 + 2 * pointerBytes),
          isWritable,
        });
      }
    }
    at += commandBytes;
  }
  return { sections, segments };
}

function shapeOf(bytes: Buffer): Pick<Executable, 'isLittleEndian' | 'pointerBytes'> | undefined {
  for (const isLittleEndian of [true, false]) {
    const magic = isLittleEndian ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0);
    if (magic === 0xfeedface) return { isLittleEndian, pointerBytes: 4 };
    if (magic === 0xfeedfacf) return { isLittleEndian, pointerBytes: 8 };
  }
  return undefined;
}

function isUniversal(bytes: Buffer): boolean {
  return bytes.length >= 20 && bytes.readUInt32BE(0) === 0xcafebabe && bytes.readUInt32BE(4) <= MAX_ARCHITECTURES;
}
