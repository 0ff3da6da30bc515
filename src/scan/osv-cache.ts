import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { OsvMention, OsvQuestion } from '../feeds/osv-api.ts';
import { writeFileAtomically } from '../platform/atomic-file.ts';
import { asFields, asList, asText } from '../platform/json-values.ts';
import { DEFAULT_CACHE_LIMITS } from './cache-limits.ts';

/** An answer that is kept, and when it was given. */
export interface KeptAnswer {
  readonly askedAt: string;
  readonly mentions: readonly OsvMention[];
}

const KINDS = ['answers', 'records'];

/** When the cache is too large, it shrinks to this share of its limit. */
const SHRINK_TO = 0.9;

/** Keeps what OSV's API said on disk: answers by question, records by id and date. What cannot be read or written is not kept. */
export class OsvCache {
  readonly #directory: string;
  readonly #maxCacheBytes: number;
  #hasWritten = false;

  /** @param maxCacheBytes of all files; held to by `shrink`. */
  constructor(directory: string, maxCacheBytes = DEFAULT_CACHE_LIMITS.maxOsvCacheBytes) {
    this.#directory = directory;
    this.#maxCacheBytes = maxCacheBytes;
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
    for (const kind of KINDS) rmSync(join(this.#directory, kind), { recursive: true, force: true });
  }

  /** Removes what was written first, until the cache is within its limit. To be called at the end of a scan. */
  shrink(): void {
    if (!this.#hasWritten) return;
    const files = KINDS.flatMap((kind) => filesOf(join(this.#directory, kind)));
    let sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    if (sizeBytes <= this.#maxCacheBytes) return;
    for (const file of files.sort((a, b) => a.writtenMs - b.writtenMs)) {
      if (sizeBytes <= this.#maxCacheBytes * SHRINK_TO) return;
      rmSync(file.path, { force: true });
      sizeBytes -= file.sizeBytes;
    }
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
      this.#hasWritten = true;
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

/** Regular files of a directory; none where it cannot be read. */
function filesOf(directory: string) {
  try {
    return readdirSync(directory).flatMap((name) => {
      const path = join(directory, name);
      const status = statSync(path, { throwIfNoEntry: false });
      return status?.isFile() ? [{ path, sizeBytes: status.size, writtenMs: status.mtimeMs }] : [];
    });
  } catch {
    return [];
  }
}
