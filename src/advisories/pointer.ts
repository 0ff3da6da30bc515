import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ScannerError } from '../model/errors.ts';

/** What became of the last update of a source. */
export interface SourceCheck {
  /** When its feed was last read to the end, ISO 8601; it may have said nothing new. */
  readonly checkedAt?: string;
  /** Set while the newest try failed: what is held is older than it should be. */
  readonly failure?: { readonly at: string; readonly code: string; readonly message: string };
}

/** The file `current`: which snapshot counts, and what changes without a new snapshot. */
export interface Pointer {
  /** Absent until the first snapshot. */
  readonly id?: string;
  readonly sources: Readonly<Record<string, SourceCheck>>;
}

const FILE = 'current';
const SNAPSHOT_ID = /^[0-9a-f]{64}$/;

/** File name of a snapshot. */
export const snapshotFile = (directory: string, id: string): string => join(directory, `advisories-${id}.sqlite`);

/** Reads the pointer; undefined where there is none. @throws ScannerError `database.damaged`. */
export function readPointer(directory: string): Pointer | undefined {
  const file = join(directory, FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR'))
      return undefined;
    throw damagedPointer(file, cause);
  }
  try {
    const { id, sources } = JSON.parse(text) as Pointer;
    if ((id === undefined || SNAPSHOT_ID.test(id)) && typeof sources === 'object' && sources !== null)
      return { ...(id && { id }), sources };
  } catch (cause) {
    throw damagedPointer(file, cause);
  }
  throw damagedPointer(file);
}

function damagedPointer(file: string, cause?: unknown): ScannerError {
  const message = `${file} names no snapshot; ${repairAdvice(dirname(file))}`;
  return new ScannerError('database.damaged', message, { file }, { cause });
}

/** What makes a database whole again, whatever is wrong with it: both ways need nothing of the snapshot that was. */
export function repairAdvice(directory: string): string {
  return `run cvescan db import FILE, or remove ${join(directory, FILE)} and run cvescan datasources-update`;
}

/** Reads the pointer of a database that is about to be replaced: a damaged one counts as none. */
export function readPointerIfWhole(directory: string): Pointer | undefined {
  try {
    return readPointer(directory);
  } catch {
    return undefined;
  }
}

/** Moves the pointer: a reader sees the old one or the new one, also after a power cut. */
export function movePointer(directory: string, pointer: Pointer): void {
  const file = join(directory, FILE);
  const next = `${file}.next`;
  const handle = openSync(next, 'w');
  try {
    writeSync(handle, `${JSON.stringify(pointer, undefined, 2)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, file);
  syncDirectory(directory);
}

/** Makes renames in a directory last. */
export function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
