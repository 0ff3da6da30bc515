import { namespaceOfRelease } from '../../model/distribution.ts';
import { schemeOf } from '../../model/namespace.ts';
import type { StatementKind, VulnerabilityStatement } from '../../model/vulnerability-statement.ts';
import { asFields, asList, asText, asTexts, type JsonFields } from '../../platform/json-values.ts';
import { documentPackage } from '../document-package.ts';
import type { DocumentInventory, DocumentPackage, JsonReader, ReaderContext } from '../reader.ts';
import { StatementsBySubject } from '../statements-by-subject.ts';

/**
 * SPDX 3.0 in JSON-LD, as OpenEmbedded's create-spdx writes it: a graph of elements. VEX statements are relationships from a
 * vulnerability to packages.
 * Sources: https://spdx.github.io/spdx-spec/v3.0.1/, https://docs.yoctoproject.org/dev/dev-manual/sbom.html.
 */
export const spdx3JsonReader: JsonReader = {
  name: 'spdx3-json',
  aliases: ['spdx-json'],
  title: 'SPDX 3.0, JSON-LD (Yocto)',
  form: 'json',
  recognises: (document) => [document['@context']].flat().some((context) => isSpdx3Context(context)),
  read: readGraph,
};

function isSpdx3Context(context: unknown): boolean {
  return typeof context === 'string' && /^https?:\/\/spdx\.(org|github\.io)\/.*3\.\d/.test(context);
}

function readGraph(document: JsonFields, { problem }: ReaderContext): DocumentInventory {
  const deviation = (path: string, what: string) =>
    problem({ code: 'reader.deviation', message: `${path} ${what}`, path });
  const graph = document['@graph'];
  if (graph !== undefined && !Array.isArray(graph)) deviation('@graph', 'is no list');
  // A document of one element has no graph.
  const elements = Array.isArray(graph) ? graph.map(asFields) : graph === undefined ? [document] : [];
  const namespace = releaseOf(elements);
  return {
    ...(namespace !== undefined && { namespace }),
    packages: packagesOf(elements, statementsOf(elements, deviation), deviation),
  };
}

/** `Package` of `software_Package`: the profile is part of the word in most documents, a prefix of an IRI in some. */
function typeOf(element: JsonFields): string {
  const type = asText(element.type) ?? asText(element['@type']) ?? '';
  return /(?:^|[_/])([A-Za-z]+)$/.exec(type)?.[1] ?? type;
}

function idOf(element: JsonFields): string {
  return asText(element.spdxId) ?? asText(element['@id']) ?? '';
}

function releaseOf(elements: readonly JsonFields[]): string | undefined {
  const namespaces = new Set(
    elements
      .filter((element) => typeOf(element) === 'Package' && element.software_primaryPurpose === 'operatingSystem')
      .map(({ name, software_packageVersion: version }) =>
        namespaceOfRelease(asText(name) ?? '', asText(version) ?? ''),
      )
      .filter((namespace) => namespace !== undefined && schemeOf(namespace) !== undefined),
  );
  return namespaces.size === 1 ? [...namespaces][0] : undefined;
}

type ReportDeviation = (place: string, what: string) => void;

function* packagesOf(
  elements: readonly JsonFields[],
  statements: StatementsBySubject,
  deviation: ReportDeviation,
): Generator<DocumentPackage> {
  for (const [index, element] of elements.entries()) {
    const type = typeOf(element);
    const place = `@graph[${index}]`;
    if (type === 'Package') yield packageOf(element, place, { statements, deviation });
    // Kinds of packages of the AI and dataset profiles.
    else if (type === 'AIPackage' || type === 'DatasetPackage') {
      const named = packageOf(element, place, { statements, deviation });
      const isNamed = named.purl !== undefined || named.cpes !== undefined;
      yield isNamed ? named : { ...named, filtered: 'it is a model or data, not software' };
    }
  }
}

/** Purposes of packages that are not installed. */
const NOT_INSTALLED: Readonly<Record<string, string>> = {
  source: 'it is source code, not what is installed',
  archive: 'it is the archive of what was built, not a package in it',
  container: 'it is the image, not a package in it',
  filesystemImage: 'it is the image, not a package in it',
  operatingSystem: 'it is the system, not a package in it',
};

