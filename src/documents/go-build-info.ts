import type { ByteSource } from '../platform/archives/byte-source.ts';
import { type Executable, placeOfAddress, type Segment } from '../platform/executables/executable.ts';
import { NumberReader } from '../platform/executables/number-reader.ts';

/** What `go version -m` prints of a program. */
export interface GoBuildInfo {
  /** e.g. `go1.22.1`, `go1.22.1 X:nocoverageredesign`, `devel go1.23-0123456789`. */
  readonly goVersion: string;
  /** Of the program itself. */
  readonly main?: GoModule;
  readonly dependencies: readonly GoModule[];
}

/** A module as it was compiled in. */
export interface GoModule {
  readonly path: string;
  /** `v1.2.3`; `(devel)` where it was built from a directory. */
  readonly version: string;
  /** What stood in its place: the code is of this one. */
  readonly replacement?: { readonly path: string; readonly version: string };
}

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
const HEADER_BYTES = 32;
const ALIGN_BYTES = 16;
const POINTERS_OFFSET = 16;
const BIG_ENDIAN_FLAG = 1;
const INLINE_FLAG = 2;

/** Where there is no section of its own, it stands near the beginning of the data. */
const MAX_SEARCH_BYTES = 1024 * 1024;

/** Kubernetes' programs have some 30 kB. */
const MAX_TEXT_BYTES = 8 * 1024 * 1024;

/** Before and behind the list of modules stand marks, by which old tools find it. */
const MARK_BYTES = 16;

/**
 * Reads what the Go linker writes into every program: its own version, and the modules that it put together.
 *
 * Since Go 1.18 the texts stand there themselves, before that two pointers to them.
 * Source: debug/buildinfo and runtime/debug of Go.
 * @returns undefined where the program is not Go's.
 */
export async function readGoBuildInfo(source: ByteSource, executable: Executable): Promise<GoBuildInfo | undefined> {
  const offset = await findBuildInfo(source, executable);
  if (offset === undefined) return undefined;
  const header = await source.read(offset, HEADER_BYTES);
  if (header.length < HEADER_BYTES) return undefined;
  const flags = header[15]!;
  const texts =
    (flags & INLINE_FLAG) !== 0
      ? await readInline(source, offset + HEADER_BYTES)
      : await readPointers(source, executable, header);
  if (texts === undefined || texts.goVersion === '') return undefined;
  return { goVersion: texts.goVersion, ...parseModules(withoutMarks(texts.modules)) };
}

async function findBuildInfo(source: ByteSource, executable: Executable): Promise<number | undefined> {
  const { kind, sectionCount } = executable;
  const own = executable.section('.go.buildinfo') ?? executable.section('__go_buildinfo');
  // A program without section headers has its segments; in PE it stands in the data.
  const isInData = own === undefined && (sectionCount === 0 || kind === 'pe');
  const place = isInData ? (await executable.segments()).find(isWritableData) : own;
  if (place === undefined) return undefined;
  const bytes = await source.read(place.offset, Math.min(place.sizeBytes, MAX_SEARCH_BYTES));
  for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    if (at % ALIGN_BYTES === 0) return place.offset + at;
  }
  return undefined;
}

function isWritableData({ isWritable, sizeBytes }: Segment): boolean {
  return isWritable && sizeBytes > 0;
}

interface Texts {
  readonly goVersion: string;
  readonly modules: Buffer;
}

async function readInline(source: ByteSource, offset: number): Promise<Texts | undefined> {
  const version = await readCounted(source, offset);
  if (version === undefined) return undefined;
  const modules = await readCounted(source, version.end);
  return modules && { goVersion: version.bytes.toString('utf8'), modules: modules.bytes };
}

/** A text with its length before it, as a varint. */
async function readCounted(
  source: ByteSource,
  offset: number,
): Promise<{ readonly bytes: Buffer; readonly end: number } | undefined> {
  const head = await source.read(offset, 5);
  let length = 0;
  for (const [index, byte] of head.entries()) {
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte >= 0x80) continue;
    if (length > MAX_TEXT_BYTES) return undefined;
    const start = offset + index + 1;
    const bytes = await source.read(start, length);
    return bytes.length < length ? undefined : { bytes, end: start + length };
  }
  return undefined;
}

async function readPointers(source: ByteSource, executable: Executable, header: Buffer): Promise<Texts | undefined> {
  const isLittleEndian = (header[15]! & BIG_ENDIAN_FLAG) === 0;
  const wordBytes = header[14] === 4 ? 4 : 8;
  const segments = await executable.segments();
  const readAt = async (address: number, length: number): Promise<Buffer | undefined> => {
    const place = placeOfAddress(segments, address);
    if (place === undefined || length > Math.min(place.sizeBytes, MAX_TEXT_BYTES)) return undefined;
    const bytes = await source.read(place.offset, length);
    return bytes.length < length ? undefined : bytes;
  };
  /** At the address of a string of Go stand the address of its bytes, and their number. */
  const readString = async (address: number): Promise<Buffer | undefined> => {
    const string = await readAt(address, 2 * wordBytes);
    if (string === undefined) return undefined;
    const words = new NumberReader(string, isLittleEndian);
    return readAt(words.word(0, wordBytes), words.word(wordBytes, wordBytes));
  };
  const pointers = new NumberReader(header, isLittleEndian);
  const version = await readString(pointers.word(POINTERS_OFFSET, wordBytes));
  if (version === undefined) return undefined;
  const modules = await readString(pointers.word(POINTERS_OFFSET + wordBytes, wordBytes));
  return { goVersion: version.toString('utf8'), modules: modules ?? Buffer.alloc(0) };
}

function withoutMarks(modules: Buffer): string {
  const isMarked = modules.length > 2 * MARK_BYTES && modules[modules.length - MARK_BYTES - 1] === 0x0a;
  return isMarked ? modules.toString('utf8', MARK_BYTES, modules.length - MARK_BYTES) : '';
}

/** Lines of fields with tabs between: `mod`, `dep`, and `=>` for what stands in the place of the one before. */
function parseModules(text: string): Pick<GoBuildInfo, 'main' | 'dependencies'> {
  const modules: { kind: string; module: GoModule }[] = [];
  for (const line of text.split('\n')) {
    const [kind = '', path = '', version = ''] = line.split('\t');
    const last = modules.at(-1);
    if (kind === '=>' && last !== undefined) last.module = { ...last.module, replacement: { path, version } };
    else if ((kind === 'mod' || kind === 'dep') && path !== '') modules.push({ kind, module: { path, version } });
  }
  const main = modules.find(({ kind }) => kind === 'mod')?.module;
  const dependencies = modules.filter(({ kind }) => kind === 'dep').map(({ module }) => module);
  return { ...(main && { main }), dependencies };
}
