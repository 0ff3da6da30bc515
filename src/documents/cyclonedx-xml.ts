import { SaxesParser } from 'saxes';
import { ScannerError } from '../model/errors.ts';
import type { JsonFields } from '../platform/json-values.ts';

/** Elements that hold a list, whose children are its items. */
const LISTS: ReadonlySet<string> = new Set([
  'components',
  'properties',
  'patches',
  'resolves',
  'vulnerabilities',
  'affects',
]);

/** Elements that hold what no reader of components asks for; they are walked over. */
const SKIPPED: ReadonlySet<string> = new Set([
  ...['licenses', 'hashes', 'externalReferences', 'dependencies', 'services', 'tools', 'annotations', 'declarations'],
  ...[
    'evidence',
    'modelCard',
    'data',
    'formulation',
    'definitions',
    'diff',
    'ancestors',
    'descendants',
    'variants',
    'commits',
  ],
  ...[
    'ratings',
    'advisories',
    'references',
    'cwes',
    'credits',
    'signature',
    'compositions',
    'releaseNotes',
    'cryptoProperties',
  ],
]);

/** Elements may be nested this deep; honest documents stay far below. */
const MAX_DEPTH = 1000;

/** Elements that are kept. */
const MAX_OBJECTS = 10_000_000;

interface OpenElement {
  readonly name: string;
  readonly fields: Record<string, unknown>;
  readonly items: unknown[];
  text: string;
}

/**
 * A CycloneDX document in XML, in the shape of its JSON form as far as components and vulnerabilities go.
 *
 * @throws ScannerError `document.malformed` for XML that is not well-formed, `document.limit-exceeded` above the depth. Entities other
 *   than XML's own five are refused, so none can grow.
 */
export function parseCycloneDxXml(text: string): JsonFields {
  const parser = new SaxesParser({ xmlns: true });
  const stack: OpenElement[] = [];
  let root: JsonFields | undefined;
  let skippedDepth = 0;
  let objectCount = 0;

  parser.on('error', (cause) => {
    throw new ScannerError('document.malformed', `the XML is not well-formed: ${cause.message}`, {}, { cause });
  });
  parser.on('opentag', ({ local, attributes }) => {
    // Skipped ones too: the parser looks up the namespace of each through all that hold it.
    if (stack.length + skippedDepth >= MAX_DEPTH)
      throw new ScannerError('document.limit-exceeded', `elements are nested deeper than maxDepth ${MAX_DEPTH}`);
    if (skippedDepth > 0 || (stack.length > 0 && SKIPPED.has(local))) {
      skippedDepth++;
      return;
    }
    if (++objectCount > MAX_OBJECTS)
      throw new ScannerError('document.limit-exceeded', `it has more elements than maxObjects ${MAX_OBJECTS}`);
    // Without a prototype: an element may be called `__proto__`.
    const fields: Record<string, unknown> = Object.create(null);
    for (const attribute of Object.values(attributes)) {
      if (attribute.prefix === '' && attribute.local !== 'xmlns') fields[attribute.local] = attribute.value;
      else if (attribute.local === 'xmlns' && stack.length === 0) fields.xmlns = attribute.value;
    }
    stack.push({ name: local, fields, items: [], text: '' });
  });
  const addText = (piece: string): void => {
    const element = stack.at(-1);
    if (element && skippedDepth === 0) element.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    if (skippedDepth > 0) {
      skippedDepth--;
      return;
    }
    const element = stack.pop()!;
    const parent = stack.at(-1);
    if (!parent) root = element.fields;
    else if (LISTS.has(parent.name)) parent.items.push(jsonOf(element));
    else if (!Object.hasOwn(parent.fields, element.name)) parent.fields[element.name] = jsonOf(element);
  });

  for (let at = 0; at < text.length; at += PIECE_LENGTH) parser.write(text.slice(at, at + PIECE_LENGTH));
  parser.close();
  return documentOf(root ?? {});
}

/** The parser copies what it is given: pieces keep that small. */
const PIECE_LENGTH = 1 << 20;

function jsonOf({ name, fields, items, text }: OpenElement): unknown {
  if (LISTS.has(name)) return items;
  if (name === 'property') return { ...fields, value: text };
  return Object.keys(fields).length === 0 ? text.trim() : fields;
}

/** The version of the format is in the XML's namespace. */
function documentOf({ xmlns, ...fields }: JsonFields): JsonFields {
  const specVersion = /\/bom\/(\d+\.\d+)$/.exec(String(xmlns ?? ''))?.[1];
  return { bomFormat: 'CycloneDX', ...(specVersion !== undefined && { specVersion }), ...fields };
}
