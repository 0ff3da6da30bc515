const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const CHECKSUM_BYTES = 4;

/** What the next bytes are: fields are gathered, bodies passed by. `other` is no zstd, and left to the decoder to refuse. */
type Place = 'magic' | 'skippable-size' | 'skippable' | 'header' | 'block-header' | 'block' | 'checksum' | 'other';

/**
 * Cuts a zstd stream behind each frame, and leaves skippable frames out. Node's decoder ends with the first frame if more bytes follow
 * in the same chunk: what `pzstd`, `zstd:chunked` images and concatenated files hold behind it would be lost without a word.
 * Source: RFC 8878, 3.1.
 */
export async function* zstdFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const frames = new Frames();
  for await (const chunk of chunks) yield* frames.cut(chunk);
  yield* frames.end();
}

class Frames {
  private place: Place = 'magic';
  /** Bytes of a body that are to be passed by. */
  private bodyBytes = 0;
  /** A field that is gathered, over the border of chunks too. */
  private readonly field = Buffer.alloc(14);
  private fieldBytes = 0;
  private hasChecksum = false;
  private isLastBlock = false;
  /** The beginning of a magic number at the end of a chunk: it may be that of a skippable frame. */
  private held: Buffer = Buffer.alloc(0);

  *cut(arrived: Buffer): Generator<Buffer> {
    const chunk = this.held.length > 0 ? Buffer.concat([this.held, arrived]) : arrived;
    let at = this.held.length;
    this.held = Buffer.alloc(0);
    let from = 0;
    while (at < chunk.length) {
      const before = this.place;
      at = this.isBody() ? this.passBody(chunk.length, at) : this.gather(chunk, at);
      if (this.place !== 'magic' || before === 'magic') continue;
      if (!before.startsWith('skippable')) yield chunk.subarray(from, at);
      from = at;
    }
    if (this.place === 'magic') this.held = Buffer.from(chunk.subarray(from));
    else if (!this.place.startsWith('skippable') && from < chunk.length) yield chunk.subarray(from);
  }

  /** A magic number that was cut is for the decoder to refuse. */
  *end(): Generator<Buffer> {
    if (this.held.length > 0) yield this.held;
  }

  private isBody(): boolean {
    return this.place === 'skippable' || this.place === 'block' || this.place === 'checksum' || this.place === 'other';
  }

  private passBody(length: number, at: number): number {
    if (this.place === 'other') return length;
    const step = Math.min(this.bodyBytes, length - at);
    this.bodyBytes -= step;
    if (this.bodyBytes === 0) this.leaveBody();
    return at + step;
  }

  private leaveBody(): void {
    if (this.place !== 'block') this.place = 'magic';
    else if (!this.isLastBlock) this.place = 'block-header';
    else if (this.hasChecksum) this.enterBody('checksum', CHECKSUM_BYTES);
    else this.place = 'magic';
  }

  private enterBody(place: Place, bytes: number): void {
    this.place = place;
    this.bodyBytes = bytes;
    if (bytes === 0) this.leaveBody();
  }

  /** Takes a byte into the field of this place, and reads the field when it is whole. */
  private gather(chunk: Buffer, at: number): number {
    this.field[this.fieldBytes++] = chunk[at]!;
    if (this.fieldBytes < this.sizeOfField()) return at + 1;
    this.fieldBytes = 0;
    if (this.place === 'magic') this.place = placeAfter(this.field.readUInt32LE(0));
    else if (this.place === 'skippable-size') this.enterBody('skippable', this.field.readUInt32LE(0));
    else if (this.place === 'header') {
      this.hasChecksum = (this.field[0]! & 0b100) !== 0;
      this.place = 'block-header';
    } else this.readBlockHeader();
    return at + 1;
  }

  private sizeOfField(): number {
    if (this.place === 'block-header') return 3;
    return this.place === 'header' ? headerBytes(this.field[0]!) : 4;
  }

  private readBlockHeader(): void {
    const header = this.field.readUIntLE(0, 3);
    this.isLastBlock = (header & 1) !== 0;
    // A block of one repeated byte holds that byte only.
    const isRepeated = ((header >> 1) & 0b11) === 1;
    this.enterBody('block', isRepeated ? 1 : header >> 3);
  }
}

function placeAfter(magic: number): Place {
  if (magic === MAGIC) return 'header';
  return (magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC ? 'skippable-size' : 'other';
}

/** Length of a frame's header by its first byte: window, dictionary id and content size may follow it. */
function headerBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 0b100000) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 0b11]!;
  const contentSizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  return 1 + (isSingleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes;
}
