import { ReadableStream } from 'node:stream/web';
import xzDecompress from 'xz-decompress';
import { damaged } from './limits.ts';

/**
 * Decompresses xz, all of its concatenated streams. The decoder works on one input at a time: others wait until it is read to its end
 * or given up.
 * @throws ScannerError `archive.damaged`.
 */
export async function* unxz(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of new xzDecompress.XzReadableStream(ReadableStream.from(chunks))) {
      if (chunk.length > 0) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    }
  } catch (error) {
    throw isDecoderError(error) ? damaged('broken xz data', error) : error;
  }
}

/** The package throws a plain Error with the code of xz-embedded in its text. */
function isDecoderError(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('get_next_output failed');
}
