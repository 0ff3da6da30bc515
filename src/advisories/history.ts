import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { PartChange } from './snapshot-editor.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS publication (number INTEGER PRIMARY KEY, snapshot TEXT NOT NULL, previous TEXT, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS part_change (
  publication INTEGER NOT NULL, source TEXT NOT NULL, part TEXT NOT NULL, old BLOB, new BLOB,
  PRIMARY KEY (publication, source, part)) WITHOUT ROWID;
`;

/** A snapshot that takes the place of another. */
export interface Publication {
  readonly id: string;
  /** Absent for the first one. */
  readonly previous: string | undefined;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Appends a publication to `history.sqlite`: which parts changed, from which hash to which. Written before the pointer moves;
 * what was written for a pointer that never moved is taken back by the next publication.
 */
export function appendHistory(
  directory: string,
  { id, previous, at }: Publication,
  changes: Iterable<PartChange>,
): void {
  const db = new DatabaseSync(join(directory, 'history.sqlite'));
  try {
    db.exec(`PRAGMA synchronous = NORMAL; ${SCHEMA} BEGIN IMMEDIATE`);
    takeBack(db, previous);
    const insert = db.prepare('INSERT INTO publication (snapshot, previous, at) VALUES (?, ?, ?)');
    const number = Number(insert.run(id, previous ?? null, at).lastInsertRowid);
    const change = db.prepare(
      'INSERT OR REPLACE INTO part_change (publication, source, part, old, new) VALUES (?, ?, ?, ?, ?)',
    );
    for (const { source, part, old, new: now } of changes) {
      change.run(number, source, part, bytesOf(old), bytesOf(now));
    }
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}

function takeBack(db: DatabaseSync, current: string | undefined): void {
  const last = db.prepare('SELECT number, snapshot FROM publication ORDER BY number DESC LIMIT 1').get();
  if (!last || last.snapshot === current) return;
  // A history whose snapshot went by other means (a file removed by hand) is no leftover: only what follows the current one goes.
  const known = db.prepare('SELECT max(number) AS number FROM publication WHERE snapshot = ?').get(current ?? '');
  const from = (known?.number as number | null) ?? (current === undefined ? 0 : undefined);
  if (from === undefined) return;
  db.prepare('DELETE FROM part_change WHERE publication > ?').run(from);
  db.prepare('DELETE FROM publication WHERE number > ?').run(from);
}

const bytesOf = (hash: string | undefined): Uint8Array | null => (hash === undefined ? null : Buffer.from(hash, 'hex'));
