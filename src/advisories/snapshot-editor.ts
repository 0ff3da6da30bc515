import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Problem } from '../model/problem.ts';
import type { Change, StoredPart } from './changes-file.ts';
import { CpeTables } from './cpe-tables.ts';
import { type StoredPlace, storedTree } from './cpe-tree.ts';
import { kernelBucket } from './kernel-line.ts';
import { packLines, type StoredPage, unpackLines } from './page.ts';
import { type PageStore, PageTable } from './page-table.ts';
import { RECORD_KIND } from './schema.ts';
import { Targets } from './targets.ts';
import { packRising, unpackRising } from './varints.ts';
import { textBucketOf } from './vulnerability-line.ts';

/** A part before and after; one of the hashes is missing where it came or went. */
export interface PartChange extends PartHashes {
  readonly source: string;
  readonly part: string;
}

interface PartHashes {
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
const HOLDS = { advisories: 1, texts: 2, configurations: 4, aliases: 8, kernel: 16 } as const;

/** What is common to the edits of one copy. */
interface Shared {
  readonly sql: Statements;
  readonly targets: Targets;
  readonly cpe: CpeTables;
  /** By source and part. */
  readonly changes: Map<string, Map<string, PartHashes>>;
}

/** Edits a private copy of a snapshot, several sources side by side. No journal is kept: a copy whose edit failed is thrown away. */
export class SnapshotEditor {
  readonly #shared: Shared;

  /** @param db a writable database with the schema's tables. */
  constructor(db: DatabaseSync) {
    this.#shared = {
      sql: prepareStatements(db),
      targets: new Targets(db),
      cpe: new CpeTables(db),
      changes: new Map(),
    };
  }

  /** What happened to the parts so far. */
  *partChanges(): Generator<PartChange> {
    for (const [source, changes] of this.#shared.changes) {
      for (const [part, hashes] of changes) if (hashes.old !== hashes.new) yield { source, part, ...hashes };
    }
  }

  /** Begins the edit of one source. */
  edit(source: EditedSource): SourceEditor {
    return new SourceEditor(this.#shared, source);
  }

  /** After the last source. */
  finish(): void {
    this.#shared.cpe.flush();
  }
}

/** Edits the rows of one source. */
export class SourceEditor {
  readonly #source: EditedSource;
  readonly #number: number;
  readonly #shared: Shared;
  readonly #documents: Map<string, number>;
  readonly #changes = new Map<string, PartHashes>();
  readonly #advisories: PageTable<number>;
  readonly #texts: PageTable<string>;
  /** Numbers of the targets that the changes number from 0. */
  readonly #targets: number[] = [];
  /** The same of match criteria. */
  readonly #places: StoredPlace[] = [];

