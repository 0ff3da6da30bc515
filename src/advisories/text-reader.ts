import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type StoredPage, unpackLines } from './page.ts';
import type { Parts } from './parts.ts';
import { readTextLine, textBucket, textLineStart, type VulnerabilityText } from './vulnerability-line.ts';

/** Whose texts are asked for. */
export interface TextQuestion {
  readonly id: string;
  /** As its record states them. */
  readonly aliases: readonly string[] | undefined;
  /** Numbers of the snapshot. */
  readonly source: number;
  readonly part: number;
}

/** Pages that stay unpacked: reports go through flaws by their ids, so that neighbours of each source follow each other. */
const KEPT_PAGES = 64;

/** Reads texts of vulnerabilities from their pages. */
export class TextReader {
  readonly #page: StatementSync;
  readonly #pages = new Map<string, readonly string[]>();
  /** Who asks for one text of a record asks for the others. */
  #last: (TextQuestion & { readonly text: VulnerabilityText }) | undefined;

  readonly #parts: Parts;

  constructor(db: DatabaseSync, parts: Parts) {
    this.#parts = parts;
    this.#page = db.prepare('SELECT lines FROM text WHERE bucket = ? AND source = ?');
  }

  /** What a part of a source writes of an id. */
  textOf(question: TextQuestion): VulnerabilityText {
    const { id, aliases, source, part } = question;
    const last = this.#last;
    if (last?.id === id && last.part === part) return last.text;
    const start = textLineStart(this.#parts.nameOf(part), id);
    const line = this.#linesOf(textBucket(id, aliases), source).find((each) => each.startsWith(start));
    const text = line === undefined ? {} : readTextLine(line);
    this.#last = { ...question, text };
    return text;
  }

  /** The page of a bucket; the one that was read longest ago is given up first. */
  #linesOf(bucket: string, source: number): readonly string[] {
    const key = `${bucket} ${source}`;
    const known = this.#pages.get(key);
    if (known) return known;
    const lines = unpackLines(this.#page.get(bucket, source)?.lines as StoredPage | undefined);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size >= KEPT_PAGES && oldest !== undefined) this.#pages.delete(oldest);
    this.#pages.set(key, lines);
    return lines;
  }
}
