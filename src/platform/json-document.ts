import { ScannerError } from '../model/errors.ts';

/** What a JSON document may hold. */
export interface JsonDocumentLimits {
  /** Objects and lists in one another. */
  readonly maxNestingDepth: number;
  /** Bytes of one text. */
  readonly maxStringBytes: number;
  /** Objects and lists: an empty one takes three bytes here and a hundred in memory. */
  readonly maxObjects: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Parses a stranger's JSON document. Its depth and longest text are looked at before: what walks over the value may then recurse.
 *
 * @throws ScannerError `document.limit-exceeded`; `document.malformed` with line and column of the first fault.
 */
export function parseJsonDocument(bytes: Uint8Array, text: string, limits: JsonDocumentLimits): unknown {
  checkJsonShape(bytes, limits);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScannerError(
      'document.malformed',
      `the JSON is not well-formed${placeOf(cause, text)}`,
      {},
      { cause: cause as Error },
    );
  }
}

/**
 * Looks at a JSON text before it is parsed.
 *
 * @param known objects of other texts of the same document.
 * @returns how many objects and lists there are, those included.
 * @throws ScannerError `document.limit-exceeded`.
 */
export function checkJsonShape(bytes: Uint8Array, limits: JsonDocumentLimits, known = 0): number {
  const { maxNestingDepth, maxStringBytes, maxObjects } = limits;
  let depth = 0;
  let objectCount = known;
  const { length } = bytes;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      const from = at;
      for (at++; at < length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
      if (at - from - 1 > maxStringBytes) throw exceeded('maxStringBytes', maxStringBytes, 'a text is longer than');
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (++depth > maxNestingDepth)
        throw exceeded('maxNestingDepth', maxNestingDepth, 'objects are nested deeper than');
      if (++objectCount > maxObjects) throw exceeded('maxObjects', maxObjects, 'it has more objects and lists than');
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--;
  }
  return objectCount;
}

function exceeded(limit: string, value: number, what: string): ScannerError {
  return new ScannerError('document.limit-exceeded', `${what} ${limit} ${value}`, { limit, value });
}

/** The runtime's message quotes the document, which is a stranger's text: only the place is taken from it. */
function placeOf(cause: unknown, text: string): string {
  if (isCut(cause) || positionOf(cause) === text.length) return ': it ends early';
  const position = positionOf(cause) ?? findFault(text);
  if (position === undefined) return '';
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  return `: line ${line}, column ${before.length - before.lastIndexOf('\n')}`;
}

function isCut(cause: unknown): boolean {
  return cause instanceof Error && /^(Unexpected end|Unterminated)/.test(cause.message);
}

function positionOf(cause: unknown): number | undefined {
  const [, position] = (cause instanceof Error && / at position (\d+)/.exec(cause.message)) || [];
  return position === undefined ? undefined : Number(position);
}

/** Above this a fault is not looked for: each step parses the text again. */
const MAX_SEARCHED_LENGTH = 1 << 24;

/** Of some faults the runtime does not say the place: it is where the longest beginning ends that is only cut. */
function findFault(text: string): number | undefined {
  if (text.length > MAX_SEARCHED_LENGTH) return undefined;
  let [sound, faulty] = [0, text.length];
  while (sound + 1 < faulty) {
    const middle = (sound + faulty) >> 1;
    if (isSoundBeginning(text.slice(0, middle))) sound = middle;
    else faulty = middle;
  }
  return sound;
}

function isSoundBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (cause) {
    return isCut(cause) || positionOf(cause) === text.length;
  }
}
