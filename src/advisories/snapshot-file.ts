import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { ScannerError } from '../model/errors.ts';
import { repairAdvice } from './pointer.ts';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** Larger than SQLite's own, so that pages of advisories seldom spill over. */
const PAGE_BYTES = 8192;
const WRITER_CACHE_KIB = 48 << 10;

/** Makes an empty snapshot file. */
export function createSnapshotFile(file: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec(
      `PRAGMA journal_mode = OFF; PRAGMA page_size = ${PAGE_BYTES}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`,
    );
    db.exec(SCHEMA);
  } finally {
    db.close();
  }
}

/**
 * Opens a private copy for writing. No journal: a copy whose edit did not come to its end is thrown away, and one that did is
 * written through to the disk before its name says so.
 */
export function openForEdit(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA trusted_schema = OFF; PRAGMA cache_size = -${WRITER_CACHE_KIB}; PRAGMA temp_store = MEMORY`);
  return db;
}

/**
 * Opens a snapshot for reading. The file never changes, so no lock is taken and nothing is written beside it.
 *
 * @throws ScannerError `database.missing`, `database.damaged`.
 */
export function openForRead(file: string): DatabaseSync {
  const url = pathToFileURL(file);
  url.searchParams.set('immutable', '1');
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(url, { readOnly: true, allowExtension: false });
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA query_only = ON');
    checkSchema(db, file);
    return db;
  } catch (cause) {
    db?.close();
    throw cause instanceof ScannerError ? cause : damaged(file, 'it is no readable SQLite file', cause);
  }
}

/** @throws ScannerError `database.damaged` for a file that is none of ours: its tables would not mean what we read from them. */
function checkSchema(db: DatabaseSync, file: string): void {
  const pragma = (name: string): unknown => db.prepare(`PRAGMA ${name}`).get()?.[name];
  if (pragma('application_id') !== APPLICATION_ID) throw damaged(file, 'it is no advisory database');
  const version = pragma('user_version');
  if (version !== SCHEMA_VERSION) throw damaged(file, `its format is ${version}, this program reads ${SCHEMA_VERSION}`);
  if (schemaText(db) !== expectedSchema()) throw damaged(file, 'its tables are not those of an advisory database');
}

const schemaText = (db: DatabaseSync): string =>
  db
    .prepare(`SELECT sql FROM sqlite_schema ORDER BY name`)
    .all()
    .map(({ sql }) => String(sql ?? ''))
    .filter((sql) => sql !== '')
    .join(';\n');

let expected: string | undefined;

function expectedSchema(): string {
  if (expected !== undefined) return expected;
  const db = new DatabaseSync(':memory:');
  db.exec(SCHEMA);
  expected = schemaText(db);
  db.close();
  return expected;
}

/** The error of a snapshot that cannot be read. */
export function damaged(file: string, reason: string, cause?: unknown): ScannerError {
  const message = `${file} is damaged: ${reason}; ${repairAdvice(dirname(file))}`;
  return new ScannerError('database.damaged', message, { file, reason }, { cause });
}