function packageOf(
  element: JsonFields,
  place: string,
  { statements, deviation }: { readonly statements: StatementsBySubject; readonly deviation: ReportDeviation },
): DocumentPackage {
  const name = asText(element.name) ?? '';
  const version = asText(element.software_packageVersion);
  if (version === undefined && element.software_packageVersion !== undefined)
    deviation(`${place}.software_packageVersion`, 'is no text');
  const names = namesOf(element);
  const listed = documentPackage({ name, version, ...names }, (what) => deviation(place, what));
  const said = statements.of(idOf(element));
  const purpose = asText(element.software_primaryPurpose) ?? '';
  const isNamed = names.purl !== undefined || names.cpes.length > 0;
  const filtered = !isNamed && Object.hasOwn(NOT_INSTALLED, purpose) ? NOT_INSTALLED[purpose] : undefined;
  return {
    ...listed,
    ...(said.length > 0 && { statements: said }),
    ...(filtered !== undefined && { filtered }),
  };
}

function namesOf(element: JsonFields): { readonly purl: string | undefined; readonly cpes: readonly string[] } {
  let purl = asText(element.software_packageUrl);
  const cpes: string[] = [];
  for (const item of asList(element.externalIdentifier)) {
    const { externalIdentifierType: type, identifier } = asFields(item);
    const word = asText(identifier);
    if (word === undefined) continue;
    if (type === 'packageUrl' || type === 'packageURL') purl ??= word;
    else if (type === 'cpe23' || type === 'cpe22') cpes.push(word);
  }
  return { purl, cpes };
}

/** By type of the relationship. Source: https://spdx.github.io/spdx-spec/v3.0.1/model/Security/Security/. */
const KIND_BY_TYPE: Readonly<Record<string, StatementKind>> = {
  VexFixedVulnAssessmentRelationship: 'patched',
  VexNotAffectedVulnAssessmentRelationship: 'ignored',
  VexAffectedVulnAssessmentRelationship: 'affected',
  VexUnderInvestigationVulnAssessmentRelationship: 'under_investigation',
};

function statementsOf(elements: readonly JsonFields[], deviation: ReportDeviation): StatementsBySubject {
  const ids = vulnerabilityIds(elements);
  const byPackage = new StatementsBySubject();
  for (const [index, element] of elements.entries()) {
    const type = typeOf(element);
    const kind = Object.hasOwn(KIND_BY_TYPE, type) ? KIND_BY_TYPE[type] : undefined;
    if (kind === undefined) continue;
    const vulnerabilityId = ids.get(asText(element.from) ?? '');
    if (vulnerabilityId === undefined) {
      deviation(`@graph[${index}].from`, 'is no vulnerability of this document');
      continue;
    }
    const statement = statementOf(element, vulnerabilityId, kind);
    for (const to of asTexts([element.to].flat())) byPackage.add(to, statement);
  }
  return byPackage;
}

function statementOf(element: JsonFields, vulnerabilityId: string, kind: StatementKind): VulnerabilityStatement {
  const reason = asText(element.security_justificationType);
  const detail =
    asText(element.security_impactStatement) ??
    asText(element.security_actionStatement) ??
    asText(element.security_statusNotes);
  return {
    vulnerabilityId,
    kind,
    ...(reason !== undefined && { reason }),
    ...(detail !== undefined && { detail }),
    source: 'spdx vex',
  };
}

/** Id of a vulnerability by that of its element: its identifier, else its name, else what its element's id ends in. */
function vulnerabilityIds(elements: readonly JsonFields[]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const element of elements) {
    if (typeOf(element) !== 'Vulnerability') continue;
    const identifiers = asList(element.externalIdentifier).map(asFields);
    const stated = identifiers.find(({ externalIdentifierType: type }) => type === 'cve') ?? identifiers[0];
    const id = asText(stated?.identifier) ?? asText(element.name) ?? asText(lastSegment(idOf(element)));
    if (id !== undefined) ids.set(idOf(element), id);
  }
  return ids;
}

function lastSegment(iri: string): string {
  return iri.slice(iri.lastIndexOf('/') + 1);
}
