import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Problem } from '../model/problem.ts';
import { AdvisoryPages } from './advisory-pages.ts';
import type { Change } from './changes-file.ts';
import type { CompactPart } from './compact-part.ts';
import { CpeTables } from './cpe-tables.ts';
import { packLines, type StoredPage, unpackLines } from './page.ts';
import { RECORD_KIND } from './schema.ts';
import { TextPages } from './text-pages.ts';
import { packRising, unpackRising } from './varints.ts';

/** A part before and after; one of the hashes is missing where it came or went. */
export interface PartChange {
  readonly source: string;
  readonly part: string;
  readonly old?: string;
  readonly new?: string;
}

/** A source after its changes. */
export interface EditedSource {
  readonly name: string;
  readonly version: number;
  /** ISO 8601. */
  readonly updatedAt: string;
  /** Names this state of the source: changes made from one edition are applied to no other. */
  readonly edition: string;
}

interface HeldRow {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly ids: StoredPage | null;
  readonly holds: number;
}

/** Bits of `part.holds`: what there is to remove when the part goes. */
const HOLDS = { advisories: 1, texts: 2, configurations: 4, aliases: 8 } as const;

/** Edits a private copy of a snapshot. No journal is kept: a copy whose edit failed is thrown away. */
export class SnapshotEditor {
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #advisories: AdvisoryPages;
  readonly #texts: TextPages;
  readonly #cpe: CpeTables;
  readonly #partChanges = new Map<string, PartChange>();
  #documents = new Map<string, number>();

  /** @param db a writable database with the schema's tables. */
  constructor(db: DatabaseSync) {
    this.#sql = prepareStatements(db);
    this.#advisories = new AdvisoryPages(db);
    this.#texts = new TextPages(db);
    this.#cpe = new CpeTables(db);
  }

  /** What happened to the parts so far. */
  get partChanges(): readonly PartChange[] {
    return [...this.#partChanges.values()];
  }

  /** Applies all changes of one source. */
  apply({ name, version, updatedAt, edition }: EditedSource, changes: Iterable<Change>): void {
    const known = this.#sql.sourceNumber.get(name) as { number: number } | undefined;
    const number = known?.number ?? Number(this.#sql.insertSource.run(name).lastInsertRowid);
    this.#documents = new Map(
      (this.#sql.documents.all(number) as { name: string; number: number }[]).map((row) => [row.name, row.number]),
    );
    for (const change of changes) this.#applyChange({ number, name }, change);
    this.#advisories.flush(number);
    this.#texts.flush();
    this.#cpe.flush();
    this.#sql.updateSource.run(version, updatedAt, number, edition);
  }

  #applyChange(source: Source, change: Change): void {
    switch (change.kind) {
      case 'part':
        this.#replacePart(source, change.part);
        return;
      case 'relabel':
        this.#sql.relabelPart.run(
          this.#document(source.number, change.document),
          change.revision,
          source.number,
          change.part,
        );
        return;
      case 'drop part':
        this.#dropPart(source, change.part);
        return;
      case 'document':
        this.#sql.updateDocument.run(
          change.revision,
          change.isDelta ? 1 : 0,
          this.#document(source.number, change.name),
        );
        return;
      case 'drop document':
        this.#sql.deleteProblems.run(source.number, change.name);
        this.#sql.deleteDocument.run(source.number, change.name);
        return;
      case 'problems':
        this.#replaceProblems(source.number, change.document, change.problems);
        return;
    }
  }

  #dropPart(source: Source, part: string): void {
    const held = this.#sql.part.get(source.number, part) as HeldRow | undefined;
    if (!held) return;
    this.#removeRows(source, part, held);
    this.#sql.deletePart.run(held.number);
    this.#note({ source: source.name, part, old: hexOf(held.hash) });
  }

  #document(source: number, name: string): number {
    const known = this.#documents.get(name);
    if (known !== undefined) return known;
    const number = Number(this.#sql.insertDocument.run(source, name).lastInsertRowid);
    this.#documents.set(name, number);
    return number;
  }

  #replaceProblems(source: number, document: string, problems: readonly Problem[]): void {
    this.#sql.deleteProblems.run(source, document);
    for (const { code, message, path } of problems) {
      this.#sql.insertProblem.run(source, document, code, message, path ?? null);
    }
  }

  #replacePart({ number: source, name: sourceName }: Source, part: CompactPart): void {
    const held = this.#sql.part.get(source, part.part) as HeldRow | undefined;
    if (held) this.#removeRows({ number: source, name: sourceName }, part.part, held);
    const number = held?.number ?? Number(this.#sql.insertPart.run(source, part.part).lastInsertRowid);
    const ids = idsOf(part);
    this.#sql.updatePart.run(
      this.#document(source, part.document),
      part.revision,
      Buffer.from(part.hash, 'hex'),
      part.recordCount,
      holdsOf(part),
      ids.length === 1 && ids[0] === part.part ? null : packLines(ids),
      number,
    );
    this.#insertRows({ number: source, name: sourceName }, number, part);
    this.#note({ source: sourceName, part: part.part, ...(held && { old: hexOf(held.hash) }), new: part.hash });
  }

  #insertRows({ number: source, name: sourceName }: Source, number: number, { part, rows }: CompactPart): void {
    const targets = rows.advisories.map((row) => this.#advisories.add(source, part, row));
    for (const [id, places] of rows.links) {
      const numbers = [...new Set(places.map((place) => targets[place]!))].sort((a, b) => a - b);
      this.#sql.insertRecord.run(id, RECORD_KIND.advisories, source, number, packRising(numbers));
    }
    for (const [id, kind, body] of rows.records) this.#sql.insertRecord.run(id, kind, source, number, body);
    for (const [bucket, line] of rows.texts) this.#texts.add(`${sourceName} ${part}`, bucket, line);
    for (const [id, others] of rows.aliases) {
      for (const other of others) this.#sql.insertAlias.run(number, id, other);
    }
    for (const [id, tree] of rows.configurations) this.#cpe.add({ id, source, part: number }, tree, rows.criteria);
  }

  #removeRows({ number: source, name: sourceName }: Source, part: string, { number, ids, holds }: HeldRow): void {
    for (const id of ids === null ? [part] : unpackLines(ids)) {
      if (holds & HOLDS.advisories) {
        const row = this.#sql.recordBody.get(id, RECORD_KIND.advisories, source, number);
        if (row) this.#advisories.drop(part, unpackRising(row.body as Uint8Array));
      }
      this.#sql.deleteRecords.run(id, source, number);
      if (holds & HOLDS.texts) this.#texts.drop(`${sourceName} ${part}`, id);
      if (holds & HOLDS.configurations) this.#cpe.remove({ id, source, part: number });
    }
    if (holds & HOLDS.aliases) this.#sql.deleteAliases.run(number);
  }

  #note({ source, part, ...hashes }: PartChange): void {
    const key = `${source}\n${part}`;
    const { old } = this.#partChanges.get(key) ?? hashes;
    if (old === hashes.new) this.#partChanges.delete(key);
    else this.#partChanges.set(key, { source, part, ...(old && { old }), ...(hashes.new && { new: hashes.new }) });
  }
}

