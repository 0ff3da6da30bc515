import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { ScannerError } from '../model/errors.ts';
import { isSystemError, reasonOf } from '../platform/system-errors.ts';
import { normalizePath } from './align-paths.ts';

/** What a build itself wrote down of the files that it compiled. */
export interface BuildRecord {
  /** For people: `compile_commands.json`. */
  readonly origin: string;
  /** As the build writes them; anywhere on its machine. */
  readonly paths: readonly string[];
  /** Whether headers and what is only included are among the paths. */
  readonly namesHeaders: boolean;
}

/** Going above is `kernel.limit-exceeded`. A whole build writes 600 MB of command files. */
export interface BuildRecordLimits {
  readonly maxRecordBytes: number;
  readonly maxRecordFiles: number;
}

export const DEFAULT_BUILD_RECORD_LIMITS: BuildRecordLimits = { maxRecordBytes: 2 ** 30, maxRecordFiles: 200_000 };

/**
 * Reads `compile_commands.json`, an SPDX document with compiled sources (2.x JSON, 3.0 JSON-LD), Yocto's `*-debugsources.json.zstd`,
 * a list of paths, or the `.*.cmd` files of a build directory. Gzip and zstd are opened.
 *
 * @throws ScannerError `kernel.not-found`, `kernel.malformed`, `kernel.implausible` for a build that was not finished,
 *   `kernel.limit-exceeded`.
 * Source: scripts/clang-tools/gen_compile_commands.py; scripts/basic/fixdep.c; https://spdx.github.io/spdx-spec/;
 *   oe-core meta/lib/oe/spdx30_tasks.py.
 */
export function readBuildRecord(path: string, limits: BuildRecordLimits = DEFAULT_BUILD_RECORD_LIMITS): BuildRecord {
  try {
    if (lstatSync(path).isDirectory()) return readCommandFiles(path, limits);
    if (lstatSync(path).size > limits.maxRecordBytes) throw tooMuch('maxRecordBytes', limits.maxRecordBytes);
    return parseBuildRecord(opened(readFileSync(path), limits).toString('utf8'));
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new ScannerError('kernel.not-found', `cannot read ${path}: ${reasonOf(cause)}`, { path }, { cause });
  }
}

function opened(bytes: Buffer, { maxRecordBytes: maxOutputLength }: BuildRecordLimits): Buffer {
  try {
    if (bytes.readUInt16BE() === 0x1f8b) return gunzipSync(bytes, { maxOutputLength });
    if (bytes.readUInt32LE() === 0xfd2fb528) return zstdDecompressSync(bytes, { maxOutputLength });
  } catch (cause) {
    if (bytes.length < 4) return bytes;
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooMuch('maxRecordBytes', maxOutputLength);
    throw malformed('its compression is damaged', cause);
  }
  return bytes;
}

/** The same of a document's text. @throws ScannerError `kernel.malformed`. */
export function parseBuildRecord(text: string): BuildRecord {
  if (!/^\s*[[{]/.test(text)) {
    const paths = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    return { origin: 'list of compiled files', paths, namesHeaders: false };
  }
  const document = parseJson(text);
  if (Array.isArray(document)) {
    return { origin: 'compile_commands.json', paths: document.flatMap(commandPath), namesHeaders: false };
  }
  const { files, '@graph': graph } = document as Record<string, unknown>;
  if (Array.isArray(graph)) return { origin: 'SPDX 3 sources', paths: graph.flatMap(spdx3Path), namesHeaders: false };
  if (Array.isArray(files)) return { origin: 'SPDX 2 sources', paths: files.flatMap(spdx2Path), namesHeaders: false };
  const lists = Object.values(document as object);
  if (lists.length > 0 && lists.every((list) => Array.isArray(list))) {
    const paths = lists.flat().filter((path): path is string => typeof path === 'string');
    return { origin: 'debug sources', paths, namesHeaders: false };
  }
  throw malformed('it is neither compile_commands.json, nor SPDX with files, nor a list of debug sources');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed('its JSON is damaged', cause);
  }
}

function commandPath(entry: unknown): string[] {
  const { file, directory } = (entry ?? {}) as Record<string, unknown>;
  if (typeof file !== 'string') return [];
  return [file.startsWith('/') || typeof directory !== 'string' ? file : `${directory}/${file}`];
}

function spdx2Path(entry: unknown): string[] {
  const { fileName, fileTypes } = (entry ?? {}) as Record<string, unknown>;
  const isSource = Array.isArray(fileTypes) && fileTypes.includes('SOURCE');
  return typeof fileName === 'string' && isSource ? [fileName] : [];
}

function spdx3Path(entry: unknown): string[] {
  const { type, name, software_primaryPurpose: purpose } = (entry ?? {}) as Record<string, unknown>;
  return type === 'software_File' && purpose === 'source' && typeof name === 'string' ? [name] : [];
}

/** `fixdep` leaves `source_x.o := x.c` and all that it includes, for every object. */
function readCommandFiles(directory: string, limits: BuildRecordLimits): BuildRecord {
  // Written last, when all objects are linked.
  const isFinished = ['.vmlinux.cmd', 'vmlinux'].some((name) =>
    lstatSync(join(directory, name), { throwIfNoEntry: false }),
  );
  if (!isFinished) {
    throw new ScannerError('kernel.implausible', `${directory} holds no finished build: it has no vmlinux`, {
      directory,
    });
  }
  const paths = new Set<string>();
  let [bytes, count] = [0, 0];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(join(directory, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      // Programs of the build machine are no part of the kernel.
      if (entry.isDirectory() && !/^(\.git|scripts|tools)$/.test(path)) folders.push(path);
      if (!entry.isFile() || !/^\..*\.o\.cmd$/.test(entry.name)) continue;
      const text = readFileSync(join(directory, path), 'utf8');
      bytes += text.length;
      count += 1;
      if (bytes > limits.maxRecordBytes) throw tooMuch('maxRecordBytes', limits.maxRecordBytes);
      if (count > limits.maxRecordFiles) throw tooMuch('maxRecordFiles', limits.maxRecordFiles);
      for (const name of commandFilePaths(text)) paths.add(name);
    }
  }
  return { origin: 'command files of the build', paths: [...paths].sort(), namesHeaders: true };
}

/** What one command file names as the source and its dependencies. */
export function commandFilePaths(text: string): readonly string[] {
  const paths: string[] = [];
  for (const [, value = ''] of text.matchAll(/^(?:source|deps)_\S+ := ((?:[^\n]*\\\n)*[^\n]*)/gm)) {
    for (const word of value.split(/[\s\\]+/)) {
      if (/\.(c|S|rs|h)$/.test(word) && !word.startsWith('$')) paths.push(normalizePath(word));
    }
  }
  return paths;
}

const malformed = (reason: string, cause?: unknown): ScannerError =>
  new ScannerError('kernel.malformed', `cannot read the list of compiled files: ${reason}`, {}, { cause });

function tooMuch(name: string, limit: number): ScannerError {
  return new ScannerError('kernel.limit-exceeded', `the record of the build has more than ${name} ${limit}`, {
    [name]: limit,
  });
}
