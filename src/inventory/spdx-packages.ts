import { packagesOfSpdx, relationshipsOfSpdx, type SpdxPackage } from '../documents/spdx.ts';
import { namespaceOfRelease } from '../model/distribution.ts';
import { schemeOf } from '../model/namespace.ts';
import type { SourcePackage } from '../model/package.ts';
import type { VulnerabilityStatement } from '../model/vulnerability-statement.ts';
import { asFields, asList, asTexts, type JsonFields } from '../platform/json-values.ts';
import { documentPackage } from './document-package.ts';
import type { DocumentInventory, DocumentPackage, ReaderContext } from './reader.ts';
import { scannerFacts } from './scanner-properties.ts';
import { documentFacts, inventoryFacts, packageFacts, type StatedProperties } from './stated-properties.ts';
import { withoutRepeats } from './statements-by-subject.ts';

type ReportDeviation = (place: string, what: string) => void;

/** The inventory of an SPDX 2 document in its JSON form. */
export function spdxInventory(document: JsonFields, { problem }: ReaderContext): DocumentInventory {
  const deviation: ReportDeviation = (path, what) =>
    problem({ code: 'reader.deviation', message: `${path} ${what}`, path });
  const described = describedBy(document);
  const facts = { ...targetFacts(document, described) };
  const namespace = facts.namespace ?? releaseOfDocument(document);
  return {
    ...facts,
    ...(namespace !== undefined && { namespace }),
    packages: packagesOf(document, { namespace, described, deviation }),
  };
}

function describedBy(document: JsonFields): ReadonlySet<string> {
  const described = new Set<string>();
  for (const { from, type, to } of relationshipsOfSpdx(document)) {
    if (type === 'DESCRIBES' && from === 'SPDXRef-DOCUMENT') described.add(to);
    else if (type === 'DESCRIBED_BY' && to === 'SPDXRef-DOCUMENT') described.add(from);
  }
  return described;
}

/** What we ourselves wrote of the whole inventory, at the package that stands for it. */
function targetFacts(document: JsonFields, described: ReadonlySet<string>): Omit<DocumentInventory, 'packages'> {
  for (const item of packagesOfSpdx(document, () => {})) {
    if (!described.has(item.id)) continue;
    const properties = propertiesOf(item.notes);
    if (properties.has('cvescan:target:kind')) return documentFacts(properties);
  }
  return {};
}

function releaseOfDocument(document: JsonFields): string | undefined {
  const namespaces = new Set<string>();
  for (const item of packagesOfSpdx(document, () => {})) {
    const namespace = releaseOf(item);
    if (namespace !== undefined && schemeOf(namespace) !== undefined) namespaces.add(namespace);
  }
  const [namespace, ...others] = namespaces;
  return others.length === 0 ? namespace : undefined;
}

function releaseOf({ purpose, name, version }: SpdxPackage): string | undefined {
  // The specification's word has a hyphen, some writers' an underscore.
  if (purpose !== 'OPERATING-SYSTEM' && purpose !== 'OPERATING_SYSTEM') return undefined;
  return namespaceOfRelease(name, version ?? '');
}

function* packagesOf(
  document: JsonFields,
  {
    namespace,
    described,
    deviation,
  }: {
    readonly namespace: string | undefined;
    readonly described: ReadonlySet<string>;
    readonly deviation: ReportDeviation;
  },
): Generator<DocumentPackage> {
  const ids = new Set<string>();
  for (const item of packagesOfSpdx(document, deviation)) {
    if (item.id !== '' && ids.has(item.id)) deviation(item.place, `has the SPDXID ${item.id} of another package`);
    ids.add(item.id);
    if (namespace !== undefined && releaseOf(item) === namespace) continue;
    if (described.has(item.id) && isTarget(item)) continue;
    yield spdxPackage(item, document, deviation);
  }
}

