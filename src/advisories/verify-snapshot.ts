import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ScannerError } from '../model/errors.ts';
import { printable } from '../platform/terminal.ts';
import { hashOfRows, type PartRows } from './compact-part.ts';
import { CpeReader } from './cpe-reader.ts';
import { computeSnapshotId } from './derived-tables.ts';
import { kernelBucket, kernelLineStart } from './kernel-line.ts';
import { Names } from './names.ts';
import { openSnapshot } from './open-snapshot.ts';
import { ownerOf, type StoredPage, unpackLines } from './page.ts';
import { snapshotFile } from './pointer.ts';
import { RECORD_KIND, type RecordKind } from './schema.ts';
import { damaged, openForRead } from './snapshot-file.ts';
import { derivedFaults } from './verify-derived.ts';
import { textBucketOf, textLineStart } from './vulnerability-line.ts';

/** What a recomputation found. */
export interface Verification {
  readonly partCount: number;
  /** `<source> <part>` of rows that differ from their hash; whole when empty. */
  readonly differing: readonly string[];
  /** What is wrong with what follows from the rows; whole when empty. */
  readonly faults: readonly string[];
  readonly statedId: string;
  readonly computedId: string;
}

interface PartRow {
  readonly number: number;
  readonly name: string;
  readonly hash: string;
  readonly ids: StoredPage | null;
}

/** Verifies the current snapshot of a directory. @throws ScannerError `database.missing`, `database.damaged`. */
export function verifyCurrentSnapshot(directory: string): Verification {
  using snapshot = openSnapshot(directory);
  const file = snapshotFile(directory, snapshot.id);
  const db = openForRead(file);
  try {
    checkPages(db, file);
    return verifySnapshot(db);
  } catch (cause) {
    if (cause instanceof ScannerError) throw cause;
    throw damaged(file, 'its tables cannot be read', cause);
  } finally {
    db.close();
  }
}

/** Recomputes every part's hash from its rows, the id from the hashes, and what follows from the rows. Reads the whole file, one source at a time. */
export function verifySnapshot(db: DatabaseSync): Verification {
  const rowsOf = new RowsReader(db);
  const differing: string[] = [];
  let partCount = 0;
  for (const source of db.prepare('SELECT number, name FROM source ORDER BY name').all()) {
    const [number, name] = [Number(source.number), String(source.name)];
    const lines = rowsOf.advisoriesByPart(number);
    const parts = db.prepare(
      'SELECT number, name, lower(hex(hash)) AS hash, ids FROM part WHERE source = ? ORDER BY name',
    );
    for (const part of parts.iterate(number) as Iterable<unknown> as Iterable<PartRow>) {
      partCount += 1;
      const rows = rowsOf.part(number, part, lines.get(JSON.stringify(part.name)) ?? []);
      if (hashOfRows(rows) !== part.hash) differing.push(`${name} ${part.name}`);
      lines.delete(JSON.stringify(part.name));
    }
    // Lines of no part at all: nobody vouches for them.
    for (const owner of lines.keys()) differing.push(`${name} ${owner}`);
  }
  const statedId = String(db.prepare('SELECT id FROM snapshot').get()?.id ?? '');
  return { partCount, differing, faults: derivedFaults(db), statedId, computedId: computeSnapshotId(db) };
}

/** What SQLite itself finds wrong with its pages and indexes. @throws ScannerError `database.damaged`. */
function checkPages(db: DatabaseSync, file: string): void {
  const fault = String(db.prepare('PRAGMA integrity_check(1)').get()?.integrity_check);
  if (fault !== 'ok') throw damaged(file, printable(fault.replaceAll('\n', ' ')));
}

interface Page {
  readonly key: string;
  readonly lines: readonly string[];
}

const NO_PAGE: Page = { key: '', lines: [] };

type AdvisoryRow = PartRows['advisories'][number];

/** Reads a part's rows back into the form that its hash is made of. */
class RowsReader {
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #namespaces: Names;
  readonly #cpe: CpeReader;
  /** Parts come in the order of their names: the page of the last one mostly serves. */
  readonly #pages = { texts: NO_PAGE, kernel: NO_PAGE };

  constructor(db: DatabaseSync) {
    this.#sql = prepareStatements(db);
    this.#namespaces = new Names(db, 'namespace');
    this.#cpe = new CpeReader(db);
  }

  advisoriesByPart(source: number): Map<string, AdvisoryRow[]> {
    const byPart = new Map<string, AdvisoryRow[]>();
    for (const page of this.#sql.pages.iterate(source)) {
      const namespace = this.#namespaces.nameOf(page.namespace as number);
      for (const line of unpackLines(page.lines as StoredPage)) {
        const row: AdvisoryRow = [`${namespace}\n${page.package}`, line];
        const known = byPart.get(ownerOf(line));
        if (known) known.push(row);
        else byPart.set(ownerOf(line), [row]);
      }
    }
    return byPart;
  }

  part(source: number, part: PartRow, advisories: AdvisoryRow[]): PartRows {
    const ids = part.ids === null ? [part.name] : unpackLines(part.ids);
    const records = ids.flatMap((id) => this.#records(id, source, part.number));
    const facts = new Map(
      records.flatMap(([id, kind, body]) => (kind === RECORD_KIND.vulnerability ? [[id, body]] : [])),
    );
    return {
      advisories,
      links: [],
      records,
      texts: ids.flatMap((id) =>
        this.#lines('texts', [textBucketOf(id, facts.get(id)), source], textLineStart(part.name, id)),
      ),
      kernel: ids.flatMap((id) => this.#lines('kernel', [kernelBucket(id), source], kernelLineStart(part.name, id))),
      configurations: this.#configurations(ids, source, part.number),
      aliases: [],
    };
  }

  #records(id: string, source: number, part: number): PartRows['records'] {
    return this.#sql.records
      .all(id, source, part)
      .map(({ kind, body }) => [id, kind as RecordKind, String(body)] as const);
  }

  #lines(kind: 'texts' | 'kernel', [bucket, source]: readonly [string, number], start: string): PartRows['texts'] {
    const key = `${bucket} ${source}`;
    if (this.#pages[kind].key !== key) {
      const row = this.#sql.text.get(bucket, source);
      this.#pages[kind] = { key, lines: unpackLines(row?.lines as StoredPage | undefined) };
    }
    return this.#pages[kind].lines.filter((line) => line.startsWith(start)).map((line) => [bucket, line] as const);
  }

  #configurations(ids: readonly string[], source: number, part: number): PartRows['configurations'] {
    return ids.flatMap((id) => {
      const row = this.#sql.tree.get(id, source, part);
      return row ? [[id, this.#cpe.read(row.tree as Uint8Array)] as const] : [];
    });
  }
}

function prepareStatements(db: DatabaseSync) {
  return {
    pages: db.prepare('SELECT namespace, package, lines FROM advisory WHERE source = ?'),
    records: db.prepare(
      `SELECT kind, body FROM record WHERE id = ? AND kind < ${RECORD_KIND.advisories} AND source = ? AND part = ?`,
    ),
    text: db.prepare('SELECT lines FROM text WHERE bucket = ? AND source = ?'),
    tree: db.prepare('SELECT tree FROM cpe_configuration WHERE id = ? AND source = ? AND part = ?'),
  } satisfies Record<string, StatementSync>;
}
