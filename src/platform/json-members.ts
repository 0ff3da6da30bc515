import { ScannerError } from '../model/errors.ts';

/** Limits of `jsonMembers`. */
export interface JsonMembersOptions {
  /** Longest member accepted; the largest of any feed (Debian's `linux`) has some 10 MB. */
  readonly maxMemberBytes?: number;
}

const DEFAULT_MAX_MEMBER_BYTES = 128 * 1024 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

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
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let isClosed = false;
  /** The member's bytes from earlier chunks. */
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  const take = (piece: Buffer): void => {
    pendingBytes += piece.length;
    if (pendingBytes > maxMemberBytes) {
      throw new ScannerError('feed.limit-exceeded', `a member has more than maxMemberBytes = ${maxMemberBytes} bytes`);
    }
    pending.push(piece);
  };
  const finish = (): string => {
    const text = Buffer.concat(pending).toString('utf8');
    pending = [];
    pendingBytes = 0;
    return text;
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) inString = false;
        continue;
      }
      if (depth === 0) {
        if (isSpace(byte)) continue;
        if (isClosed || byte !== OPEN_BRACE)
          throw new ScannerError('feed.malformed', 'the document is not one JSON object');
        depth = 1;
        start = i + 1;
        continue;
      }
      if (byte === QUOTE) inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
      else if (byte !== COMMA || depth !== 1) continue;
      if (depth > 1 || inString) continue;
      if (depth === 1 && byte !== COMMA) continue;

      take(chunk.subarray(start, i));
      start = i + 1;
      const text = finish();
      if (depth === 0 && byte === CLOSE_BRACKET)
        throw new ScannerError('feed.malformed', 'the document is not one JSON object');
      isClosed = depth === 0;
      if (!isClosed || text.trim() !== '') yield text;
    }
    if (depth > 0) take(Buffer.from(chunk.subarray(start)));
  }
  if (!isClosed) throw new ScannerError('feed.malformed', 'the document ends before its JSON object does');
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
