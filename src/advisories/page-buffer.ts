import { ownerOf, type PageEdit } from './page.ts';

/** Changes to many pages, gathered so that each page is read and written once. */
export class PageBuffer<Key> {
  #edits = new Map<Key, { readonly drop: Set<string>; add: string[] }>();
  readonly #addedOwners = new Set<string>();
  #charCount = 0;

  /** Size of the lines that wait. */
  get charCount(): number {
    return this.#charCount;
  }

  /** @param owner the first value of the line. */
  add(key: Key, owner: string, line: string): void {
    this.#edit(key).add.push(line);
    this.#addedOwners.add(owner);
    this.#charCount += line.length;
  }

  /** Lines of this owner leave the page, those that wait for it too. */
  drop(key: Key, owner: string): void {
    const edit = this.#edit(key);
    const text = JSON.stringify(owner);
    edit.drop.add(text);
    if (this.#addedOwners.has(owner)) edit.add = edit.add.filter((line) => ownerOf(line) !== text);
  }

  /** Gives out all changes and forgets them. */
  take(): [Key, PageEdit][] {
    const edits = [...this.#edits];
    this.#edits = new Map();
    this.#addedOwners.clear();
    this.#charCount = 0;
    return edits;
  }

  #edit(key: Key): { readonly drop: Set<string>; add: string[] } {
    const known = this.#edits.get(key);
    if (known) return known;
    const edit = { drop: new Set<string>(), add: [] };
    this.#edits.set(key, edit);
    return edit;
  }
}
