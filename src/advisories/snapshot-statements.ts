import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RECORD_KIND } from './schema.ts';

/** Every question that is asked of a snapshot; all of them go by a primary key or a unique index. */
export function prepareStatements(db: DatabaseSync) {
  return {
    id: db.prepare('SELECT id FROM snapshot'),
    sources: db.prepare('SELECT * FROM source WHERE part_count > 0 ORDER BY name'),
    namespaces: db.prepare('SELECT name FROM namespace ORDER BY name'),
    advisories: db.prepare('SELECT source, lines FROM advisory WHERE namespace = ? AND package = ?'),
    packages: db.prepare('SELECT DISTINCT package FROM advisory WHERE namespace = ? ORDER BY package'),
    named: db.prepare('SELECT 1 FROM record WHERE id = ? UNION ALL SELECT 1 FROM alias WHERE id = ? LIMIT 1'),
    links: db.prepare(`SELECT source, body FROM record WHERE id = ? AND kind = ${RECORD_KIND.advisories}`),
    kernel: db.prepare('SELECT lines FROM text WHERE bucket >= ? AND bucket < ? ORDER BY bucket, source'),
    backports: db.prepare(`SELECT body FROM record WHERE id = ? AND kind = ${RECORD_KIND.backports}`),
    target: db.prepare('SELECT namespace, package AS packageName FROM target WHERE number = ?'),
    coverage: db.prepare(
      `SELECT source.name AS source, until FROM coverage JOIN source ON source.number = coverage.source
       WHERE namespace = ? ORDER BY source.name`,
    ),
    anyProduct: db.prepare('SELECT 1 FROM cpe_link LIMIT 1'),
    parts: db.prepare('SELECT name, revision, lower(hex(hash)) AS hash FROM part WHERE source = ? ORDER BY name'),
    idsOfPart: db.prepare('SELECT ids FROM part WHERE source = ? AND name = ?'),
    problems: db.prepare('SELECT code, message, path FROM problem WHERE source = ? ORDER BY document, code, message'),
  } satisfies Record<string, StatementSync>;
}
