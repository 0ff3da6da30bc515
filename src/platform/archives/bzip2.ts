import Bunzip from 'seek-bzip';
import { damaged } from './limits.ts';

/**
 * The most bytes that one compressed block can take: 900,000 symbols of at most 20 bits, with selectors and tables.
 * The decoder reads synchronously, so a block is begun when this much is at hand.
 */
const MAX_BLOCK_BYTES = 2_400_000;

/** Output is handed on in pieces of this size: a hostile block of run lengths swells to 46 MB. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Decompresses bzip2, all of its concatenated streams, block by block.
 *
 * `seek-bzip` decodes whole buffers only; its block steps are driven here as its own `decode` does, so that memory stays that of one
 * block. The package is pinned to an exact version for this reason.
 * @throws ScannerError `archive.damaged`.
 */
export async function* bunzip2(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const input = new ByteQueue();
  const iterator = chunks[Symbol.asyncIterator]();
  let hasMore = true;
  let decoder: Bunzip | undefined;
  const output = new ChunkedOutput();
  try {
    while (true) {
      while (hasMore && input.sizeBytes < MAX_BLOCK_BYTES) {
        const next = await iterator.next();
        if (next.done) hasMore = false;
        else input.push(next.value);
      }
      if (input.sizeBytes === 0 && decoder === undefined) return;
      decoder = step(decoder, input, output);
      yield* output.take();
    }
  } finally {
    await iterator.return?.();
  }
}

/** Decodes one block, or ends a stream: then there is no decoder any more. */
function step(decoder: Bunzip | undefined, input: ByteQueue, output: ChunkedOutput): Bunzip | undefined {
  try {
    const current = decoder ?? new Bunzip(input, output);
    if (current._init_block()) {
      current._read_bunzip();
      return current;
    }
    if (current.reader.read(32) >>> 0 !== current.streamCRC) throw new Error('the checksum of the stream differs');
    return undefined;
  } catch (error) {
    throw damaged('broken bzip2 data', error);
  }
}

/** Bytes as `seek-bzip` reads them. */
class ByteQueue extends Bunzip.Stream {
  readonly #chunks: Buffer[] = [];
  #position = 0;
  sizeBytes = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.sizeBytes += chunk.length;
  }

  override readByte(): number {
    const chunk = this.#chunks[0];
    if (chunk === undefined) return -1;
    const byte = chunk[this.#position++];
    this.sizeBytes--;
    if (this.#position === chunk.length) {
      this.#chunks.shift();
      this.#position = 0;
    }
    return byte ?? -1;
  }
}

/** Bytes as `seek-bzip` writes them. */
class ChunkedOutput extends Bunzip.Stream {
  #chunks: Buffer[] = [];
  #current = Buffer.allocUnsafe(CHUNK_BYTES);
  #length = 0;

  override writeByte(byte: number): void {
    this.#current[this.#length++] = byte;
    if (this.#length === CHUNK_BYTES) this.#flush();
  }

  take(): Buffer[] {
    if (this.#length > 0) this.#flush();
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  #flush(): void {
    this.#chunks.push(this.#current.subarray(0, this.#length));
    this.#current = Buffer.allocUnsafe(CHUNK_BYTES);
    this.#length = 0;
  }
}
