import { purlOfPackage } from '../documents/write-purl.ts';
import { ScannerError } from '../model/errors.ts';
import type { Inventory } from '../model/inventory.ts';
import { schemeOf } from '../model/namespace.ts';
import type { Problem } from '../model/problem.ts';
import { documentText } from '../platform/document-text.ts';
import { parseJsonDocument } from '../platform/json-document.ts';
import { didYouMean } from '../platform/nearest-word.ts';
import { withIds } from './build-inventory.ts';
import { isTar, readDocumentFiles } from './document-archive.ts';
import { DEFAULT_DOCUMENT_LIMITS, type DocumentLimits } from './document-limits.ts';
import { mayBelongTo, UNTYPED } from './document-package.ts';
import type { DocumentInventory, DocumentPackage, InventoryReader, ReaderContext } from './reader.ts';
import { readers } from './readers/registry.ts';

/** How a document is read. */
export interface ReadDocumentOptions {
  /** A reader's name; without it the document is recognised by its content. */
  readonly format?: string | undefined;
  /** The release of packages for which the document names none. */
  readonly distro?: string | undefined;
  readonly limits?: Partial<DocumentLimits> | undefined;
}

/**
 * The inventory of a document: an SBOM, a list of packages, what a build system writes.
 *
 * @param target as the user named it.
 * @param bytes decompressed.
 * @throws ScannerError `document.unknown-format`, `document.malformed`, `document.limit-exceeded`, `usage.invalid` (no such format).
 */
export async function readDocument(
  target: string,
  bytes: Buffer,
  { format, distro, limits: given }: ReadDocumentOptions = {},
): Promise<Inventory> {
  const limits = { ...DEFAULT_DOCUMENT_LIMITS, ...given };
  const problems = new ProblemList(limits.maxProblems);
  const read = await readWith(bytes, { format, limits, context: { problem: (it) => problems.add(it) } });
  const packages = collect(read, distro, limits);
  return {
    target: {
      ...{ kind: 'sbom', name: target },
      ...(read.serialNumber !== undefined && { serialNumber: read.serialNumber }),
    },
    ...((read.namespace ?? distro) !== undefined && { namespace: (read.namespace ?? distro)! }),
    ...(read.repositoryCpes && { repositoryCpes: read.repositoryCpes }),
    packages: withIds(packages),
    layers: read.layers ?? [],
    problems: problems.all(),
  };
}

interface Reading {
  readonly format: string | undefined;
  readonly limits: DocumentLimits;
  readonly context: ReaderContext;
}

async function readWith(bytes: Buffer, { format, limits, context }: Reading): Promise<DocumentInventory> {
  const candidates = candidatesOf(format);
  if (isTar(bytes)) {
    const files = await readDocumentFiles(bytes, limits);
    const firstPath = files[0]?.path ?? '';
    return choose(candidates, { form: 'archive', format, context }, (it) => it.recognises(firstPath)).read(
      files,
      context,
    );
  }
  const text = documentText(bytes);
  const first = /\S/.exec(text)?.[0];
  if (first === '{') {
    const document = parseJsonDocument(bytes, text, limits) as Readonly<Record<string, unknown>>;
    const reader = choose(candidates, { form: 'json', format, context }, (it) => it.recognises(document));
    return reader.read(document, context);
  }
  const head = text.slice(0, HEAD_LENGTH);
  const form = first === '<' ? 'xml' : 'text';
  const word = /[\0\ufffd]/.test(head) ? 'binary data' : FORM_WORDS[form];
  return choose(candidates, { form, word, format, context }, (it) => it.recognises(head)).read(text, context);
}

/** How much of a text readers tell its format by. */
const HEAD_LENGTH = 1 << 16;

function candidatesOf(format: string | undefined): readonly InventoryReader[] {
  if (format === undefined) return readers;
  const named = readers.filter(({ name, aliases = [] }) => name === format || aliases.includes(format));
  if (named.length > 0) return named;
  const names = readers.map(({ name }) => name);
  const hint = didYouMean(format, names);
  throw new ScannerError('usage.invalid', `--inventory-format ${format}: it is one of ${names.join(', ')}${hint}`);
}

