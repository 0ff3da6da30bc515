import { editPage, type StoredPage } from './page.ts';

/** Where the pages of a table lie. */
export interface PageStore<Key> {
  read(key: Key): StoredPage | undefined;
  write(key: Key, page: StoredPage): void;
  erase(key: Key): void;
}

const NOTHING: ReadonlySet<string> = new Set();

/** Edits pages: what leaves a page is gathered until lines come to it, or until the end, so that most are written once. */
export class PageTable<Key> {
  readonly #store: PageStore<Key>;
  readonly #dropped = new Map<Key, Set<string>>();

  constructor(store: PageStore<Key>) {
    this.#store = store;
  }

  /** Lines of this owner, their first value, leave the page. */
  drop(key: Key, owner: string): void {
    const owners = this.#dropped.get(key);
    if (owners) owners.add(JSON.stringify(owner));
    else this.#dropped.set(key, new Set([JSON.stringify(owner)]));
  }

  /** Adds lines, after what left the page before. */
  add(key: Key, page: StoredPage): void {
    const dropped = this.#dropped.get(key) ?? NOTHING;
    this.#dropped.delete(key);
    this.#edit(key, dropped, page);
  }

  /** Writes the pages that only lost lines. */
  flush(): void {
    for (const [key, owners] of this.#dropped) this.#edit(key, owners, undefined);
    this.#dropped.clear();
  }

  #edit(key: Key, dropped: ReadonlySet<string>, added: StoredPage | undefined): void {
    const held = this.#store.read(key);
    const page = editPage(held, dropped, added);
    if (page === held) return;
    if (page !== undefined) this.#store.write(key, page);
    else this.#store.erase(key);
  }
}
