import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Names } from './names.ts';

/** A package name in a namespace, by the namespace's number. */
export interface Target {
  readonly namespace: number;
  readonly packageName: string;
}

/** Numbers targets: what a record needs to name the pages that speak of it. */
export class Targets {
  readonly #namespaces: Names;
  readonly #targets = new Map<number, Target>();
  readonly #sql: Record<'insertNamespace' | 'find' | 'get' | 'insert', StatementSync>;

  constructor(db: DatabaseSync) {
    this.#namespaces = new Names(db, 'namespace');
    this.#sql = {
      insertNamespace: db.prepare('INSERT INTO namespace (name) VALUES (?)'),
      find: db.prepare('SELECT number FROM target WHERE namespace = ? AND package = ?'),
      get: db.prepare('SELECT namespace, package AS packageName FROM target WHERE number = ?'),
      insert: db.prepare('INSERT INTO target (namespace, package) VALUES (?, ?)'),
    };
  }

  /** The number of a target, given out where it has none. @param text namespace and package name, parted by a line feed. */
  numberOf(text: string): number {
    const end = text.indexOf('\n');
    const [namespace, packageName] = [this.#namespaceOf(text.slice(0, end)), text.slice(end + 1)];
    const held = this.#sql.find.get(namespace, packageName);
    const number = Number(held?.number ?? this.#sql.insert.run(namespace, packageName).lastInsertRowid);
    this.#targets.set(number, { namespace, packageName });
    return number;
  }

  get(number: number): Target {
    return this.#targets.get(number) ?? (this.#sql.get.get(number) as unknown as Target);
  }

  #namespaceOf(name: string): number {
    const known = this.#namespaces.numberOf(name);
    if (known !== undefined) return known;
    const number = Number(this.#sql.insertNamespace.run(name).lastInsertRowid);
    this.#namespaces.set(number, name);
    return number;
  }
}
