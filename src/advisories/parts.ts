import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Names and revisions of the parts of sources: few are asked for, each many times. */
export class Parts {
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #names = new Map<number, string>();
  readonly #revisions = new Map<string, string>();

  constructor(db: DatabaseSync) {
    this.#sql = prepareStatements(db);
  }

  nameOf(number: number): string {
    const known = this.#names.get(number);
    if (known !== undefined) return known;
    const row = this.#sql.part.get(number) as PartRow | undefined;
    const { source, name, revision } = row ?? NO_PART;
    this.#names.set(number, name);
    // Who reads the texts of a part mostly names its revision too.
    this.#revisions.set(`${source} ${name}`, revision);
    return name;
  }

  revisionOf(source: number, name: string): string {
    const key = `${source} ${name}`;
    const known = this.#revisions.get(key);
    if (known !== undefined) return known;
    const revision = String(this.#sql.revision.get(source, name)?.revision ?? '');
    this.#revisions.set(key, revision);
    return revision;
  }
}

interface PartRow {
  readonly source: number;
  readonly name: string;
  readonly revision: string;
}

/** Of a damaged file. */
const NO_PART: PartRow = { source: 0, name: '', revision: '' };

/** Something that a part states: the part's revision, which a proof names and nobody else asks for, is read when it is asked for. */
export class Stated {
  readonly part: string;
  readonly #of: { readonly parts: Parts; readonly source: number };

  constructor(part: string, of: { readonly parts: Parts; readonly source: number }) {
    this.part = part;
    this.#of = of;
  }

  get revision(): string {
    return this.#of.parts.revisionOf(this.#of.source, this.part);
  }

  toJSON(): object {
    return { ...this, revision: this.revision };
  }
}

function prepareStatements(db: DatabaseSync) {
  return {
    part: db.prepare('SELECT source, name, revision FROM part WHERE number = ?'),
    revision: db.prepare('SELECT revision FROM part WHERE source = ? AND name = ?'),
  } satisfies Record<string, StatementSync>;
}
