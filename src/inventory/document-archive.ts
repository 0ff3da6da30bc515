import { ScannerError } from '../model/errors.ts';
import { StreamInput } from '../platform/archives/byte-input.ts';
import { readTar } from '../platform/archives/tar-reader.ts';
import { checkJsonShape, type JsonDocumentLimits } from '../platform/json-document.ts';
import type { DocumentFile } from './reader.ts';

const BLOCK_BYTES = 512;

/** Whether bytes are a tar: its first header is a block with a name, of text and zeros. Text has no zeros. */
export function isTar(head: Uint8Array): boolean {
  if (head.length < BLOCK_BYTES || head[0] === 0) return false;
  const isUtf16 = head[0] === 0xff && head[1] === 0xfe;
  return !isUtf16 && head.subarray(0, BLOCK_BYTES).includes(0);
}

/** The path of a tar's first file, from its first bytes; undefined where they do not say. */
export async function firstPathOf(head: Buffer): Promise<string | undefined> {
  try {
    for await (const entry of readTar(new StreamInput(chunksOf(head)))) if (entry.type === 'file') return entry.path;
  } catch (error) {
    if (!(error instanceof ScannerError)) throw error;
  }
  return undefined;
}

/**
 * The files of a tar of JSON documents, in its order.
 *
 * @param bytes decompressed, of a size that was limited before.
 * @throws ScannerError `document.malformed` where it is cut or damaged, `document.limit-exceeded` by its documents together.
 */
export async function readDocumentFiles(bytes: Buffer, limits: JsonDocumentLimits): Promise<readonly DocumentFile[]> {
  const files: DocumentFile[] = [];
  let objectCount = 0;
  try {
    for await (const entry of readTar(new StreamInput(chunksOf(bytes)))) {
      if (entry.type !== 'file') continue;
      const pieces: Buffer[] = [];
      for await (const piece of entry.body()) pieces.push(Buffer.from(piece));
      const body = Buffer.concat(pieces);
      objectCount = checkJsonShape(body, limits, objectCount);
      files.push({ path: entry.path, text: body.toString('utf8') });
    }
  } catch (error) {
    if (!(error instanceof ScannerError) || error.code === 'document.limit-exceeded') throw error;
    throw new ScannerError('document.malformed', `the tar of documents: ${error.message}`, {}, { cause: error });
  }
  return files;
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  // A copy: the input takes the memory of its chunks away.
  yield Buffer.from(bytes);
}
