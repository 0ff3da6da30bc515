import type { DatabaseSync } from 'node:sqlite';
import { type HeldPart, type HeldSource, NOTHING_HELD } from './collect-changes.ts';
import { readPointer, snapshotFile } from './pointer.ts';
import { damaged, openForRead } from './snapshot-file.ts';

/**
 * What the current snapshot of a directory holds of a source, without its rows; to be closed after use.
 *
 * @throws ScannerError `database.damaged`.
 */
export function openHeldSource(directory: string, name: string): HeldSource & Disposable {
  const id = readPointer(directory)?.id;
  if (id === undefined) return { ...NOTHING_HELD, [Symbol.dispose]() {} };
  const file = snapshotFile(directory, id);
  const db = openForRead(file);
  try {
    const held = readHeldSource(db, name);
    const parts = () => orDamaged(file, held.parts);
    return { ...held, parts, [Symbol.dispose]: () => db.close() };
  } catch (cause) {
    db.close();
    throw damaged(file, 'its tables cannot be read', cause);
  }
}

function orDamaged<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw damaged(file, 'its tables cannot be read', cause);
  }
}

function readHeldSource(db: DatabaseSync, name: string): HeldSource {
  const source = db.prepare('SELECT * FROM source WHERE name = ?').get(name);
  if (!source) return NOTHING_HELD;
  const number = Number(source.number);
  const rows = db.prepare('SELECT number, name, revision, is_delta FROM document WHERE source = ?').all(number);
  const documents = new Map(
    rows.map((row) => [String(row.name), { revision: String(row.revision), isDelta: row.is_delta === 1 }] as const),
  );
  let parts: ReadonlyMap<string, HeldPart> | undefined;
  const problems = db
    .prepare(`SELECT message FROM problem WHERE source = ? AND document = '' ORDER BY message`)
    .all(number);
  return {
    version: Number(source.version),
    edition: String(source.edition),
    documents,
    parts() {
      parts ??= readParts(db, number, new Map(rows.map((row) => [Number(row.number), String(row.name)])));
      return parts;
    },
    partCount: Number(source.part_count),
    recordCount: Number(source.record_count),
    feedProblems: problems.map(({ message }) => String(message)),
  };
}

function readParts(db: DatabaseSync, source: number, documents: ReadonlyMap<number, string>): Map<string, HeldPart> {
  const parts = new Map<string, HeldPart>();
  const rows = db.prepare(
    'SELECT name, document, revision, lower(hex(hash)) AS hash, record_count FROM part WHERE source = ?',
  );
  for (const { name, document, revision, hash, record_count } of rows.iterate(source)) {
    parts.set(String(name), {
      document: documents.get(Number(document)) ?? '',
      revision: String(revision),
      hash: String(hash),
      recordCount: Number(record_count),
    });
  }
  return parts;
}

/** The edition of a source in a snapshot; `` where it holds nothing of it. */
export function editionOf(db: DatabaseSync, name: string): string {
  return (db.prepare('SELECT edition FROM source WHERE name = ?').get(name)?.edition as string | undefined) ?? '';
}
