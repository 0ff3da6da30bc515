import { existsSync } from 'node:fs';
import { ScannerError } from '../model/errors.ts';
import { readPointer, type SourceCheck, snapshotFile } from './pointer.ts';
import { Snapshot } from './snapshot.ts';
import { damaged, openForRead } from './snapshot-file.ts';

export interface OpenOptions {
  /** A snapshot other than the current one. */
  readonly id?: string;
  /** What is to be scanned, for the advice where there is no database. */
  readonly target?: string;
}

/**
 * Opens the current snapshot of a database directory, or a named one, for reading. It stays what it is however the directory
 * changes, until `close`.
 *
 * @throws ScannerError `database.missing`, `database.damaged`.
 */
export function openSnapshot(directory: string, { id, target = 'TARGET' }: OpenOptions = {}): Snapshot {
  const pointer = readPointer(directory);
  const wanted = id ?? pointer?.id;
  if (wanted === undefined) throw missing(directory, target);
  const file = snapshotFile(directory, wanted);
  if (!existsSync(file)) {
    if (id !== undefined) throw new ScannerError('database.missing', `${directory} holds no snapshot ${id}`, { id });
    throw damaged(file, 'the file that current names is not there');
  }
  return openSnapshotFile(file, pointer?.id === wanted ? pointer.sources : {});
}

/** Looks whether an update can go on from what a directory holds. @throws ScannerError `database.damaged`. */
export function checkCurrentSnapshot(directory: string): void {
  if (readPointer(directory)?.id !== undefined) openSnapshot(directory).close();
}

/** Opens a snapshot by its file. @throws ScannerError `database.damaged`. */
export function openSnapshotFile(file: string, checks: Readonly<Record<string, SourceCheck>> = {}): Snapshot {
  const db = openForRead(file);
  try {
    const checkedAt = Object.entries(checks).map(([source, check]) => [source, check.checkedAt] as const);
    return new Snapshot(db, Object.fromEntries(checkedAt));
  } catch (cause) {
    db.close();
    throw damaged(file, 'its tables cannot be read', cause);
  }
}

function missing(directory: string, target: string): ScannerError {
  return new ScannerError(
    'database.missing',
    `there is no advisory database in ${directory}; get one with: cvescan datasources-update --only-needed ${target}`,
    { directory },
  );
}
