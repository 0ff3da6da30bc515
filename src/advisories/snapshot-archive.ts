import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { ScannerError } from '../model/errors.ts';
import { compareSnapshots } from './compare-snapshots.ts';
import { importFile, publish } from './database-directory.ts';
import { computeSnapshotId } from './derived-tables.ts';
import { openSnapshot, openSnapshotFile } from './open-snapshot.ts';
import { readPointer, readPointerIfWhole, type SourceCheck, snapshotFile } from './pointer.ts';
import type { Snapshot } from './snapshot.ts';
import { checkFreeSpace, sizeOf, syncFile } from './snapshot-build.ts';
import type { PartChange } from './snapshot-editor.ts';
import { openForRead } from './snapshot-file.ts';
import { unwritable } from './unwritable.ts';

/**
 * What stands before a snapshot that is carried elsewhere as one file: a zstd stream of the SQLite file, which `zstd -d` unpacks too,
 * behind a skippable frame that holds this as JSON. Source: RFC 8878, 3.1.2.
 */
interface Manifest {
  readonly format: typeof FORMAT;
  readonly id: string;
  /** Of the SQLite file, hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** When each source was last read, though nothing was new. */
  readonly sources: Readonly<Record<string, SourceCheck>>;
}

/** An archive that was written or taken. */
export interface ArchivedSnapshot {
  readonly id: string;
  readonly sizeBytes: number;
}

const FORMAT = 'cvescan-advisories-1';
const SKIPPABLE_MAGIC = 0x184d2a5c;
const FRAME_HEADER_BYTES = 8;
/** A manifest is some kilobytes. */
const MAX_MANIFEST_BYTES = 1 << 20;
const COMPRESSION_LEVEL = 9;
const CHUNK_BYTES = 1 << 20;

/**
 * Writes the current snapshot to an archive, whole or not at all.
 *
 * @throws ScannerError `database.missing`, `database.damaged`, `database.unwritable` (the archive).
 */
export async function exportSnapshot(directory: string, file: string): Promise<ArchivedSnapshot> {
  using snapshot = openSnapshot(directory);
  const { id } = snapshot;
  const source = snapshotFile(directory, id);
  const sha256 = await digestOf(source);
  const sources = readPointer(directory)?.sources ?? {};
  const manifest: Manifest = { format: FORMAT, id, sha256, sizeBytes: sizeOf(source), sources };
  const draft = `${file}.${process.pid}.draft`;
  try {
    const level = { [constants.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL };
    const archive = createWriteStream(draft, { flags: 'wx' });
    archive.write(manifestFrame(manifest));
    await pipeline(readFile(source), createZstdCompress({ chunkSize: CHUNK_BYTES, params: level }), archive);
    syncFile(draft);
    renameSync(draft, file);
  } catch (cause) {
    throw unwritable(file, cause);
  } finally {
    rmSync(draft, { force: true });
  }
  return { id, sizeBytes: sizeOf(file) };
}

/**
 * Makes an archived snapshot the current one; the caller holds the directory's lock. Nothing changes unless its digest, its tables
 * and its id are what they should be. Of the snapshot that was current nothing is needed: an import repairs a damaged database.
 *
 * @throws ScannerError `database.damaged` (the archive), `document.not-found`, `database.unwritable`.
 */
export async function importSnapshot(directory: string, file: string, at: string): Promise<ArchivedSnapshot> {
  const { manifest, endBytes } = readManifest(file);
  checkFreeSpace(directory, { operation: 'an import', sizeBytes: manifest.sizeBytes });
  const draft = importFile(directory);
  rmSync(draft, { force: true });
  try {
    await unpack(file, endBytes, { draft, manifest });
    const changes = checkedChanges(directory, draft, { file, manifest });
    syncFile(draft);
    const built = { id: manifest.id, file: draft, changes, replacesSources: true };
    publish(directory, { built, checks: manifest.sources, at });
  } catch (cause) {
    throw unwritable(draft, cause);
  } finally {
    rmSync(draft, { force: true });
  }
  return { id: manifest.id, sizeBytes: manifest.sizeBytes };
}

async function unpack(file: string, startBytes: number, { draft, manifest }: Unpacking): Promise<void> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      hash.update(chunk);
      // No more is written than the manifest says: an archive that unpacks to more is not what it says.
      done(sizeBytes > manifest.sizeBytes ? damagedArchive(file, 'it holds more than it says') : null, chunk);
    },
  });
  const unzip = createZstdDecompress({ chunkSize: CHUNK_BYTES });
  try {
    await pipeline(readFile(file, startBytes), unzip, measure, createWriteStream(draft, { flags: 'wx', mode: 0o644 }));
  } catch (cause) {
    const isZstd = cause instanceof Error && 'code' in cause && /^(ZSTD_|Z_)/.test(String(cause.code));
    throw isZstd ? damagedArchive(file, 'it cannot be unpacked', cause) : cause;
  }
  if (hash.digest('hex') !== manifest.sha256)
    throw damagedArchive(file, 'its bytes do not have the SHA-256 that it states');
  if (startBytes + unzip.bytesWritten !== sizeOf(file)) throw damagedArchive(file, 'something follows its end');
}

