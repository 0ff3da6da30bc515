import { SaxesParser } from 'saxes';
import { ScannerError } from '../model/errors.ts';

/** Makes values of one kind out of the elements of an XML document, as they come. */
export interface XmlHandler<Value> {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  /** Text or CDATA, in pieces. */
  text(text: string): void;
  close(name: string): void;
  /** Values that were finished since the last call. */
  take(): readonly Value[];
  /** Whether nothing behind this place matters: the rest is read, as a checksum may stand at its end, but not parsed. */
  readonly isDone: boolean;
}

/**
 * Reads an XML document of any length without holding it. Entities other than XML's own five are refused, so none can grow.
 *
 * @param what the format, as errors call it.
 * @throws ScannerError `feed.malformed` for XML that is not well-formed, or ends before the handler is done.
 */
export async function* readXml<Value>(
  chunks: AsyncIterable<Buffer>,
  handler: XmlHandler<Value>,
  what: string,
): AsyncGenerator<Value> {
  const parser = new SaxesParser();
  parser.on('error', (cause) => {
    throw new ScannerError('feed.malformed', `${what}: ${cause.message}`, {}, { cause });
  });
  parser.on('opentag', ({ name, attributes }) => handler.open(name, attributes));
  parser.on('text', (text) => handler.text(text));
  parser.on('cdata', (text) => handler.text(text));
  parser.on('closetag', ({ name }) => handler.close(name));

  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    if (handler.isDone) continue;
    parser.write(decoder.decode(chunk, { stream: true }));
    yield* handler.take();
  }
  if (!handler.isDone) throw new ScannerError('feed.malformed', `${what}: the document ends early`);
}
