import type { Inventory } from '../model/inventory.ts';
import type { Package } from '../model/package.ts';
import { TOOL } from './document-identity.ts';
import { type Property, propertiesOfInventory, propertiesOfPackage } from './inventory-properties.ts';
import { validCpes, validCpeUris, validPurl } from './stated-identifiers.ts';

/** Ids of the document itself, and of what was scanned. */
export const [DOCUMENT_ID, TARGET_ID] = ['SPDXRef-DOCUMENT', 'SPDXRef-Target'];

/** Who made the document, and the annotations in it. */
export const CREATOR = `Tool: ${TOOL.name}-${TOOL.version}`;

const UNKNOWN = 'NOASSERTION';

/** A pointer from a package to something outside. */
export interface SpdxReference {
  readonly referenceCategory: string;
  readonly referenceType: string;
  readonly referenceLocator: string;
  readonly comment?: string | undefined;
}

/** The target as a package of its own. */
export function targetPackage(inventory: Omit<Inventory, 'packages' | 'problems'>, created: string) {
  const { target } = inventory;
  return {
    SPDXID: TARGET_ID,
    name: target.name || 'target',
    versionInfo: target.digest || undefined,
    ...UNSTATED,
    primaryPackagePurpose: target.kind === 'image' ? 'CONTAINER' : 'FILE',
    annotations: annotationsOf(propertiesOfInventory(inventory), created),
  };
}

/** Fields that SPDX demands and we know nothing of. */
const UNSTATED = {
  downloadLocation: UNKNOWN,
  filesAnalyzed: false,
  licenseConcluded: UNKNOWN,
  licenseDeclared: UNKNOWN,
  copyrightText: UNKNOWN,
} as const;

/** @param index of the package in the inventory. @param more references beside those that identify it. */
export function spdxPackage(item: Package, index: number, created: string, more: readonly SpdxReference[] = []) {
  const { id, name, version, source } = item;
  const purl = validPurl(item);
  const references = [
    ...(purl === undefined ? [] : [reference('PACKAGE-MANAGER', 'purl', purl)]),
    ...validCpes(item).map((cpe) => reference('SECURITY', 'cpe23Type', cpe)),
    ...validCpeUris(item).map((cpe) => reference('SECURITY', 'cpe22Type', cpe)),
    ...more,
  ];
  return {
    SPDXID: packageId(index),
    name: name || id,
    versionInfo: version || undefined,
    ...UNSTATED,
    sourceInfo: source && `built from ${source.name} ${source.version}`.trim(),
    externalRefs: references.length > 0 ? references : undefined,
    annotations: annotationsOf(propertiesOfPackage(item), created),
  };
}

function reference(referenceCategory: string, referenceType: string, referenceLocator: string): SpdxReference {
  return { referenceCategory, referenceType, referenceLocator };
}

function annotationsOf(properties: readonly Property[], annotationDate: string) {
  return properties.map(({ name, value }) => ({
    annotationType: 'OTHER',
    annotator: CREATOR,
    annotationDate,
    comment: `${name}=${value}`,
  }));
}

/** What is related to what: the document describes the target, which contains the packages. */
export function* relationshipsOf({ packages }: Pick<Inventory, 'packages'>) {
  yield { spdxElementId: DOCUMENT_ID, relationshipType: 'DESCRIBES', relatedSpdxElement: TARGET_ID };
  for (const index of packages.keys())
    yield { spdxElementId: TARGET_ID, relationshipType: 'CONTAINS', relatedSpdxElement: packageId(index) };
}

/** The namespace of a document, which no other document has. A target's name may be any text, also lone surrogates. */
export function documentNamespace({ target }: Pick<Inventory, 'target'>, uuid: string): string {
  return `https://spdx.org/spdxdocs/${encodeURIComponent((target.name || 'target').toWellFormed())}-${uuid}`;
}

function packageId(index: number): string {
  return `SPDXRef-Package-${index + 1}`;
}