interface Unpacking {
  readonly draft: string;
  readonly manifest: Manifest;
}

/** What the new snapshot changes. @throws ScannerError `database.damaged` where it is not the one that its manifest names. */
function checkedChanges(
  directory: string,
  draft: string,
  { file, manifest }: { file: string; manifest: Manifest },
): PartChange[] {
  try {
    const db = openForRead(draft);
    const computed = computeSnapshotId(db);
    db.close();
    using now = openSnapshotFile(draft);
    if (now.id !== manifest.id || computed !== manifest.id)
      throw damagedArchive(file, 'its id does not follow from its content');
    return changesFromCurrent(directory, now) ?? now.sources.flatMap(({ name }) => newParts(now, name));
  } catch (cause) {
    // It is the archive that is to be looked at, not the file that it was unpacked to.
    const reason = cause instanceof ScannerError && cause.details.file === draft && cause.details.reason;
    throw reason ? damagedArchive(file, String(reason), cause) : cause;
  }
}

/** The parts that differ; undefined where there is no snapshot yet, or none that can be read: it is replaced all the same. */
function changesFromCurrent(directory: string, now: Snapshot): PartChange[] | undefined {
  if (readPointerIfWhole(directory)?.id === undefined) return undefined;
  try {
    using old = openSnapshot(directory);
    return [...compareSnapshots(old, now)];
  } catch {
    return undefined;
  }
}

const newParts = (now: Snapshot, source: string): PartChange[] =>
  [...now.parts(source)].map(({ part, hash }) => ({ source, part, new: hash }));

function manifestFrame(manifest: Manifest): Buffer {
  const json = Buffer.from(JSON.stringify(manifest));
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32LE(SKIPPABLE_MAGIC);
  header.writeUInt32LE(json.length, 4);
  return Buffer.concat([header, json]);
}

function readManifest(file: string): { readonly manifest: Manifest; readonly endBytes: number } {
  const handle = openArchive(file);
  try {
    const header = readAt(handle, 0, FRAME_HEADER_BYTES);
    const length = header.length < FRAME_HEADER_BYTES ? 0 : header.readUInt32LE(4);
    if (length === 0 || header.readUInt32LE() !== SKIPPABLE_MAGIC || length > MAX_MANIFEST_BYTES) {
      throw damagedArchive(file, 'it was not written by cvescan db export');
    }
    const manifest = parseManifest(readAt(handle, FRAME_HEADER_BYTES, length).toString());
    if (!manifest) throw damagedArchive(file, 'its manifest cannot be read');
    return { manifest, endBytes: FRAME_HEADER_BYTES + length };
  } finally {
    closeSync(handle);
  }
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(text) as Partial<Manifest> | null;
    const isWhole =
      manifest?.format === FORMAT &&
      /^[0-9a-f]{64}$/.test(manifest.id ?? '') &&
      /^[0-9a-f]{64}$/.test(manifest.sha256 ?? '') &&
      Number.isSafeInteger(manifest.sizeBytes) &&
      typeof manifest.sources === 'object';
    return isWhole ? (manifest as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

function openArchive(file: string): number {
  try {
    const status = statSync(file, { throwIfNoEntry: false });
    if (!status) throw new ScannerError('document.not-found', `${file} does not exist`, { file });
    if (!status.isFile()) throw new ScannerError('document.not-found', `${file} is no file`, { file });
    return openSync(file, 'r');
  } catch (cause) {
    if (cause instanceof ScannerError) throw cause;
    throw damagedArchive(file, cause instanceof Error ? cause.message : 'it cannot be read', cause);
  }
}

function readAt(handle: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(handle, bytes, 0, length, offset));
}

const readFile = (file: string, start = 0) => createReadStream(file, { start, highWaterMark: CHUNK_BYTES });

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of readFile(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function damagedArchive(file: string, reason: string, cause?: unknown): ScannerError {
  return new ScannerError(
    'database.damaged',
    `${file} is no archive of a database, or damaged: ${reason}`,
    { file },
    { cause },
  );
}
