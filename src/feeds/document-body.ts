import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { ScannerError } from '../model/errors.ts';
import { decompressed } from '../platform/archives/compression.ts';
import type { DocumentBody } from './updater.ts';

/** Limit of a decompressed document; updaters name lower ones. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 ** 3;

/** Reading in larger pieces than the default 64 KiB halves the time of a plain read. */
const READ_BYTES = 256 << 10;

/** What a body is made of, and what is known of it. */
export interface BodyOptions {
  /** What errors call it: its URL. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly maxBytes: number;
  /** Keep the bytes as they are, though they look compressed. */
  readonly keepCompressed: boolean;
  /** Hex, of the decompressed bytes; compared at the end of each stream. */
  readonly sha256?: string | undefined;
}

/** A body whose bytes lie in a file. */
export function fileBody(file: string, options: BodyOptions): DocumentBody {
  return body(() => createReadStream(file, { highWaterMark: READ_BYTES }), options, file);
}

/** A body in memory: a small file, or one that a test made. */
export function memoryBody(bytes: Buffer, options: Partial<BodyOptions> = {}): DocumentBody {
  const known = { name: 'document', maxBytes: MAX_DOCUMENT_BYTES, keepCompressed: false, ...options };
  async function* chunks(): AsyncGenerator<Buffer> {
    yield bytes;
  }
  return body(chunks, { ...known, sizeBytes: bytes.length });
}

function body(raw: () => AsyncIterable<Buffer>, options: BodyOptions, file?: string): DocumentBody {
  async function bytes(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of checked(raw(), options)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  return {
    sizeBytes: options.sizeBytes,
    stream: () => checked(raw(), options),
    bytes,
    text: async () => (await bytes()).toString('utf8'),
    ...(file !== undefined && { file }),
  };
}

/** Decompresses within the limit, and says in the words of feeds what is wrong. */
async function* checked(raw: AsyncIterable<Buffer>, options: BodyOptions): AsyncGenerator<Buffer> {
  const { name, maxBytes, sha256 } = options;
  const hash = sha256 === undefined ? undefined : createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of options.keepCompressed ? raw : decompressed(raw, { maxDecompressedBytes: maxBytes })) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw tooLarge(name, maxBytes);
      hash?.update(chunk);
      yield chunk;
    }
  } catch (cause) {
    if (!(cause instanceof ScannerError)) throw cause;
    if (cause.code === 'archive.limit-exceeded') throw tooLarge(name, maxBytes, cause);
    if (cause.code !== 'archive.damaged') throw cause;
    throw new ScannerError('feed.malformed', `${name}: ${cause.message}`, { document: name }, { cause });
  }
  const found = hash?.digest('hex');
  if (found !== sha256?.toLowerCase()) {
    throw new ScannerError(
      'feed.malformed',
      `${name}: the publisher states SHA-256 ${sha256}, the content has ${found}`,
      {
        document: name,
      },
    );
  }
}

function tooLarge(name: string, maxBytes: number, cause?: unknown): ScannerError {
  const why = cause instanceof Error ? ` (${cause.message})` : '';
  return new ScannerError(
    'feed.limit-exceeded',
    `${name} is larger than maxBytes ${maxBytes}${why}`,
    { maxBytes },
    { cause },
  );
}