interface Source {
  readonly number: number;
  readonly name: string;
}

const hexOf = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');

/** Every vulnerability that rows of the part name, sorted. */
function idsOf({ rows }: CompactPart): string[] {
  const ids = new Set<string>();
  for (const [id] of rows.links) ids.add(id);
  for (const [id] of rows.records) ids.add(id);
  for (const [id] of rows.configurations) ids.add(id);
  return [...ids].sort();
}

function holdsOf({ rows }: CompactPart): number {
  return (
    (rows.advisories.length > 0 ? HOLDS.advisories : 0) |
    (rows.texts.length > 0 ? HOLDS.texts : 0) |
    (rows.configurations.length > 0 ? HOLDS.configurations : 0) |
    (rows.aliases.length > 0 ? HOLDS.aliases : 0)
  );
}

function prepareStatements(db: DatabaseSync) {
  const counts = `
    part_count = (SELECT count(*) FROM part WHERE source = ?3),
    record_count = (SELECT coalesce(sum(record_count), 0) FROM part WHERE source = ?3),
    problem_count = (SELECT count(*) FROM problem WHERE source = ?3)`;
  return {
    sourceNumber: db.prepare('SELECT number FROM source WHERE name = ?'),
    insertSource: db.prepare(
      `INSERT INTO source (name, version, updated_at, edition, part_count, record_count, problem_count) VALUES (?, 0, '', '', 0, 0, 0)`,
    ),
    updateSource: db.prepare(
      `UPDATE source SET version = ?1, updated_at = ?2, edition = ?4, ${counts} WHERE number = ?3`,
    ),
    documents: db.prepare('SELECT name, number FROM document WHERE source = ?'),
    insertDocument: db.prepare(`INSERT INTO document (source, name, revision, is_delta) VALUES (?, ?, '', 0)`),
    updateDocument: db.prepare('UPDATE document SET revision = ?, is_delta = ? WHERE number = ?'),
    deleteDocument: db.prepare('DELETE FROM document WHERE source = ? AND name = ?'),
    part: db.prepare('SELECT number, hash, ids, holds FROM part WHERE source = ? AND name = ?'),
    insertPart: db.prepare(
      `INSERT INTO part (source, name, document, revision, hash, record_count, holds) VALUES (?, ?, 0, '', x'', 0, 0)`,
    ),
    updatePart: db.prepare(
      'UPDATE part SET document = ?, revision = ?, hash = ?, record_count = ?, holds = ?, ids = ? WHERE number = ?',
    ),
    relabelPart: db.prepare('UPDATE part SET document = ?, revision = ? WHERE source = ? AND name = ?'),
    deletePart: db.prepare('DELETE FROM part WHERE number = ?'),
    deleteProblems: db.prepare('DELETE FROM problem WHERE source = ? AND document = ?'),
    insertProblem: db.prepare('INSERT INTO problem (source, document, code, message, path) VALUES (?, ?, ?, ?, ?)'),
    insertRecord: db.prepare('INSERT INTO record (id, kind, source, part, body) VALUES (?, ?, ?, ?, ?)'),
    recordBody: db.prepare('SELECT body FROM record WHERE id = ? AND kind = ? AND source = ? AND part = ?'),
    deleteRecords: db.prepare('DELETE FROM record WHERE id = ? AND source = ? AND part = ?'),
    insertAlias: db.prepare('INSERT OR IGNORE INTO alias_statement (part, id, other) VALUES (?, ?, ?)'),
    deleteAliases: db.prepare('DELETE FROM alias_statement WHERE part = ?'),
  } satisfies Record<string, StatementSync>;
}
