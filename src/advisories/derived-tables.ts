import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Coverage } from '../feeds/updater.ts';
import { type AliasGroup, type AliasStatement, aliasGroups } from './alias-groups.ts';

/** What an updater declares of a namespace. */
export type Covers = (source: string, namespace: string) => Coverage | undefined;

/** Makes anew what follows from the rows: alias groups, coverage, the snapshot's id. @returns the id. */
export function deriveTables(db: DatabaseSync, covers: Covers): string {
  deriveAliases(db);
  deriveCoverage(db, covers);
  const id = computeSnapshotId(db);
  db.exec('DELETE FROM snapshot');
  db.prepare('INSERT INTO snapshot (id) VALUES (?)').run(id);
  return id;
}

/** SHA-256 over the sorted (source, part, hash), in hex. Reads `part` in the order of its index. */
export function computeSnapshotId(db: DatabaseSync): string {
  const hash = createHash('sha256');
  const parts = db.prepare('SELECT name, lower(hex(hash)) AS hash FROM part WHERE source = ? ORDER BY name');
  for (const { number, name } of db.prepare('SELECT number, name FROM source ORDER BY name').all()) {
    for (const part of parts.iterate(number as number))
      hash.update(`${JSON.stringify([name, part.name, part.hash])}\n`);
  }
  return hash.digest('hex');
}

function deriveAliases(db: DatabaseSync): void {
  const groups = groupsOfStatements(db);
  db.exec('DELETE FROM alias');
  const insert = db.prepare('INSERT INTO alias (id, canonical) VALUES (?, ?)');
  for (const { canonical, ids } of groups) for (const id of ids) insert.run(id, canonical);
}

/** The alias groups that follow from what the sources state. */
export function groupsOfStatements(db: DatabaseSync): AliasGroup[] {
  const statements = db.prepare('SELECT id, other FROM alias_statement').all() as { id: string; other: string }[];
  return aliasGroups(statements.map(({ id, other }): AliasStatement => [id, other]));
}

/** A namespace is covered where its source declares it and holds rows for it. */
function deriveCoverage(db: DatabaseSync, covers: Covers): void {
  db.exec('DELETE FROM coverage');
  const insert = db.prepare('INSERT INTO coverage (namespace, source, until) VALUES (?, ?, ?)');
  const held = db.prepare(
    `SELECT DISTINCT advisory.namespace, advisory.source, namespace.name AS namespaceName, source.name AS sourceName
     FROM advisory JOIN namespace ON namespace.number = advisory.namespace JOIN source ON source.number = advisory.source`,
  );
  for (const { namespace, source, namespaceName, sourceName } of held.all()) {
    const coverage = covers(sourceName as string, namespaceName as string);
    if (coverage) insert.run(namespace as number, source as number, coverage.until ?? null);
  }
}