type ReaderOf<Form> = InventoryReader & { readonly form: Form };

interface Choice<Form> {
  readonly form: Form;
  /** What the document is, for errors. */
  readonly word?: string;
  readonly format: string | undefined;
  readonly context: ReaderContext;
}

/** The first that recognises the document; one that the user named is believed where it could be it, and then that is a problem. */
function choose<Form extends InventoryReader['form']>(
  candidates: readonly InventoryReader[],
  { form, word = FORM_WORDS[form], format, context }: Choice<Form>,
  recognises: (reader: ReaderOf<Form>) => boolean,
): ReaderOf<Form> {
  const possible = candidates.filter((it): it is ReaderOf<Form> => it.form === form);
  const found = possible.find(recognises);
  if (found) return found;
  const [named] = format === undefined ? [] : possible;
  if (named) {
    const message = `it does not look like ${named.title}, and was read as that because --inventory-format says so`;
    context.problem({ code: 'reader.deviation', message });
    return named;
  }
  if (format !== undefined)
    throw new ScannerError('document.malformed', `it is not ${candidates[0]?.title ?? format}: it is ${word}`);
  throw new ScannerError(
    'document.unknown-format',
    `it is ${word}, but none of the known inventory formats; one may be named with --inventory-format`,
  );
}

const FORM_WORDS: Readonly<Record<InventoryReader['form'], string>> = {
  json: 'a JSON object',
  xml: 'XML',
  text: 'text',
  archive: 'a tar',
};

type Unnumbered = Parameters<typeof withIds>[0][number];

function collect(read: DocumentInventory, distro: string | undefined, limits: DocumentLimits): readonly Unnumbered[] {
  const namespace = read.namespace ?? distro;
  const packages: Unnumbered[] = [];
  let [statementCount, cpeCount] = [0, 0];
  for (const listed of read.packages) {
    packages.push(placed(listed, namespace));
    statementCount += listed.statements?.length ?? 0;
    cpeCount += listed.cpes?.length ?? 0;
    checkCount('maxComponents', packages.length, limits);
    checkCount('maxStatements', statementCount, limits);
    checkCount('maxCpes', cpeCount, limits);
  }
  return packages;
}

/** @throws ScannerError `document.limit-exceeded` */
function checkCount(limit: 'maxComponents' | 'maxStatements' | 'maxCpes', count: number, limits: DocumentLimits): void {
  const value = limits[limit];
  if (count <= value) return;
  throw new ScannerError('document.limit-exceeded', `it has more than ${limit} ${value}`, { limit, value });
}

function placed(listed: DocumentPackage, release: string | undefined): Unnumbered {
  const namespace = listed.namespace ?? releaseFor(listed, release);
  const settled = namespace === undefined ? listed : { ...listed, namespace };
  const purl = listed.purl ?? (listed.type === UNTYPED ? undefined : purlOfPackage(settled));
  return { ...settled, ...(purl !== undefined && { purl }), locations: listed.locations ?? [] };
}

function releaseFor(listed: DocumentPackage, release: string | undefined): string | undefined {
  const scheme = release === undefined ? undefined : schemeOf(release);
  return scheme !== undefined && mayBelongTo(release!, listed, scheme) ? release : undefined;
}

/** A hostile or hopeless document has a fault in every line: the first are listed, the others counted. */
class ProblemList {
  readonly #maxProblems: number;
  readonly #listed: Problem[] = [];
  #count = 0;

  constructor(maxProblems: number) {
    this.#maxProblems = maxProblems;
  }

  add(problem: Problem): void {
    if (this.#count++ < this.#maxProblems) this.#listed.push(problem);
  }

  all(): readonly Problem[] {
    const more = this.#count - this.#listed.length;
    if (more === 0) return this.#listed;
    return [...this.#listed, { code: 'reader.more-problems', message: `and ${more} more problems of this document` }];
  }
}
