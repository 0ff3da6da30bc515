import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { EncodedAnswer } from '../dependencies.ts';
import { BoundedCache } from './bounded-cache.ts';

const compress = promisify(gzip);

/** Of the answers that are kept. */
export const MAX_CACHE_BYTES = 64 * 1024 ** 2;

/** An answer that is not kept. */
export function encodedAnswer(json: Uint8Array, onGzip: (bytes: Uint8Array) => void = () => {}): EncodedAnswer {
  let zipped: Promise<Uint8Array> | undefined;
  return {
    json,
    gzip() {
      zipped ??= compress(json).then((bytes) => {
        onGzip(bytes);
        return bytes;
      });
      return zipped;
    },
  };
}

/** Answers by what they are made of. Who asks for one that is being made waits for it. */
export class AnswerCache {
  readonly #kept: BoundedCache<EncodedAnswer>;
  readonly #making = new Map<string, Promise<EncodedAnswer>>();

  constructor(maxBytes = MAX_CACHE_BYTES) {
    this.#kept = new BoundedCache(maxBytes);
  }

  get sizeBytes(): number {
    return this.#kept.sizeBytes;
  }

  get(key: string): EncodedAnswer | undefined {
    return this.#kept.get(key);
  }

  /** What `make` gives is kept, unless it throws: then the next one tries again. */
  async getOrMake(key: string, make: () => Promise<Uint8Array>): Promise<EncodedAnswer> {
    const known = this.#kept.get(key) ?? this.#making.get(key);
    if (known !== undefined) return known;
    const made = make().then((json) => this.#keep(key, json));
    this.#making.set(key, made);
    try {
      return await made;
    } finally {
      this.#making.delete(key);
    }
  }

  #keep(key: string, json: Uint8Array): EncodedAnswer {
    const answer = encodedAnswer(json, (zipped) => {
      if (this.#kept.get(key) === answer) this.#kept.set(key, answer, json.length + zipped.length);
    });
    this.#kept.set(key, answer, json.length);
    return answer;
  }
}
