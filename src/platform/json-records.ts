import { ScannerError } from '../model/errors.ts';
import { PendingBytes } from './pending-bytes.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const DEFAULT_MAX_RECORD_BYTES = 64 << 20;

/**
 * Splits a JSON document of any length into the objects of one of its arrays, without parsing it whole: `{"a":…,"key":[{…},{…}]}`.
 * What surrounds the array is walked over. `JSON.parse` of each answers whether it is well-formed.
 *
 * @param key of the array in the outermost object.
 * @returns the bytes of each object; they are the caller's.
 * @throws ScannerError `feed.malformed` when there is no such array, it holds something else than objects, or the text is cut;
 *   `feed.limit-exceeded` for an object above `maxRecordBytes` (64 MiB).
 */
export async function* jsonRecords(
  chunks: AsyncIterable<Buffer>,
  key: string,
  { maxRecordBytes = DEFAULT_MAX_RECORD_BYTES }: { readonly maxRecordBytes?: number } = {},
): AsyncGenerator<Buffer> {
  const splitter = new RecordSplitter(key, maxRecordBytes);
  for await (const chunk of chunks) yield* splitter.split(chunk);
  splitter.end();
}

class RecordSplitter {
  private readonly key: string;
  /** `before` and `after` the array, `between` two records, `in` one. */
  private place: 'before' | 'between' | 'in' | 'after' = 'before';
  private depth = 0;
  private inString = false;
  private isEscaped = false;
  /** The last string of the outermost object, while it may be a key. */
  private word = '';
  private isKey = false;
  private readonly pending: PendingBytes;

  constructor(key: string, maxRecordBytes: number) {
    this.key = key;
    this.pending = new PendingBytes('a record', 'maxRecordBytes', maxRecordBytes);
  }

  *split(chunk: Buffer): Generator<Buffer> {
    let at = 0;
    while (at < chunk.length) {
      if (this.place === 'before') at = this.findArray(chunk, at);
      else if (this.place === 'between') at = this.findRecord(chunk, at);
      else if (this.place === 'after') return;
      else {
        const end = this.findEnd(chunk, at);
        this.pending.keep(chunk.subarray(at, end));
        if (this.depth === 0) {
          this.place = 'between';
          yield this.pending.take();
        }
        at = end;
      }
    }
  }

  end(): void {
    if (this.place === 'before') throw malformed(`has no array "${this.key}"`);
    if (this.place !== 'after') throw malformed('is cut short');
  }

  /** Walks the outermost object until the array of the key begins. */
  private findArray(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.inString) {
        if (this.isEscaped) this.isEscaped = false;
        else if (byte === BACKSLASH) this.isEscaped = true;
        else if (byte === QUOTE) this.inString = false;
        else if (this.depth === 1 && this.word.length <= this.key.length) this.word += String.fromCharCode(byte);
      } else if (byte === QUOTE) {
        this.inString = true;
        this.word = '';
      } else if (byte === COLON) {
        this.isKey = this.depth === 1 && this.word === this.key;
      } else if (byte === OPEN_ARRAY && this.isKey) {
        this.place = 'between';
        return at + 1;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        this.depth++;
        this.isKey = false;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) this.depth--;
      else if (byte === COMMA) this.isKey = false;
    }
    return chunk.length;
  }

  private findRecord(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === OPEN_OBJECT) {
        this.place = 'in';
        this.depth = 0;
        return at;
      }
      if (byte === CLOSE_ARRAY) {
        this.place = 'after';
        return chunk.length;
      }
      if (byte !== COMMA && byte > 0x20) throw malformed(`"${this.key}" holds something else than objects`);
    }
    return chunk.length;
  }

  /** The hot path: every byte of a record passes here once. @returns the end of the record, or of the chunk. */
  private findEnd(chunk: Buffer, from: number): number {
    const { length } = chunk;
    let { depth, inString } = this;
    let at = from;
    if (this.isEscaped) {
      this.isEscaped = false;
      at++;
    }
    while (at < length) {
      const byte = chunk[at++]!;
      if (inString) {
        if (byte === QUOTE) inString = false;
        else if (byte === BACKSLASH && ++at > length) this.isEscaped = true;
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) break;
    }
    this.depth = depth;
    this.inString = inString;
    return Math.min(at, length);
  }
}

function malformed(what: string): ScannerError {
  return new ScannerError('feed.malformed', `the JSON document ${what}`);
}
