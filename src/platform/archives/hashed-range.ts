import { createHash, type Hash } from 'node:crypto';
import { read } from 'node:fs';
import { promisify } from 'node:util';

const readAt = promisify(read);

/** Large enough that hashing and inflating cost more than handing over. */
const CHUNK_BYTES = 256 * 1024;

/** A byte range of an open file. */
export interface FileRange {
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * A byte range of an open file as chunks, hashed on the way. Whoever reads the chunks may stop anywhere: `digest` reads the rest.
 */
export class HashedRange {
  readonly #fd: number;
  readonly #hash = createHash('sha256');
  #position: number;
  readonly #end: number;
  /** Reads happen one after the other, also when a reader gave up in the middle of one. */
  #lastRead: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(fd: number, range: FileRange) {
    this.#fd = fd;
    this.#position = range.offset;
    this.#end = range.offset + range.sizeBytes;
  }

  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    for (let chunk = await this.#next(); chunk.length > 0; chunk = await this.#next()) yield chunk;
  }

  /** `sha256:<hex>` of the whole range; to be asked once. */
  async digest(): Promise<string> {
    while ((await this.#next()).length > 0);
    return digestOf(this.#hash);
  }

  /** Waits for a read that is under way and allows no more: then the file may be closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lastRead.catch(() => {});
  }

  #next(): Promise<Buffer> {
    const next = this.#lastRead.then(() => this.#readChunk());
    this.#lastRead = next;
    return next;
  }

  async #readChunk(): Promise<Buffer> {
    const length = this.#isClosed ? 0 : Math.min(CHUNK_BYTES, this.#end - this.#position);
    if (length === 0) return Buffer.alloc(0);
    const { bytesRead, buffer } = await readAt(this.#fd, Buffer.allocUnsafe(length), 0, length, this.#position);
    const chunk = buffer.subarray(0, bytesRead);
    this.#position += bytesRead;
    this.#hash.update(chunk);
    return chunk;
  }
}

/** Chunks that are hashed as they pass. */
export class HashedChunks {
  readonly #chunks: AsyncIterable<Buffer>;
  readonly #hash = createHash('sha256');

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of this.#chunks) {
      this.#hash.update(chunk);
      yield chunk;
    }
  }

  /** `sha256:<hex>` of what passed; to be asked once. */
  digest(): string {
    return digestOf(this.#hash);
  }
}

function digestOf(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}