  constructor(shared: Shared, source: EditedSource) {
    const { sql, targets } = shared;
    this.#shared = shared;
    this.#source = source;
    shared.changes.set(source.name, this.#changes);
    const held = sql.sourceNumber.get(source.name);
    const number = Number(held?.number ?? sql.insertSource.run(source.name).lastInsertRowid);
    this.#number = number;
    this.#documents = new Map(sql.documents.all(number).map((row) => [String(row.name), Number(row.number)]));
    this.#advisories = new PageTable(advisoryStore(sql, targets, number));
    this.#texts = new PageTable(textStore(sql, number));
  }

  /** Applies some changes; they come in the order in which they were written. */
  apply(changes: Iterable<Change>): void {
    for (const change of changes) this.#apply(change);
  }

  /** After the last change. */
  finish(): void {
    this.#advisories.flush();
    this.#texts.flush();
    this.#shared.cpe.flush();
    const { version, updatedAt, edition } = this.#source;
    this.#shared.sql.updateSource.run(version, updatedAt, this.#number, edition);
  }

  #apply(change: Change): void {
    const { sql, targets, cpe } = this.#shared;
    const source = this.#number;
    switch (change.kind) {
      case 'part':
        this.#replacePart(change.part);
        return;
      case 'targets':
        for (const target of change.targets) this.#targets.push(targets.numberOf(target));
        return;
      case 'criteria':
        this.#places.push(...cpe.placesOf(change.criteria));
        return;
      case 'advisories':
        this.#advisories.add(this.#targets[change.target]!, change.page);
        return;
      case 'texts':
        this.#texts.add(change.bucket, change.page);
        return;
      case 'relabel':
        sql.relabelPart.run(this.#document(change.document), change.revision, source, change.part);
        return;
      case 'drop part':
        this.#dropPart(change.part);
        return;
      case 'document':
        sql.updateDocument.run(change.revision, change.isDelta ? 1 : 0, this.#document(change.name));
        return;
      case 'drop document':
        sql.deleteProblems.run(source, change.name);
        sql.deleteDocument.run(source, change.name);
        return;
      case 'problems':
        this.#replaceProblems(change.document, change.problems);
    }
  }

  #document(name: string): number {
    const known = this.#documents.get(name);
    if (known !== undefined) return known;
    const number = Number(this.#shared.sql.insertDocument.run(this.#number, name).lastInsertRowid);
    this.#documents.set(name, number);
    return number;
  }

  #replaceProblems(document: string, problems: readonly Problem[]): void {
    const { sql } = this.#shared;
    sql.deleteProblems.run(this.#number, document);
    for (const { code, message, path } of problems) {
      sql.insertProblem.run(this.#number, document, code, message, path ?? null);
    }
  }

  #dropPart(part: string): void {
    const held = this.#shared.sql.part.get(this.#number, part) as HeldRow | undefined;
    if (!held) return;
    this.#removeRows(part, held);
    this.#shared.sql.deletePart.run(held.number);
    this.#note(part, { old: hexOf(held.hash) });
  }

  #replacePart(part: StoredPart): void {
    const { sql } = this.#shared;
    const held = sql.part.get(this.#number, part.part) as HeldRow | undefined;
    if (held) {
      this.#removeRows(part.part, held);
      sql.deletePart.run(held.number);
    }
    const ids = idsOf(part);
    const { lastInsertRowid } = sql.insertPart.run(
      this.#number,
      part.part,
      this.#document(part.document),
      part.revision,
      Buffer.from(part.hash, 'hex'),
      part.recordCount,
      holdsOf(part),
      ids.length === 1 && ids[0] === part.part ? null : packLines(ids),
    );
    this.#insertRows(Number(lastInsertRowid), part);
    this.#note(part.part, { ...(held && { old: hexOf(held.hash) }), new: part.hash });
  }

  /** A part that changes twice went from its first state to its last. */
  #note(part: string, hashes: PartHashes): void {
    const earlier = this.#changes.get(part);
    if (!earlier) this.#changes.set(part, hashes);
    else this.#changes.set(part, { ...(earlier.old && { old: earlier.old }), ...(hashes.new && { new: hashes.new }) });
  }

  #insertRows(part: number, { rows, trees }: StoredPart): void {
    const { sql, cpe } = this.#shared;
    const source = this.#number;
    for (const [id, targets] of rows.links) {
      const numbers = targets.map((target) => this.#targets[target]!);
      sql.insertRecord.run(id, RECORD_KIND.advisories, source, part, packRising([...new Set(numbers)].sort(byValue)));
    }
    for (const [id, kind, body] of rows.records) sql.insertRecord.run(id, kind, source, part, body);
    for (const [id, others] of rows.aliases) for (const other of others) sql.insertAlias.run(part, id, other);
    const placeOf = (number: number) => this.#places[number]!;
    for (const [id, tree] of trees) cpe.add({ id, source, part }, storedTree(tree, placeOf));
  }

  #removeRows(name: string, { number: part, ids, holds }: HeldRow): void {
    const { sql, cpe } = this.#shared;
    const source = this.#number;
    for (const id of ids === null ? [name] : unpackLines(ids)) {
      if (holds & HOLDS.advisories) {
        const link = sql.recordBody.get(id, RECORD_KIND.advisories, source, part);
        if (link) for (const target of unpackRising(link.body as Uint8Array)) this.#advisories.drop(target, name);
      }
      if (holds & HOLDS.texts) {
        const facts = sql.recordBody.get(id, RECORD_KIND.vulnerability, source, part)?.body as string | undefined;
        this.#texts.drop(textBucketOf(id, facts), name);
      }
      sql.deleteRecords.run(id, source, part);
      if (holds & HOLDS.kernel) this.#texts.drop(kernelBucket(id), name);
      if (holds & HOLDS.configurations) cpe.remove({ id, source, part });
    }
    if (holds & HOLDS.aliases) sql.deleteAliases.run(part);
  }
}

const byValue = (a: number, b: number): number => a - b;

function advisoryStore(sql: Statements, targets: Targets, source: number): PageStore<number> {
  const keyOf = (number: number) => {
    const { namespace, packageName } = targets.get(number);
    return [namespace, packageName, source] as const;
  };
  return {
    read: (target) => sql.advisoryPage.get(...keyOf(target))?.lines as StoredPage | undefined,
    write: (target, page) => sql.writeAdvisoryPage.run(...keyOf(target), page),
    erase: (target) => sql.eraseAdvisoryPage.run(...keyOf(target)),
  };
}

function textStore(sql: Statements, source: number): PageStore<string> {
  return {
    read: (bucket) => sql.textPage.get(bucket, source)?.lines as StoredPage | undefined,
    write: (bucket, page) => sql.writeTextPage.run(bucket, source, page),
    erase: (bucket) => sql.eraseTextPage.run(bucket, source),
  };
}

const hexOf = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');

/** Every vulnerability that rows of the part name, sorted. */
function idsOf({ rows, trees }: StoredPart): string[] {
  const ids = new Set<string>();
  for (const [id] of rows.links) ids.add(id);
  for (const [id] of rows.records) ids.add(id);
  for (const [id] of trees) ids.add(id);
  return [...ids].sort();
}

function holdsOf({ rows, trees, holdsTexts, holdsKernel }: StoredPart): number {
  return (
    (rows.links.length > 0 ? HOLDS.advisories : 0) |
    (holdsTexts ? HOLDS.texts : 0) |
    (holdsKernel ? HOLDS.kernel : 0) |
    (trees.length > 0 ? HOLDS.configurations : 0) |
    (rows.aliases.length > 0 ? HOLDS.aliases : 0)
  );
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(db: DatabaseSync) {
  const advisoryKey = 'namespace = ? AND package = ? AND source = ?';
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
      `INSERT INTO part (source, name, document, revision, hash, record_count, holds, ids) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
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
    advisoryPage: db.prepare(`SELECT lines FROM advisory WHERE ${advisoryKey}`),
    writeAdvisoryPage: db.prepare(
      'INSERT OR REPLACE INTO advisory (namespace, package, source, lines) VALUES (?, ?, ?, ?)',
    ),
    eraseAdvisoryPage: db.prepare(`DELETE FROM advisory WHERE ${advisoryKey}`),
    textPage: db.prepare('SELECT lines FROM text WHERE bucket = ? AND source = ?'),
    writeTextPage: db.prepare('INSERT OR REPLACE INTO text (bucket, source, lines) VALUES (?, ?, ?)'),
    eraseTextPage: db.prepare('DELETE FROM text WHERE bucket = ? AND source = ?'),
  } satisfies Record<string, StatementSync>;
}
