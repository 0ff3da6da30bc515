import { ScannerError } from '../model/errors.ts';
import { PendingBytes } from './pending-bytes.ts';

/** Limits of `jsonMembers`. */
export interface JsonMembersOptions {
  /** Longest member accepted; the largest of any feed (Debian's `linux`) has some 10 MB. */
  readonly maxMemberBytes?: number;
}

const DEFAULT_MAX_MEMBER_BYTES = 128 * 1024 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const WHITE_SPACE = new Set([0x20, 0x0a, 0x0d, 0x09]);

/**
 * Splits one large JSON object into its members without parsing it whole: memory stays at the size of the largest member, and
 * `JSON.parse` of each is faster than of the whole.
 *
 * @returns each member as text, `"key": value`. It is well-formed only if `JSON.parse('{' + text + '}')` says so.
 * @throws ScannerError `feed.malformed` where the input is no object, ends early or goes on behind its end, `feed.limit-exceeded` above the limit.
 */
export async function* jsonMembers(
  chunks: AsyncIterable<Buffer>,
  { maxMemberBytes = DEFAULT_MAX_MEMBER_BYTES }: JsonMembersOptions = {},
): AsyncGenerator<string> {
  const splitter = new MemberSplitter(maxMemberBytes);
  for await (const chunk of chunks) yield* splitter.split(chunk);
  splitter.end();
}

class MemberSplitter {
  private place: 'before' | 'in' | 'after' = 'before';
  private depth = 0;
  private inString = false;
  private isEscaped = false;
  private readonly pending: PendingBytes;

  constructor(maxMemberBytes: number) {
    this.pending = new PendingBytes('a member', 'maxMemberBytes', maxMemberBytes);
  }

  *split(chunk: Buffer): Generator<string> {
    let at = this.skipOutside(chunk, 0);
    while (at < chunk.length) {
      const end = this.findEnd(chunk, at);
      this.pending.keep(chunk.subarray(at, end));
      if (end === chunk.length) return;
      const text = this.pending.take().toString('utf8');
      if (this.place === 'in' || text.trim() !== '') yield text;
      at = this.skipOutside(chunk, end + 1);
    }
  }

  end(): void {
    if (this.place !== 'after') throw malformed('ends before its JSON object does');
  }

  /** Steps over what lies before and behind the object. */
  private skipOutside(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      if (this.place === 'in') return at;
      const byte = chunk[at]!;
      if (byte === OPEN_OBJECT && this.place === 'before') this.place = 'in';
      else if (!WHITE_SPACE.has(byte)) throw malformed('is not one JSON object');
    }
    return chunk.length;
  }

  /** The hot path: every byte passes here once. @returns where the member ends: a comma, the object's end, or that of the chunk. */
  private findEnd(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.inString) {
        if (this.isEscaped) this.isEscaped = false;
        else if (byte === BACKSLASH) this.isEscaped = true;
        else if (byte === QUOTE) this.inString = false;
      } else if (byte === QUOTE) this.inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.depth++;
      else if (byte === COMMA && this.depth === 0) return at;
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && this.depth-- === 0) {
        if (byte === CLOSE_ARRAY) throw malformed('is not one JSON object');
        this.place = 'after';
        return at;
      }
    }
    return chunk.length;
  }
}

function malformed(how: string): ScannerError {
  return new ScannerError('feed.malformed', `the document ${how}`);
}
