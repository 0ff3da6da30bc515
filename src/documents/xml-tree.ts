import { SaxesParser } from 'saxes';
import { ScannerError } from '../model/errors.ts';

/** An element with its place. */
export interface XmlElement {
  readonly name: string;
  /** URI of its XML namespace; `` for none. */
  readonly uri: string;
  readonly attributes: readonly { readonly name: string; readonly uri: string; readonly value: string }[];
  readonly children: readonly XmlElement[];
  /** All text directly in it. */
  readonly text: string;
  readonly line: number;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/** Elements may be nested this deep; honest documents stay far below. */
const MAX_DEPTH = 1000;

/**
 * An XML document as a tree.
 *
 * @throws ScannerError `document.malformed` for XML that is not well-formed, `document.limit-exceeded` above the depth. Entities other
 *   than XML's own five are refused, so none can grow.
 */
export function parseXmlTree(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const stack: OpenElement[] = [];
  let root: XmlElement | undefined;
  parser.on('error', (cause) => {
    throw new ScannerError('document.malformed', `the XML is not well-formed: ${cause.message}`, {}, { cause });
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    if (stack.length >= MAX_DEPTH)
      throw new ScannerError('document.limit-exceeded', `elements are nested deeper than maxDepth ${MAX_DEPTH}`);
    const stated = Object.values(attributes).filter(
      ({ prefix, local: name }) => prefix !== 'xmlns' && name !== 'xmlns',
    );
    stack.push({
      ...{ name: local, uri, line: parser.line, children: [], text: '' },
      attributes: stated.map((attribute) => ({ name: attribute.local, uri: attribute.uri, value: attribute.value })),
    });
  });
  const addText = (piece: string): void => {
    const element = stack.at(-1);
    if (element) element.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const element = stack.pop()!;
    const parent = stack.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
  });
  parser.write(text).close();
  if (!root) throw new ScannerError('document.malformed', 'the XML has no element');
  return root;
}
