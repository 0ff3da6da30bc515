import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Names } from './names.ts';
import { editPage, type StoredPage } from './page.ts';
import { PageBuffer } from './page-buffer.ts';

/** Lines wait in memory up to this size. */
const MAX_WAITING_CHARS = 64 << 20;

interface Target {
  readonly namespace: number;
  readonly packageName: string;
}

/** Edits the pages of advisories, one for each (namespace, package, source), and numbers their targets. */
export class AdvisoryPages {
  readonly #namespaces: Names;
  readonly #targets = new Map<number, Target>();
  readonly #numbers = new Map<string, number>();
  readonly #buffer = new PageBuffer<number>();
  readonly #sql: Record<
    'insertNamespace' | 'findTarget' | 'target' | 'insertTarget' | 'page' | 'write' | 'erase',
    StatementSync
  >;

  constructor(db: DatabaseSync) {
    this.#namespaces = new Names(db, 'namespace');
    const key = 'namespace = ? AND package = ? AND source = ?';
    this.#sql = {
      insertNamespace: db.prepare('INSERT INTO namespace (name) VALUES (?)'),
      findTarget: db.prepare('SELECT number FROM target WHERE namespace = ? AND package = ?'),
      target: db.prepare('SELECT namespace, package AS packageName FROM target WHERE number = ?'),
      insertTarget: db.prepare('INSERT INTO target (namespace, package) VALUES (?, ?)'),
      page: db.prepare(`SELECT lines FROM advisory WHERE ${key}`),
      write: db.prepare('INSERT OR REPLACE INTO advisory (namespace, package, source, lines) VALUES (?, ?, ?, ?)'),
      erase: db.prepare(`DELETE FROM advisory WHERE ${key}`),
    };
  }

  /** @returns the number of the target. */
  add(source: number, part: string, [namespace, packageName, line]: readonly [string, string, string]): number {
    if (this.#buffer.charCount > MAX_WAITING_CHARS) this.flush(source);
    const number = this.#numberOf(namespace, packageName);
    this.#buffer.add(number, part, line);
    return number;
  }

  /** Drops a part's lines from the pages of these targets. */
  drop(part: string, targets: readonly number[]): void {
    for (const target of targets) this.#buffer.drop(target, part);
  }

  /** Writes what waits, in the order of the table. */
  flush(source: number): void {
    const edits = this.#buffer.take().map(([number, edit]) => ({ ...this.#targetAt(number), edit }));
    edits.sort((a, b) => a.namespace - b.namespace || (a.packageName < b.packageName ? -1 : 1));
    for (const { namespace, packageName, edit } of edits) {
      const held = this.#sql.page.get(namespace, packageName, source) as { lines: StoredPage } | undefined;
      const page = editPage(held?.lines, edit);
      if (page !== undefined) this.#sql.write.run(namespace, packageName, source, page);
      else if (held) this.#sql.erase.run(namespace, packageName, source);
    }
  }

  #numberOf(namespaceName: string, packageName: string): number {
    const key = `${namespaceName}\n${packageName}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const namespace = this.#namespaceOf(namespaceName);
    const held = this.#sql.findTarget.get(namespace, packageName) as { number: number } | undefined;
    const number = held?.number ?? Number(this.#sql.insertTarget.run(namespace, packageName).lastInsertRowid);
    this.#numbers.set(key, number);
    this.#targets.set(number, { namespace, packageName });
    return number;
  }

  #namespaceOf(name: string): number {
    const known = this.#namespaces.numberOf(name);
    if (known !== undefined) return known;
    const number = Number(this.#sql.insertNamespace.run(name).lastInsertRowid);
    this.#namespaces.set(number, name);
    return number;
  }

  #targetAt(number: number): Target {
    return this.#targets.get(number) ?? (this.#sql.target.get(number) as unknown as Target);
  }
}
