import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { OsvMention, OsvQuestion } from '../feeds/osv-api.ts';
import { writeFileAtomically } from '../platform/atomic-file.ts';
import { asFields, asList, asText } from '../platform/json-values.ts';

/** An answer that is kept, and when it was given. */
export interface KeptAnswer {
  readonly askedAt: string;
  readonly mentions: readonly OsvMention[];
}

/** Keeps what OSV's API said on disk: answers by question, records by id and date. What cannot be read or written is not kept. */
export class OsvCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  answer(question: OsvQuestion): KeptAnswer | undefined {
    const { askedAt, mentions } = asFields(this.#read('answers', keyOf(question)));
    const date = asText(askedAt);
    if (date === undefined || Number.isNaN(Date.parse(date))) return undefined;
    const read = asList(mentions).flatMap((mention) => {
      const { id, modified } = asFields(mention);
      return asText(id) ? [{ id: id as string, modified: asText(modified) ?? '' }] : [];
    });
    return { askedAt: date, mentions: read };
  }

  async keepAnswer(question: OsvQuestion, answer: KeptAnswer): Promise<void> {
    await this.#write('answers', keyOf(question), answer);
  }

  /** The record of that date; without one, whichever is kept. */
  record({ id, modified }: OsvMention): unknown {
    const record = this.#read('records', hashOf(id));
    const own = asFields(record);
    return own.id === id && (modified === '' || own.modified === modified) ? record : undefined;
  }

  async keepRecord(id: string, record: unknown): Promise<void> {
    await this.#write('records', hashOf(id), record);
  }

  /** Forgets everything. */
  clear(): void {
    for (const kind of ['answers', 'records']) rmSync(join(this.#directory, kind), { recursive: true, force: true });
  }

  #read(kind: string, key: string): unknown {
    try {
      return JSON.parse(readFileSync(this.#file(kind, key), 'utf8'));
    } catch {
      return undefined;
    }
  }

  async #write(kind: string, key: string, value: unknown): Promise<void> {
    try {
      mkdirSync(join(this.#directory, kind), { recursive: true });
      await writeFileAtomically(this.#file(kind, key), [JSON.stringify(value)]);
    } catch {
      // A cache that cannot be written costs time, and nothing else.
    }
  }

  #file(kind: string, key: string): string {
    return join(this.#directory, kind, `${key}.json`);
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

const keyOf = ({ ecosystem, name, version }: OsvQuestion): string => hashOf([ecosystem, name, version].join('\n'));
