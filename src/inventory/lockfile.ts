import type { LayerFile } from '../model/layer.ts';
import type { ReportProblem } from '../model/problem.ts';
import { asFields, type JsonFields } from '../platform/json-values.ts';

/** The largest lockfiles of big monorepos have some 20 MB; one above this is a problem, and is not read. */
export const MAX_LOCKFILE_BYTES = 64 * 1024 * 1024;

/** Whether a path lies below a directory of this name, at any depth. */
export function isBelow(path: string, directory: string): boolean {
  return path.includes(`/${directory}/`) || path.startsWith(`${directory}/`);
}

/**
 * Text of a lockfile, or of another file that people and their editors write: UTF-8, or UTF-16 where its first bytes say so (what
 * PowerShell's `>` writes).
 *
 * @returns undefined, with a problem, above `MAX_LOCKFILE_BYTES`.
 */
export async function readLockfile(file: LayerFile, problem: ReportProblem): Promise<string | undefined> {
  if (file.sizeBytes > MAX_LOCKFILE_BYTES) {
    const message = `a file of ${file.sizeBytes} bytes is not read (MAX_LOCKFILE_BYTES ${MAX_LOCKFILE_BYTES})`;
    problem({ code: 'lister.file-too-large', message, path: file.path });
    return undefined;
  }
  const bytes = await file.bytes();
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    ? bytes.toString('utf8', 3)
    : bytes.toString('utf8');
}

/** Fields of a lockfile that is a JSON object; undefined, with a problem, where it is none. */
export async function readJsonLockfile(file: LayerFile, problem: ReportProblem): Promise<JsonFields | undefined> {
  const document = await readJsonDocument(file, problem);
  if (document === undefined) return undefined;
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return asFields(document);
  problem({ code: 'lister.malformed-file', message: 'no JSON object', path: file.path });
  return undefined;
}

/** A whole JSON document; undefined, with a problem, where it is none. */
export async function readJsonDocument(file: LayerFile, problem: ReportProblem): Promise<unknown> {
  const text = await readLockfile(file, problem);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = `no JSON: ${error instanceof Error ? error.message : error}`;
    problem({ code: 'lister.malformed-file', message, path: file.path });
    return undefined;
  }
}

/** Says that an entry lacks what a package needs. @param entry where it is, e.g. `line 7`, or its key. */
export function incompleteEntry(file: LayerFile, entry: string, message: string): Parameters<ReportProblem>[0] {
  return { code: 'lister.incomplete-entry', message: `${entry}: ${message}`, path: file.path };
}

/** Tells of a place of a TOML lockfile that cannot be read. */
export function malformedToml(file: LayerFile, problem: ReportProblem): (line: number, message: string) => void {
  return (line, message) =>
    problem({ code: 'lister.malformed-line', message: `line ${line}: ${message}`, path: file.path });
}
