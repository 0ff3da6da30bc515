import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { ScannerError } from '../../model/errors.ts';
import { releaseChunk } from './chunk-memory.ts';
import { type ArchiveLimits, DEFAULT_ARCHIVE_LIMITS, damaged, limitExceeded } from './limits.ts';
import { zstdFrames } from './zstd-frames.ts';

/** How bytes are compressed, told by their first bytes. */
export type Compression = 'gzip' | 'zstd' | 'xz' | 'bzip2' | 'none';

/** Limits of the output, those not given being `DEFAULT_ARCHIVE_LIMITS`, and what becomes of the input. */
export interface DecompressionOptions
  extends Partial<Pick<ArchiveLimits, 'maxDecompressedBytes' | 'maxCompressionRatio' | 'ratioFreeBytes'>> {
  /** The input's chunks are given away: their memory is freed as soon as they are decompressed. */
  readonly ownsInput?: boolean;
}

/** How many first bytes `sniffCompression` needs to tell. */
export const SNIFF_BYTES = 10;

/** Half of zlib's time at its own default of 16 KiB goes into handing chunks over. */
const CHUNK_BYTES = 256 * 1024;

/** Some chunks ahead, so that decoding (in a thread of its own) does not wait for the reader. */
const BUFFERING = { chunkSize: CHUNK_BYTES, highWaterMark: 4 * CHUNK_BYTES };

/** zstd frames, and the skippable ones that parallel compressors put in front (RFC 8878, 3.1). */
const ZSTD_MAGIC = 0xfd2fb528;
const ZSTD_SKIPPABLE_MAGIC = 0x184d2a50;

/**
 * Tells the compression from the first `SNIFF_BYTES` bytes; names and media types lie too often.
 * Sources: RFC 1952, RFC 8878, The .xz File Format 2.1.1; bzip2 has its magic and that of a first block.
 */
export function sniffCompression(head: Uint8Array): Compression {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, SNIFF_BYTES));
  const hex = bytes.toString('hex');
  if (hex.startsWith('1f8b08')) return 'gzip';
  if (hex.startsWith('fd377a585a00')) return 'xz';
  if (/^425a683[1-9](314159265359|177245385090)/.test(hex)) return 'bzip2';
  if (bytes.length < 4) return 'none';
  const magic = bytes.readUInt32LE(0);
  return magic === ZSTD_MAGIC || (magic & 0xfffffff0) >>> 0 === ZSTD_SKIPPABLE_MAGIC ? 'zstd' : 'none';
}

/**
 * Decompresses a stream by what its first bytes say: gzip (all members), zstd (all frames), xz (all streams), bzip2, or as it is.
 *
 * @param chunks compressed bytes, in chunks of any size.
 * @throws ScannerError `archive.damaged` for a cut or broken stream, `archive.limit-exceeded` as soon as a limit is passed.
 */
export async function* decompressed(
  chunks: AsyncIterable<Buffer>,
  options: DecompressionOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  const { maxDecompressedBytes, maxCompressionRatio, ratioFreeBytes } = { ...DEFAULT_ARCHIVE_LIMITS, ...options };
  const input = countedInput(chunks);
  let outputBytes = 0;
  for await (const chunk of inflate(input, options.ownsInput === true)) {
    outputBytes += chunk.length;
    if (outputBytes > maxDecompressedBytes) {
      throw limitExceeded('maxDecompressedBytes', maxDecompressedBytes, 'decompressed bytes');
    }
    if (outputBytes > ratioFreeBytes && outputBytes > input.count() * maxCompressionRatio) {
      throw limitExceeded('maxCompressionRatio', maxCompressionRatio, 'decompressed bytes per compressed byte');
    }
    yield chunk;
  }
}

interface CountedInput extends AsyncIterable<Buffer> {
  /** Compressed bytes handed on so far. */
  count(): number;
}

function countedInput(chunks: AsyncIterable<Buffer>): CountedInput {
  let bytes = 0;
  return {
    count: () => bytes,
    async *[Symbol.asyncIterator]() {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (chunk.length > 0) yield chunk;
      }
    },
  };
}

async function* inflate(input: AsyncIterable<Buffer>, ownsInput: boolean): AsyncGenerator<Buffer, void, undefined> {
  const { head, rest } = await splitHead(input);
  const compression = sniffCompression(head);
  if (compression === 'none') {
    yield* rest;
    return;
  }
  try {
    yield* DECODERS[compression](rest, ownsInput);
  } catch (error) {
    throw error instanceof ScannerError || !isDecoderError(error)
      ? error
      : damaged(`broken ${compression} data`, error);
  }
}

type Decoder = (chunks: AsyncIterable<Buffer>, ownsInput: boolean) => AsyncIterable<Buffer>;

/** xz and bzip2 are rare and their decoders large: loaded when met. */
const DECODERS: Readonly<Record<Exclude<Compression, 'none'>, Decoder>> = {
  gzip: (chunks, ownsInput) => through(chunks, createGunzip(BUFFERING), ownsInput),
  zstd: (chunks, ownsInput) => through(zstdFrames(chunks), createZstdDecompress(BUFFERING), ownsInput),
  async *xz(chunks) {
    const { unxz } = await import('./xz.ts');
    yield* unxz(chunks);
  },
  async *bzip2(chunks) {
    const { bunzip2 } = await import('./bzip2.ts');
    yield* bunzip2(chunks);
  },
};

/** Whether a decoder complains about its input; anything else (a read that failed) goes on as it is. */
function isDecoderError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code.startsWith('Z_') || code.startsWith('ZSTD_') || code === 'ERR_ZLIB' : false;
}

async function* through(
  chunks: AsyncIterable<Buffer>,
  decoder: Transform,
  ownsInput: boolean,
): AsyncGenerator<Buffer, void, undefined> {
  void pump(chunks, decoder, ownsInput);
  yield* decoder as AsyncIterable<Buffer>;
}

/** Writes all chunks; the next one is fetched while one is decoded. Errors of either side arrive through the decoder. */
async function pump(chunks: AsyncIterable<Buffer>, decoder: Transform, ownsInput: boolean): Promise<void> {
  // A decoder that is at its end does not answer any more.
  const closed = new Promise<void>((resolve) => decoder.once('close', resolve));
  let written = Promise.resolve();
  try {
    for await (const chunk of chunks) {
      await written;
      if (decoder.destroyed) return;
      const taken = new Promise<void>((resolve) => decoder.write(chunk, () => resolve()));
      written = Promise.race([taken.then(() => (ownsInput ? releaseChunk(chunk) : undefined)), closed]);
    }
    decoder.end();
  } catch (error) {
    decoder.destroy(error as Error);
  }
}

/** The first bytes, and the whole stream again with them in front. */
async function splitHead(
  chunks: AsyncIterable<Buffer>,
): Promise<{ readonly head: Buffer; readonly rest: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < SNIFF_BYTES) {
    const next = await iterator.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, rest: resume(head, iterator) };
}

async function* resume(head: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  try {
    if (head.length > 0) yield head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
