import type { DatabaseSync } from 'node:sqlite';

/** The names of a small table (`namespace`, `source`) and their numbers, in memory. */
export class Names {
  readonly #names = new Map<number, string>();
  readonly #numbers = new Map<string, number>();

  constructor(db: DatabaseSync, table: 'namespace' | 'source') {
    for (const { number, name } of db.prepare(`SELECT number, name FROM ${table}`).all()) {
      this.set(number as number, name as string);
    }
  }

  /** Takes a name that was just stored. */
  set(number: number, name: string): void {
    this.#names.set(number, name);
    this.#numbers.set(name, number);
  }

  numberOf(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  nameOf(number: number): string {
    return this.#names.get(number) ?? '';
  }
}
