import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { ScannerError } from '../model/errors.ts';
import { decompressed, SNIFF_BYTES, sniffCompression } from '../platform/archives/compression.ts';
import { DEFAULT_ARCHIVE_LIMITS } from '../platform/archives/limits.ts';
import { isSystemError, reasonOf } from '../platform/system-errors.ts';
import { firstPathOf, isTar } from './document-archive.ts';
import { DEFAULT_DOCUMENT_LIMITS } from './document-limits.ts';

/** Enough to see what a document is, also when it is compressed. */
const HEAD_BYTES = 1 << 16;

/**
 * Whether bytes begin a document of packages, compressed or not, and no image: text, or a tar of documents.
 *
 * @param head the first bytes, as many as are at hand.
 */
export async function beginsDocument(head: Buffer): Promise<boolean> {
  const plain = await firstDecompressed(head);
  if (plain.length === 0) return false;
  if (isTar(plain)) return (await firstPathOf(plain))?.endsWith('.spdx.json') ?? false;
  const isUtf16 = plain[0] === 0xff && plain[1] === 0xfe;
  return isUtf16 || !plain.subarray(0, 512).includes(0);
}

/** The first piece that comes out of compressed bytes; empty where none does. The rest of them is not there, and need not be. */
async function firstDecompressed(head: Buffer): Promise<Buffer> {
  if (sniffCompression(head.subarray(0, SNIFF_BYTES)) === 'none') return head;
  try {
    for await (const chunk of decompressed(once(head))) return Buffer.from(chunk);
  } catch {
    // Damaged: who reads all of it says how.
  }
  return Buffer.alloc(0);
}

async function* once(chunk: Buffer): AsyncGenerator<Buffer> {
  yield Buffer.from(chunk);
}

/** The first bytes of a file; undefined where there is no regular file. @throws ScannerError `document.not-found`: unreadable. */
export function headOfFile(path: string): Buffer | undefined {
  try {
    return readHead(path);
  } catch (error) {
    throw namingFile(error, path);
  }
}

function readHead(path: string): Buffer | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}

/**
 * The bytes of a document in a file, decompressed.
 *
 * @throws ScannerError `document.not-found`, `document.malformed` (a cut or broken compression), `document.limit-exceeded`.
 */
export async function readDocumentFile(path: string, maxDocumentBytes?: number): Promise<Buffer> {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) throw new ScannerError('document.not-found', `${path} does not exist`, { path });
    if (!status.isFile()) throw new ScannerError('document.not-found', `${path} is no file`, { path });
    return await readDocumentStream(createReadStream(path, { highWaterMark: 1 << 20 }), maxDocumentBytes);
  } catch (error) {
    throw namingFile(error, path);
  }
}

/** A failed system call says of which file, and why; anything else goes on as it is. */
function namingFile(error: unknown, path: string): unknown {
  if (!isSystemError(error)) return error;
  const message = `${path} cannot be read: ${reasonOf(error)}`;
  return new ScannerError('document.not-found', message, { path }, { cause: error });
}

/** The same for a document that comes as a stream, such as standard input. */
export async function readDocumentStream(
  chunks: AsyncIterable<Buffer>,
  maxDocumentBytes = DEFAULT_DOCUMENT_LIMITS.maxDocumentBytes,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  try {
    const limits = { ...DEFAULT_ARCHIVE_LIMITS, maxDecompressedBytes: maxDocumentBytes };
    for await (const chunk of decompressed(chunks, limits)) pieces.push(Buffer.from(chunk));
  } catch (error) {
    throw asDocumentError(error, maxDocumentBytes);
  }
  return Buffer.concat(pieces);
}

function asDocumentError(error: unknown, maxDocumentBytes: number): unknown {
  if (!(error instanceof ScannerError)) return error;
  if (error.details.limit === 'maxDecompressedBytes') {
    const details = { limit: 'maxDocumentBytes', value: maxDocumentBytes };
    return new ScannerError(
      'document.limit-exceeded',
      `it is larger than maxDocumentBytes ${maxDocumentBytes}`,
      details,
    );
  }
  if (error.code === 'archive.limit-exceeded')
    return new ScannerError('document.limit-exceeded', error.message, error.details, { cause: error });
  return new ScannerError('document.malformed', error.message, error.details, { cause: error });
}
