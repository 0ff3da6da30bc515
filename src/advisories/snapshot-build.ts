import { closeSync, constants, copyFileSync, fsyncSync, openSync, rmSync, statfsSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { ScannerError } from '../model/errors.ts';
import { readChanges } from './changes-file.ts';
import { type Covers, deriveTables } from './derived-tables.ts';
import { editionOf } from './held-source.ts';
import { readPointer, snapshotFile } from './pointer.ts';
import { type EditedSource, type PartChange, SnapshotEditor, type SourceEditor } from './snapshot-editor.ts';
import { createSnapshotFile, damaged, openForEdit, openForRead } from './snapshot-file.ts';
import { unwritable } from './unwritable.ts';

/** A source's changes, and the edition that they were worked out from. */
export interface SourceEdit {
  readonly source: EditedSource;
  readonly from: string;
  readonly changesFile: string;
}

/** A copy that was edited to its end, under a name of its own; nobody reads it yet. */
export interface BuiltSnapshot {
  readonly id: string;
  /** The snapshot that was copied. */
  readonly base: string | undefined;
  readonly file: string;
  readonly changes: Iterable<PartChange>;
}

const FREE_SPACE_FACTOR = 3;

interface OpenEdit {
  readonly editor: SourceEditor;
  readonly changesFile: string;
  appliedBytes: number;
}

/** Edits a private copy of the current snapshot, several sources side by side, as fast as their changes are written. */
export class SnapshotBuild {
  readonly base: string | undefined;
  readonly #directory: string;
  readonly #file: string;
  readonly #db: DatabaseSync;
  readonly #editor: SnapshotEditor;
  readonly #edits = new Map<string, OpenEdit>();

  /** @param file where the copy goes. @throws ScannerError `database.unwritable`, `database.damaged`. */
  constructor(directory: string, file: string) {
    this.base = readPointer(directory)?.id;
    this.#directory = directory;
    this.#file = file;
    try {
      if (this.base === undefined) createSnapshotFile(file);
      else copySnapshot(snapshotFile(directory, this.base), file);
      this.#db = openForEdit(file);
      this.#db.exec('BEGIN');
    } catch (cause) {
      throw unwritable(file, cause);
    }
    this.#editor = new SnapshotEditor(this.#db);
  }

  /** @returns false, and nothing is done, where the copy holds another edition than the changes were worked out from. */
  begin({ source, from, changesFile }: SourceEdit): boolean {
    if (editionOf(this.#db, source.name) !== from) return false;
    const editor = this.#guarded(() => this.#editor.edit(source));
    this.#edits.set(source.name, { editor, changesFile, appliedBytes: 0 });
    return true;
  }

  /** Applies what was written of a source's changes up to here. */
  apply(source: string, endBytes: number): void {
    const edit = this.#edits.get(source)!;
    const range = { file: edit.changesFile, startBytes: edit.appliedBytes, endBytes };
    this.#guarded(() => edit.editor.apply(readChanges(range)));
    edit.appliedBytes = endBytes;
  }

  /** Applies the rest of a source's changes. */
  end(source: string): void {
    const { editor, changesFile } = this.#edits.get(source)!;
    this.apply(source, sizeOf(changesFile));
    this.#guarded(() => editor.finish());
  }

  /** Makes what follows from the rows, and writes the copy through to the disk. */
  finish(covers: Covers): BuiltSnapshot {
    const id = this.#guarded(() => {
      const derived = deriveTables(this.#db, covers);
      this.#db.exec('COMMIT');
      this.#db.close();
      syncFile(this.#file);
      return derived;
    });
    return { id, base: this.base, file: this.#file, changes: this.#editor.partChanges() };
  }

  /** Throws the copy away. */
  discard(): void {
    if (this.#db.isOpen) this.#db.close();
    rmSync(this.#file, { force: true });
  }

  #guarded<Result>(write: () => Result): Result {
    try {
      return write();
    } catch (cause) {
      // The copy has the damage of its original.
      if (this.base !== undefined && isCorrupt(cause))
        throw damaged(snapshotFile(this.#directory, this.base), 'its tables cannot be read', cause);
      throw unwritable(this.#file, cause);
    }
  }
}

/** SQLITE_CORRUPT, SQLITE_NOTADB. */
const isCorrupt = (cause: unknown): boolean =>
  cause instanceof Error && 'errcode' in cause && [11, 26].includes(Number(cause.errcode) & 0xff);

/** Copies a snapshot, sharing its blocks where the file system can. @throws ScannerError `database.damaged`, `database.unwritable`. */
function copySnapshot(from: string, to: string): void {
  openForRead(from).close();
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
}

/**
 * Checks the disk before a copy is made. @param operation what needs it, for the message. @param sizeBytes of what is to be written once.
 * @throws ScannerError `database.unwritable`.
 */
export function checkFreeSpace(
  directory: string,
  { operation, sizeBytes }: { readonly operation: string; readonly sizeBytes: number },
  freeBytes = freeBytesOf,
): void {
  const [free, wanted] = [freeBytes(directory), sizeBytes * FREE_SPACE_FACTOR];
  if (free >= wanted) return;
  // Rounded apart: what is free is never shown as enough.
  const [freeMebibytes, wantedMebibytes] = [Math.floor(free / 2 ** 20), Math.ceil(wanted / 2 ** 20)];
  throw new ScannerError(
    'database.unwritable',
    `${directory} has ${freeMebibytes} MiB free, ${operation} needs ${wantedMebibytes} MiB: make room, or choose another --db DIR`,
    { free, wanted },
  );
}

function freeBytesOf(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** Size of a file; 0 where there is none. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Writes a file through to the disk. */
export function syncFile(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
