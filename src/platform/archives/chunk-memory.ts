/** Below this a chunk may be a part of memory that Node shares out among buffers. */
const MIN_OWN_BYTES = 64 * 1024;

/**
 * Gives a chunk's memory back at once. Left to the garbage collector, a stream of hundreds of megabytes keeps some 60 MB waiting.
 * Only for who owns the chunk: all views of it are empty afterwards. A chunk that ends before its memory does is left alone, since
 * zlib goes on writing behind it.
 */
export function releaseChunk(chunk: Buffer): void {
  const memory = chunk.buffer;
  if (!(memory instanceof ArrayBuffer) || memory.byteLength < MIN_OWN_BYTES) return;
  if (chunk.byteOffset + chunk.byteLength === memory.byteLength) memory.transfer(0);
}
