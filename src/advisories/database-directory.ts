import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type HeldLock, type LockOptions, takeLock, tryLock } from './directory-lock.ts';
import { appendHistory } from './history.ts';
import {
  movePointer,
  type Pointer,
  readPointer,
  readPointerIfWhole,
  type SourceCheck,
  snapshotFile,
  syncDirectory,
} from './pointer.ts';
import type { BuiltSnapshot } from './snapshot-build.ts';
import { unwritable } from './unwritable.ts';

/** What a killed update leaves, named by a source: the holder of its lock may remove it. */
const LEFTOVER_OF_SOURCE = /^(?:building|changes)-([a-z0-9_]+)(?:-journal)?$/;
/** What only the holder of the directory's lock makes. */
const LEFTOVER = /^import(?:-journal)?$|^current\.next$/;
const SNAPSHOT = /^advisories-[0-9a-f]{64}\.sqlite$/;
/** The current one, and the one before, which scans may be about to open by its name. */
const KEPT_SNAPSHOTS = 2;

/** Makes the directory. @throws ScannerError `database.unwritable`. */
export function makeDatabaseDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

/** Takes the one lock of the directory: whoever moves `current` holds it. */
export const lockDirectory = (directory: string, options: LockOptions): Promise<HeldLock> =>
  takeLock(join(directory, 'locks', 'directory'), options);

/** Takes the lock of one source: its feed is fetched by one process at a time. */
export const lockSource = (directory: string, source: string, options: LockOptions): Promise<HeldLock> =>
  takeLock(sourceLockFile(directory, source), options);

const sourceLockFile = (directory: string, source: string): string => join(directory, 'locks', `source-${source}`);

/** Where a snapshot is built by the holder of a source's lock. */
export const buildingFile = (directory: string, source: string): string => join(directory, `building-${source}`);

/** Where a source's changes wait, written by the holder of its lock. */
export const changesFile = (directory: string, source: string): string => join(directory, `changes-${source}`);

/** Where an imported snapshot is unpacked by the holder of the directory's lock. */
export const importFile = (directory: string): string => join(directory, 'import');

/**
 * Makes a built snapshot the current one; the caller holds the directory's lock.
 *
 * @param built undefined where only the sources' checks are new: then no file is made.
 */
export function publish(directory: string, { built, checks, at }: Publishing): void {
  const held = built?.replacesSources ? readPointerIfWhole(directory) : readPointer(directory);
  const pointer: Pointer = {
    ...(held?.id && { id: held.id }),
    ...(built && { id: built.id }),
    sources: { ...(built?.replacesSources ? {} : held?.sources), ...checks },
  };
  try {
    if (built) {
      renameSync(built.file, snapshotFile(directory, built.id));
      syncDirectory(directory);
      if (built.id !== held?.id) appendHistory(directory, { id: built.id, previous: held?.id, at }, built.changes);
    }
    movePointer(directory, pointer);
    removeLeftovers(directory, pointer.id);
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

/** What is to be published. */
export interface Publishing {
  readonly built: (Pick<BuiltSnapshot, 'id' | 'file' | 'changes'> & { readonly replacesSources?: boolean }) | undefined;
  readonly checks: Readonly<Record<string, SourceCheck>>;
  /** ISO 8601. */
  readonly at: string;
}

/** Removes what killed updates left, and old snapshots: who still reads one keeps it open. The caller holds the lock. */
export function removeLeftovers(directory: string, current: string | undefined): void {
  const names = readdirSync(directory);
  for (const name of names.filter((leftover) => LEFTOVER.test(leftover)))
    rmSync(join(directory, name), { force: true });
  for (const name of names) {
    const source = LEFTOVER_OF_SOURCE.exec(name)?.[1];
    // Whoever is at work holds the lock of that source.
    using lock = source === undefined ? undefined : tryLock(sourceLockFile(directory, source));
    if (lock) rmSync(join(directory, name), { force: true });
  }
  const snapshots = names
    .filter((name) => SNAPSHOT.test(name))
    .map((name) => join(directory, name))
    .map((file) => ({ file, writtenMs: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.writtenMs - a.writtenMs);
  const currentFile = current === undefined ? '' : snapshotFile(directory, current);
  const others = snapshots.filter(({ file }) => file !== currentFile);
  for (const { file } of others.slice(KEPT_SNAPSHOTS - 1)) rmSync(file, { force: true });
}
