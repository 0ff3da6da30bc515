import type { DatabaseSync } from 'node:sqlite';
import { groupsOfStatements } from './derived-tables.ts';
import { RECORD_KIND } from './schema.ts';

/** Aliases as the records state them; their rows are hashed, those of `alias_statement` are not. */
const STATED_ALIASES = `SELECT part, record.id, value FROM record, json_each(record.body, '$[6]')
  WHERE kind = ${RECORD_KIND.vulnerability} AND json_type(record.body, '$[6]') = 'array'`;
const STORED_ALIASES = 'SELECT part, id, other FROM alias_statement';

/** What no hash covers: each with a query for a row that shows it wrong. */
const FAULTS: readonly (readonly [fault: string, query: string])[] = [
  ['an alias that no record states', `${STORED_ALIASES} EXCEPT ${STATED_ALIASES}`],
  ['an alias is missing', `${STATED_ALIASES} EXCEPT ${STORED_ALIASES}`],
  [
    'a namespace counts as covered by a source that holds nothing of it',
    `SELECT 1 FROM coverage WHERE NOT EXISTS (
      SELECT 1 FROM advisory WHERE advisory.namespace = coverage.namespace AND advisory.source = coverage.source)`,
  ],
  [
    'a part of a document that is not held',
    `SELECT 1 FROM part WHERE NOT EXISTS (
      SELECT 1 FROM document WHERE document.number = part.document AND document.source = part.source)`,
  ],
  [
    'the counts of a source are not those of its rows',
    `SELECT 1 FROM source WHERE
      part_count <> (SELECT count(*) FROM part WHERE source = source.number) OR
      record_count <> (SELECT coalesce(sum(record_count), 0) FROM part WHERE source = source.number) OR
      problem_count <> (SELECT count(*) FROM problem WHERE source = source.number)`,
  ],
];

/**
 * Derives anew what follows from the rows, and compares. Not covered: revisions of parts and documents, and until when a source
 * covers a namespace; they stand in the snapshot alone.
 *
 * @returns what is wrong, in words; whole when empty.
 */
export function derivedFaults(db: DatabaseSync): string[] {
  const faults = FAULTS.flatMap(([fault, query]) => (db.prepare(`${query} LIMIT 1`).get() ? [fault] : []));
  if (!areGroupsDerived(db)) faults.push('the alias groups are not those that follow from the aliases');
  return faults;
}

function areGroupsDerived(db: DatabaseSync): boolean {
  const missing = new Set<string>();
  for (const { canonical, ids } of groupsOfStatements(db)) {
    for (const id of ids) missing.add(JSON.stringify([id, canonical]));
  }
  for (const { id, canonical } of db.prepare('SELECT id, canonical FROM alias').iterate()) {
    if (!missing.delete(JSON.stringify([id, canonical]))) return false;
  }
  return missing.size === 0;
}
