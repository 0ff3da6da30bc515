import { inPieces } from './pieces.ts';

/** What a terminal would obey and JSON leaves as it is: C1 controls, bidirectional and invisible marks. */
const OBEYED = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** The members of an object, in the order in which they are written; what is undefined is left out. */
type Members = Readonly<Record<string, unknown>>;

/**
 * A JSON object as pieces of text, one element of a list a line.
 *
 * @param members what is iterable is a list, and is gone through as it is written.
 */
export function jsonPieces(members: Members): Generator<string> {
  return inPieces(documentTexts(members));
}

function* documentTexts(members: Members): Generator<string> {
  yield* objectTexts(members);
  yield '\n';
}

/** An object whose lists are gone through as they are written, wherever in the document it stands. */
export function streamed(members: Members): object {
  return new Streamed(members);
}

class Streamed {
  readonly members: Members;

  constructor(members: Members) {
    this.members = members;
  }
}

function* objectTexts(members: Members): Generator<string> {
  let before = '{\n';
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    yield `${before}${JSON.stringify(name)}:`;
    before = ',\n';
    if (isList(value)) yield* listTexts(value);
    else yield* valueTexts(value);
  }
  yield before === ',\n' ? '\n}' : '{}';
}

function* listTexts(items: Iterable<unknown>): Generator<string> {
  let [before, after] = ['[\n', '[]'];
  for (const item of items) {
    yield before;
    yield* valueTexts(item);
    [before, after] = [',\n', '\n]'];
  }
  yield after;
}

function* valueTexts(value: unknown): Generator<string> {
  if (value instanceof Streamed) yield* objectTexts(value.members);
  else yield harmlessJson(value);
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** JSON that may be shown on a terminal: signs that it would obey are escaped, and read back as they were. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(OBEYED, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
