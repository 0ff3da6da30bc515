/** A piece is about this long: long enough to be written in few calls, short enough to be nothing beside the document. */
const PIECE_LENGTH = 1 << 16;

/** What a terminal would obey and JSON leaves as it is: C1 controls, bidirectional and invisible marks. */
const OBEYED = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/**
 * A JSON object as pieces of text, one element of a list a line.
 *
 * @param members in the order in which they are written. What is iterable is a list, and is gone through as it is written; what is
 *   undefined is left out.
 */
export function* jsonPieces(members: Readonly<Record<string, unknown>>): Generator<string> {
  let piece = '{';
  let before = '\n';
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    piece += `${before}${JSON.stringify(name)}:`;
    before = ',\n';
    if (!isList(value)) {
      piece += harmlessJson(value);
      continue;
    }
    let [open, close] = ['[\n', '[]'];
    for (const item of value) {
      piece += open + harmlessJson(item);
      [open, close] = [',\n', '\n]'];
      if (piece.length < PIECE_LENGTH) continue;
      yield piece;
      piece = '';
    }
    piece += close;
  }
  yield `${piece}\n}\n`;
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** JSON that may be shown on a terminal: signs that it would obey are escaped, and read back as they were. */
function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(OBEYED, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
