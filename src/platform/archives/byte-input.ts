import { readSync } from 'node:fs';
import { releaseChunk } from './chunk-memory.ts';

/**
 * Bytes that are read from front to back; what is not wanted is skipped. Answers are views: valid until the next call.
 * Where the bytes are at hand already, the answer comes without a promise.
 */
export interface ByteInput {
  /** How many bytes were read or skipped. */
  readonly position: number;
  /** The next `length` bytes; fewer only at the end. */
  read(length: number): Buffer | Promise<Buffer>;
  /** The next bytes without moving on: up to `length`, at least those that come without effort. */
  peek(length: number): Buffer | Promise<Buffer>;
  /** Some of the next bytes, at most `maxLength`; empty only at the end. */
  readSome(maxLength: number): Buffer | Promise<Buffer>;
  /** @returns how many bytes were skipped; fewer than `length` only at the end. */
  skip(length: number): number | Promise<number>;
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Reads a stream of chunks: what is skipped flows through. The chunks are its own: their memory is freed when they are passed. */
export class StreamInput implements ByteInput {
  readonly #iterator: AsyncIterator<Buffer>;
  /** What is left of the current chunk, and the chunk. */
  #rest: Buffer = EMPTY;
  #chunk: Buffer = EMPTY;
  position = 0;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#iterator = chunks[Symbol.asyncIterator]();
  }

  read(length: number): Buffer | Promise<Buffer> {
    return this.#rest.length >= length ? this.#take(length) : this.#gather(length).then(() => this.#take(length));
  }

  peek(length: number): Buffer | Promise<Buffer> {
    if (this.#rest.length >= length) return this.#rest.subarray(0, length);
    return this.#gather(length).then(() => this.#rest.subarray(0, length));
  }

  readSome(maxLength: number): Buffer | Promise<Buffer> {
    return this.#rest.length > 0 ? this.#take(maxLength) : this.#gather(1).then(() => this.#take(maxLength));
  }

  skip(length: number): number | Promise<number> {
    return this.#rest.length >= length ? this.#take(length).length : this.#skipThrough(length);
  }

  /** Ends the stream early. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(taken.length);
    this.position += taken.length;
    return taken;
  }

  /** Makes the rest at least `length` long, unless the end comes first. */
  async #gather(length: number): Promise<void> {
    const pieces: Buffer[] = this.#rest.length > 0 ? [Buffer.from(this.#rest)] : [];
    let bytes = this.#rest.length;
    while (bytes < length && (await this.#advance())) {
      pieces.push(pieces.length === 0 && this.#chunk.length >= length ? this.#chunk : Buffer.from(this.#chunk));
      bytes += this.#chunk.length;
    }
    this.#rest = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  async #skipThrough(length: number): Promise<number> {
    let skipped = this.#take(length).length;
    while (skipped < length && (await this.#advance())) {
      this.#rest = this.#chunk;
      skipped += this.#take(length - skipped).length;
    }
    return skipped;
  }

  async #advance(): Promise<boolean> {
    const next = await this.#iterator.next();
    if (next.done) return false;
    releaseChunk(this.#chunk);
    this.#chunk = next.value;
    return true;
  }
}

/** Headers of small files lie close together, so one read often serves several of them. */
const WINDOW_BYTES = 8 * 1024;

/** Reads a byte range of an open file; what is skipped is never read. Synchronous: a header costs less than a promise. */
export class FileRangeInput implements ByteInput {
  readonly #fd: number;
  readonly #offset: number;
  readonly #sizeBytes: number;
  readonly #buffer = Buffer.allocUnsafe(WINDOW_BYTES);
  #windowStart = 0;
  #windowEnd = 0;
  position = 0;

  constructor(fd: number, range: { readonly offset: number; readonly sizeBytes: number }) {
    this.#fd = fd;
    this.#offset = range.offset;
    this.#sizeBytes = range.sizeBytes;
  }

  read(length: number): Buffer {
    const bytes = length <= WINDOW_BYTES ? this.peek(length) : this.#readLong(length);
    this.position += bytes.length;
    return bytes;
  }

  peek(length: number): Buffer {
    if (this.position < this.#windowStart || this.position + length > this.#windowEnd) this.#moveWindow();
    const start = this.position - this.#windowStart;
    return this.#buffer.subarray(start, Math.min(start + length, this.#windowEnd - this.#windowStart));
  }

  readSome(maxLength: number): Buffer {
    return this.read(Math.min(maxLength, WINDOW_BYTES));
  }

  skip(length: number): number {
    const skipped = Math.min(length, this.#sizeBytes - this.position);
    this.position += skipped;
    return skipped;
  }

  #moveWindow(): void {
    this.#windowStart = this.position;
    this.#windowEnd = this.position + this.#readAt(this.#buffer, this.position);
  }

  #readLong(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.min(length, this.#sizeBytes - this.position));
    return bytes.subarray(0, this.#readAt(bytes, this.position));
  }

  /** @returns how many bytes the range had there: fewer than the buffer takes only at its end, or where the file is shorter. */
  #readAt(buffer: Buffer, position: number): number {
    const wanted = Math.min(buffer.length, this.#sizeBytes - position);
    let filled = 0;
    while (filled < wanted) {
      const count = readSync(this.#fd, buffer, filled, wanted - filled, this.#offset + position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }
}