/** The package that stands for what was scanned: it is not found in itself. */
function isTarget({ purpose, purls, cpes, notes }: SpdxPackage): boolean {
  if (notes.some((note) => note.startsWith('cvescan:target:kind='))) return true;
  if (cpes.length > 0 || purls.some((purl) => !/^pkg:(oci|docker)\//.test(purl))) return false;
  return purpose === 'CONTAINER' || purpose === 'FILE' || purpose === 'OPERATING-SYSTEM';
}

const SOURCE_CODE = 'it is source code, not what is installed';

/** One package of a document as an inventory lists it. @param document that it is of: says which of its files are compiled. */
export function spdxPackage(item: SpdxPackage, document: JsonFields, deviation: ReportDeviation): DocumentPackage {
  const { place, name, version, purls, cpes, notes, sourceInfo = '', purpose } = item;
  const properties = propertiesOf(notes);
  const own = properties.size > 0 ? packageFacts(properties) : undefined;
  if (own) return { ...own, name, version: version ?? '', ...(purls[0] !== undefined && { purl: purls[0] }) };

  const listed = documentPackage({ name, version, purl: purls[0], cpes }, (what) => deviation(place, what));
  if (purls.length > 1) deviation(place, `has ${purls.length} package URLs; the first is taken`);
  const facts = scannerFacts(properties, listed);
  const source = facts.source ?? (isItsOwnSource(listed) ? builtFrom(sourceInfo) : undefined);
  const statements = withoutRepeats([...(inventoryFacts(properties).statements ?? []), ...fixedIn(sourceInfo)]);
  const isUnnamed = purls.length === 0 && cpes.length === 0;
  const compiledSources = cpes.some((cpe) => cpe.includes(':linux_kernel:')) ? sourcesOf(document) : [];
  return {
    ...listed,
    ...facts,
    ...(source && { source }),
    ...(statements.length > 0 && { statements }),
    ...(compiledSources.length > 0 && { compiledSources }),
    ...(isUnnamed && purpose === 'SOURCE' && { filtered: SOURCE_CODE }),
    ...(isUnnamed && purpose === 'FILE' && { filtered: 'it is a file, and nothing names its package' }),
  };
}

/** Annotations that are `name=value` (ours) or `Name: value` (Trivy's), as properties. */
function propertiesOf(notes: readonly string[]): StatedProperties {
  if (notes.length === 0) return new Map();
  const values = new Map<string, string[]>();
  for (const note of notes) {
    const [, own, ownValue] = /^(cvescan:[^=]+)=([\s\S]*)$/.exec(note) ?? [];
    const [, word, value] = own === undefined ? (/^([A-Za-z]+): (.*)$/.exec(note) ?? []) : [];
    const name = own ?? (word === undefined ? undefined : `aquasecurity:trivy:${word}`);
    if (name === undefined) continue;
    const known = values.get(name);
    if (known) known.push(ownValue ?? value ?? '');
    else values.set(name, [ownValue ?? value ?? '']);
  }
  return values;
}

function isItsOwnSource({ source, name, version }: DocumentPackage): boolean {
  return source !== undefined && source.name === name && source.version === version;
}

/** Trivy's `built package from: openssl 3.0.14-1`, and ours. */
function builtFrom(sourceInfo: string): SourcePackage | undefined {
  const [, name, version] = /^built (?:package )?from:? (\S+) (\S+)$/.exec(sourceInfo) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/** OpenEmbedded's `CVEs fixed: CVE-2024-2961 …`: those that patches of the recipe mend. */
function fixedIn(sourceInfo: string): readonly VulnerabilityStatement[] {
  const [, ids] = /^CVEs fixed: (.*)$/s.exec(sourceInfo) ?? [];
  if (ids === undefined) return [];
  return ids
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((vulnerabilityId) => ({ vulnerabilityId, kind: 'patched', source: 'yocto spdx sourceInfo' }));
}

const sourcesByDocument = new WeakMap<JsonFields, readonly string[]>();

/** Source files of a recipe (`SPDX_INCLUDE_SOURCES`), without the folder that they were unpacked to; listed once a document. */
function sourcesOf(document: JsonFields): readonly string[] {
  const known = sourcesByDocument.get(document);
  if (known) return known;
  const sources = asList(document.files).flatMap((file) => {
    const { fileName, fileTypes } = asFields(file);
    if (typeof fileName !== 'string' || !asTexts(fileTypes).includes('SOURCE')) return [];
    return [fileName.replace(/^\.?\/?[^/]+\//, '')];
  });
  sourcesByDocument.set(document, sources);
  return sources;
}
