import type { DatabaseSync } from 'node:sqlite';
import { type HeldPart, type HeldSource, NOTHING_HELD } from './collect-changes.ts';
import { readPointer, snapshotFile } from './pointer.ts';
import { openForRead } from './snapshot-file.ts';

/** What the current snapshot of a directory holds of a source, without its rows. @throws ScannerError `database.damaged`. */
export function loadHeldSource(directory: string, name: string): HeldSource {
  const id = readPointer(directory)?.id;
  if (id === undefined) return NOTHING_HELD;
  const db = openForRead(snapshotFile(directory, id));
  try {
    return readHeldSource(db, name);
  } finally {
    db.close();
  }
}

function readHeldSource(db: DatabaseSync, name: string): HeldSource {
  const source = db.prepare('SELECT number, version, edition FROM source WHERE name = ?').get(name);
  if (!source) return NOTHING_HELD;
  const number = source.number as number;
  const documents = new Map<string, { readonly revision: string; readonly isDelta: boolean }>();
  const documentNames = new Map<number, string>();
  for (const row of db
    .prepare('SELECT number, name, revision, is_delta FROM document WHERE source = ?')
    .iterate(number)) {
    documentNames.set(row.number as number, row.name as string);
    documents.set(row.name as string, { revision: row.revision as string, isDelta: row.is_delta === 1 });
  }
  const parts = new Map<string, HeldPart>();
  const rows = db.prepare(
    'SELECT name, document, revision, lower(hex(hash)) AS hash, record_count FROM part WHERE source = ?',
  );
  for (const row of rows.iterate(number)) {
    parts.set(row.name as string, {
      document: documentNames.get(row.document as number) ?? '',
      revision: row.revision as string,
      hash: row.hash as string,
      recordCount: row.record_count as number,
    });
  }
  const problems = db
    .prepare(`SELECT message FROM problem WHERE source = ? AND document = '' ORDER BY message`)
    .all(number);
  return {
    version: source.version as number,
    edition: source.edition as string,
    documents,
    parts,
    feedProblems: problems.map(({ message }) => message as string),
  };
}

/** The edition of a source in a snapshot; `` where it holds nothing of it. */
export function editionOf(db: DatabaseSync, name: string): string {
  return (db.prepare('SELECT edition FROM source WHERE name = ?').get(name)?.edition as string | undefined) ?? '';
}
