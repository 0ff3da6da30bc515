import { asFields, asList, asText, type JsonFields } from '../platform/json-values.ts';

/**
 * SPDX 2.1 to 2.3 as it is really written: packages and relationships, from the JSON form (tag-value is brought into it by
 * `spdx-tag-value.ts`). Tolerant: what a document does not state well is left out and reported.
 * Source: https://spdx.github.io/spdx-spec/v2.3/.
 */

/** Where a document breaks its format. */
type ReportDeviation = (place: string, what: string) => void;

/** A package, with its place in the document. */
export interface SpdxPackage {
  /** e.g. `packages[3]`. */
  readonly place: string;
  /** `SPDXRef-…`; `` where it states none. */
  readonly id: string;
  /** `` where it states none. */
  readonly name: string;
  readonly version?: string;
  /** `LIBRARY`, `CONTAINER`, `OPERATING-SYSTEM`, `SOURCE` … (2.3). */
  readonly purpose?: string;
  readonly purls: readonly string[];
  /** CPE 2.2 and 2.3 names. */
  readonly cpes: readonly string[];
  readonly sourceInfo?: string;
  /** Comments of its annotations, then its attribution texts. */
  readonly notes: readonly string[];
}

/** `from` TYPE `to`; ids of another document are `DocumentRef-x:SPDXRef-y`. */
export interface SpdxRelationship {
  readonly from: string;
  readonly type: string;
  readonly to: string;
}

/** Whether a JSON object is an SPDX 2 document. */
export function isSpdx2(document: JsonFields): boolean {
  return typeof document.spdxVersion === 'string' && document.spdxVersion.startsWith('SPDX-2');
}

/** All packages of a document, in its order. */
export function* packagesOfSpdx(document: JsonFields, deviation: ReportDeviation): Generator<SpdxPackage> {
  const { packages } = document;
  if (packages === undefined) return;
  if (!Array.isArray(packages)) return deviation('packages', 'is no list');
  for (const [index, item] of packages.entries()) {
    const place = `packages[${index}]`;
    if (typeof item !== 'object' || item === null || Array.isArray(item)) deviation(place, 'is no package');
    else yield packageOf(item as JsonFields, place, deviation);
  }
}

function packageOf(fields: JsonFields, place: string, deviation: ReportDeviation): SpdxPackage {
  const text = (key: string): string | undefined => {
    const value = fields[key];
    if (value === undefined || value === null || value === '' || value === 'NOASSERTION' || value === 'NONE')
      return undefined;
    if (typeof value === 'string') return value;
    deviation(`${place}.${key}`, 'is no text');
    return undefined;
  };
  // `NONE` and `NOASSERTION` are words of other fields, and may be names.
  const name = asText(fields.name);
  if (name === undefined) deviation(place, 'has no name');
  const [version, purpose, sourceInfo] = [text('versionInfo'), text('primaryPackagePurpose'), text('sourceInfo')];
  return {
    place,
    id: text('SPDXID') ?? '',
    name: name ?? '',
    ...(version !== undefined && { version }),
    ...(purpose !== undefined && { purpose }),
    ...(sourceInfo !== undefined && { sourceInfo }),
    ...namesOf(fields.externalRefs, place, deviation),
    notes: notesOf(fields),
  };
}

/** Types of references are words, or URLs that end in the word. */
function namesOf(references: unknown, place: string, deviation: ReportDeviation): Pick<SpdxPackage, 'purls' | 'cpes'> {
  const purls: string[] = [];
  const cpes: string[] = [];
  if (references !== undefined && !Array.isArray(references)) deviation(`${place}.externalRefs`, 'is no list');
  for (const reference of asList(references)) {
    const { referenceType, referenceLocator } = asFields(reference);
    const [type, locator] = [asText(referenceType), asText(referenceLocator)];
    if (type === undefined || locator === undefined) continue;
    if (/(^|\/)purl$/.test(type)) purls.push(locator);
    else if (/(^|\/)cpe2[23]Type$/.test(type)) cpes.push(locator);
  }
  return { purls, cpes };
}

function notesOf({ annotations, attributionTexts }: JsonFields): readonly string[] {
  if (annotations === undefined && attributionTexts === undefined) return [];
  return [
    ...asList(annotations).flatMap((annotation) => asText(asFields(annotation).comment) ?? []),
    ...asList(attributionTexts).flatMap((note) => asText(note) ?? []),
  ];
}

/** All relationships of a document; what it `documentDescribes` is one too. */
export function* relationshipsOfSpdx({ documentDescribes, relationships }: JsonFields): Generator<SpdxRelationship> {
  for (const to of asList(documentDescribes))
    if (typeof to === 'string') yield { from: 'SPDXRef-DOCUMENT', type: 'DESCRIBES', to };
  for (const item of asList(relationships)) {
    const { spdxElementId: from, relationshipType: type, relatedSpdxElement: to } = asFields(item);
    if (typeof from === 'string' && typeof type === 'string' && typeof to === 'string') yield { from, type, to };
  }
}
