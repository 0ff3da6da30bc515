import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ScannerError } from '../model/errors.ts';

/** Where the bytes of a file of an image lie. */
export interface StoredFile {
  /** On disk. */
  readonly file: string;
  readonly offset: number;
  readonly sizeBytes: number;
  /** Set where the file on disk is gone after the scan. */
  readonly isTemporary?: boolean;
}

/** What a target holds, by name: an archive's entries, or a directory's files. */
export interface TargetFiles {
  readonly kind: 'archive' | 'directory';
  /** What errors call it: the target as the user wrote it. */
  readonly label: string;
  /** The directory, or the archive (uncompressed, which may be a temporary file). */
  readonly path: string;
  /** @returns undefined when there is no regular file of that name. Links inside an archive are followed. */
  find(name: string): StoredFile | undefined;
}

/** The files of a directory. Names come from manifests: only checked ones are asked for. */
export function directoryFiles(label: string, path: string): TargetFiles {
  return {
    kind: 'directory',
    label,
    path,
    find(name) {
      const file = join(path, name);
      const status = statSync(file, { throwIfNoEntry: false });
      return status?.isFile() ? { file, offset: 0, sizeBytes: status.size } : undefined;
    },
  };
}

/**
 * The JSON object in a file of the image.
 * @param expected what a descriptor says of it; compared before anything is believed.
 * @throws ScannerError `image.damaged`, `image.digest-mismatch`, `image.limit-exceeded`.
 */
export function readJson(
  files: TargetFiles,
  name: string,
  { maxManifestBytes, expected }: { readonly maxManifestBytes: number; readonly expected?: BlobIdentity },
): JsonObject {
  const what = `${files.label}: ${name}`;
  const stored = files.find(name);
  if (stored === undefined) throw new ScannerError('image.damaged', `${what} is missing`, { name });
  if (stored.sizeBytes > maxManifestBytes) {
    const details = { limit: 'maxManifestBytes', value: maxManifestBytes };
    throw new ScannerError(
      'image.limit-exceeded',
      `${what}: above the limit maxManifestBytes = ${maxManifestBytes}`,
      details,
    );
  }
  if (expected !== undefined) compareSize(what, stored.sizeBytes, expected.sizeBytes);
  const bytes = readStored(stored);
  if (expected !== undefined) {
    const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (actual !== expected.digest) throw digestMismatch(`${what}: its bytes have the digest ${actual}`, actual);
  }
  return parseObject(bytes, what);
}

/** What a descriptor says of a blob. */
export interface BlobIdentity {
  /** `sha256:<hex>`, checked to be of that form. */
  readonly digest: string;
  readonly sizeBytes?: number | undefined;
}

/** @throws ScannerError `image.digest-mismatch` where a descriptor states another size. */
export function compareSize(what: string, actualBytes: number, statedBytes: number | undefined): void {
  if (statedBytes === undefined || statedBytes === actualBytes) return;
  throw digestMismatch(
    `${what}: it has ${actualBytes} bytes, but its descriptor says ${statedBytes}`,
    String(actualBytes),
  );
}

function digestMismatch(message: string, actual: string): ScannerError {
  return new ScannerError('image.digest-mismatch', message, { actual });
}

function readStored({ file, offset, sizeBytes }: StoredFile): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  const fd = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, sizeBytes, offset));
  } finally {
    closeSync(fd);
  }
}

/** JSON from outside: every value is looked at before it is used. */
export type JsonObject = Readonly<Record<string, unknown>>;

function parseObject(bytes: Buffer, what: string): JsonObject {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    // `manifest.json` of docker save is a list.
    if (typeof value === 'object' && value !== null) return value as JsonObject;
    throw new Error('neither an object nor a list');
  } catch (cause) {
    throw new ScannerError(
      'image.damaged',
      `${what} is no JSON that describes an image: ${(cause as Error).message}`,
      {},
      { cause },
    );
  }
}

/** A list that holds nothing but objects. @throws ScannerError `image.damaged` for anything else. */
export function listedObjects(value: unknown, what: string): readonly JsonObject[] {
  const objects = objectsOf(value);
  if (Array.isArray(value) && objects.length === value.length) return objects;
  throw new ScannerError('image.damaged', `${what} are no list of objects`);
}

/** A list that holds nothing but texts; null is the empty list, as Go writes it. @throws ScannerError `image.damaged` for anything else. */
export function listedTexts(value: unknown, what: string): readonly string[] {
  const texts = textsOf(value);
  if (value === null || (Array.isArray(value) && texts.length === value.length)) return texts;
  throw new ScannerError('image.damaged', `${what} are no list of texts`);
}

/** The objects of a list; anything else is left out. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((it) => typeof it === 'object' && it !== null) : [];
}

/** The value as an object; an empty one if it is none. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The texts of a list; anything else is left out. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((it) => typeof it === 'string') : [];
}

/** The value if it is a text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
