import { beginsDocument, headOfFile, readDocumentFile, readDocumentStream } from '../inventory/open-document.ts';
import { ScannerError } from '../model/errors.ts';

/** What stands before the colon of a target that is a document. */
const PREFIX = 'sbom:';

/** A target that is a document: its bytes, decompressed, are read when they are asked for. */
export interface DocumentTarget {
  bytes(): Promise<Buffer>;
}

/** How a target is told to be a document. */
export interface FindDocumentOptions {
  /** The user names the format of the document. */
  readonly isNamed: boolean;
  /** What the target `-` stands for. */
  readonly stdin?: AsyncIterable<Buffer> | undefined;
  readonly maxDocumentBytes?: number | undefined;
}

/** What a target is: a document, or what is handed on to who reads images. */
export interface FoundTarget {
  readonly document?: DocumentTarget;
  /** Standard input, from its beginning. */
  readonly stdin?: AsyncIterable<Buffer>;
}

/**
 * Tells a document from an image, by the target's words or its first bytes: `sbom:FILE`, a package URL or a CPE, a file or standard input
 * that begins like a document. No reader is loaded for it.
 *
 * @throws ScannerError `document.not-found`: a file that cannot be read; `usage.invalid`: none is named.
 */
export async function findDocument(
  target: string,
  { isNamed, stdin, maxDocumentBytes }: FindDocumentOptions,
): Promise<FoundTarget> {
  if (/^pkg:[a-z]|^cpe:(2\.3:|\/)/i.test(target)) return { document: { bytes: async () => Buffer.from(target) } };
  const path = target.startsWith(PREFIX) ? target.slice(PREFIX.length) : target;
  if (path === '') throw new ScannerError('usage.invalid', 'sbom: needs a file behind it: sbom:FILE');
  const isSaid = isNamed || path !== target;
  if (path === '-') {
    if (stdin === undefined) return {};
    const { head, chunks } = await peek(stdin);
    if (!isSaid && !(await beginsDocument(head))) return { stdin: chunks };
    return { document: { bytes: () => readDocumentStream(chunks, maxDocumentBytes) } };
  }
  const head = isSaid ? undefined : headOfFile(path);
  if (!isSaid && (head === undefined || !(await beginsDocument(head)))) return {};
  return { document: { bytes: () => readDocumentFile(path, maxDocumentBytes) } };
}

/** Enough to tell a tar from text. */
const PEEKED_BYTES = 512;

/** The beginning of a stream, and the whole of it. */
async function peek(
  stream: AsyncIterable<Buffer>,
): Promise<{ readonly head: Buffer; readonly chunks: AsyncIterable<Buffer> }> {
  const iterator = stream[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < PEEKED_BYTES) {
    const { value, done } = await iterator.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return { head, chunks: joined(head, iterator) };
}

async function* joined(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    // A copy: who reads may take the memory of chunks away.
    yield Buffer.from(head);
    for (let item = await rest.next(); !item.done; item = await rest.next()) yield item.value;
  } finally {
    await rest.return?.();
  }
}

/** An error of a document says which one. */
export function namingDocument(error: unknown, target: string): unknown {
  if (!(error instanceof ScannerError) || !error.code.startsWith('document.') || error.code === 'document.not-found')
    return error;
  const name = target === '-' || target === `${PREFIX}-` ? 'standard input' : target;
  return new ScannerError(error.code, `${name}: ${error.message}`, error.details, { cause: error });
}
