import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { editPage, type StoredPage } from './page.ts';
import { PageBuffer } from './page-buffer.ts';
import { textBucket } from './vulnerability-line.ts';

/** Texts wait in memory up to this size. */
const MAX_WAITING_CHARS = 64 << 20;

/** Edits the pages of texts, one for about ten vulnerabilities. An owner is source and part, parted by a space. */
export class TextPages {
  readonly #buffer = new PageBuffer<string>();
  readonly #sql: Record<'page' | 'write' | 'erase', StatementSync>;

  constructor(db: DatabaseSync) {
    this.#sql = {
      page: db.prepare('SELECT lines FROM text WHERE bucket = ?'),
      write: db.prepare('INSERT OR REPLACE INTO text (bucket, lines) VALUES (?, ?)'),
      erase: db.prepare('DELETE FROM text WHERE bucket = ?'),
    };
  }

  add(owner: string, bucket: string, line: string): void {
    if (this.#buffer.charCount > MAX_WAITING_CHARS) this.flush();
    this.#buffer.add(bucket, owner, line);
  }

  /** Drops the texts of this owner on one vulnerability. */
  drop(owner: string, id: string): void {
    this.#buffer.drop(textBucket(id), owner);
  }

  /** Writes what waits, in the order of the table. */
  flush(): void {
    const edits = this.#buffer.take().sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [bucket, edit] of edits) {
      const held = this.#sql.page.get(bucket) as { lines: StoredPage } | undefined;
      const page = editPage(held?.lines, edit);
      if (page !== undefined) this.#sql.write.run(bucket, page);
      else if (held) this.#sql.erase.run(bucket);
    }
  }
}
