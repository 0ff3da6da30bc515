import type { ByteSource } from '../archives/byte-source.ts';
import { readElf } from './elf.ts';
import { isMachO, readMachO } from './mach-o.ts';
import { readPe } from './pe.ts';

/** A named part of an executable file. */
export interface Section {
  /** As written; Mach-O: without its segment. */
  readonly name: string;
  /** In the running program's memory. */
  readonly address: number;
  readonly offset: number;
  /** In the file: 0 where it has no bytes there. */
  readonly sizeBytes: number;
  /** Data that the program may change. */
  readonly isWritable: boolean;
}

/** The outline of an executable file: where its parts lie, none of which is read yet. */
export interface Executable {
  readonly kind: 'elf' | 'pe' | 'mach-o';
  readonly isLittleEndian: boolean;
  readonly pointerBytes: 4 | 8;
  /** 0 in a program of which even the headers of its sections were stripped. */
  readonly sectionCount: number;
  /** The first section of this name. Most programs are asked for what they do not have, so that answer is quick. */
  section(name: string): Section | undefined;
  /** What is loaded into memory: the way from an address to a place in the file. Read when it is asked for, which is seldom. */
  segments(): Promise<readonly Segment[]>;
}

/** A part of the file that is loaded into memory. */
export type Segment = Omit<Section, 'name'>;

/** How many first bytes `kindOfExecutable` looks at. */
const MAGIC_BYTES = 20;
/** The largest header of the three kinds. */
const HEAD_BYTES = 64;

/** What kind of executable file begins so: a program or shared library; undefined for all else, such as object files. */
export function kindOfExecutable(head: Uint8Array): Executable['kind'] | undefined {
  if (head.length < MAGIC_BYTES) return undefined;
  if (head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46) {
    // ET_EXEC and ET_DYN, in either byte order.
    const type = head[5] === 2 ? head[17] : head[16];
    return type === 2 || type === 3 ? 'elf' : undefined;
  }
  if (head[0] === 0x4d && head[1] === 0x5a) return 'pe';
  return isMachO(head) ? 'mach-o' : undefined;
}

/**
 * The outline of an ELF, PE or Mach-O file. Only headers are read: the size of the file does not matter, and what headers state is
 * never allocated.
 *
 * @returns undefined where the file is no executable, or its headers make no sense.
 */
export async function readExecutable(source: ByteSource): Promise<Executable | undefined> {
  const head = await source.read(0, HEAD_BYTES);
  const kind = kindOfExecutable(head);
  if (kind === 'elf') return readElf(source, head);
  if (kind === 'pe') return readPe(source);
  return kind === 'mach-o' ? readMachO(source) : undefined;
}

/** Where in the file an address of the running program lies, and how many bytes follow there; undefined where it lies in none. */
export function placeOfAddress(
  segments: readonly Segment[],
  address: number,
): { readonly offset: number; readonly sizeBytes: number } | undefined {
  for (const segment of segments) {
    const within = address - segment.address;
    if (within >= 0 && within < segment.sizeBytes) {
      return { offset: segment.offset + within, sizeBytes: segment.sizeBytes - within };
    }
  }
  return undefined;
}
