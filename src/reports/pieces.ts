/** A piece is about this long: long enough to be written in few calls, short enough to be nothing beside the document. */
const PIECE_LENGTH = 1 << 16;

/** Many short texts as few pieces; a text is never cut. */
export function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
