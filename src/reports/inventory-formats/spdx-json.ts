import type { Inventory } from '../../model/inventory.ts';
import type { Package } from '../../model/package.ts';
import { contentUuid, documentTime, TOOL } from '../document-identity.ts';
import type { InventoryFormat } from '../inventory-format.ts';
import { type Property, propertiesOfInventory, propertiesOfPackage } from '../inventory-properties.ts';
import { jsonPieces } from '../json-pieces.ts';

const DOCUMENT_ID = 'SPDXRef-DOCUMENT';
const TARGET_ID = 'SPDXRef-Target';
const CREATOR = `Tool: ${TOOL.name}-${TOOL.version}`;
const UNKNOWN = 'NOASSERTION';

/** SPDX 2.3. What SPDX has no field for is an annotation, one `name=value` each. Source: https://spdx.github.io/spdx-spec/v2.3/. */
export const spdxJsonFormat: InventoryFormat = {
  name: 'spdx-json',
  title: 'SPDX 2.3 SBOM',
  mediaType: 'application/spdx+json; version=2.3',

  render({ inventory }, { now }) {
    const created = documentTime(now);
    const name = inventory.target.name || 'target';
    return jsonPieces({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: DOCUMENT_ID,
      name,
      documentNamespace: `https://spdx.org/spdxdocs/${encodeUri(name)}-${contentUuid(inventory)}`,
      creationInfo: { created, creators: [CREATOR] },
      documentDescribes: [TARGET_ID],
      packages: packagesOf(inventory, name, created),
      relationships: relationshipsOf(inventory),
    });
  },
};

function* packagesOf(inventory: Inventory, name: string, created: string) {
  const { target, packages } = inventory;
  yield {
    SPDXID: TARGET_ID,
    name,
    versionInfo: target.digest,
    ...UNSTATED,
    primaryPackagePurpose: target.kind === 'image' ? 'CONTAINER' : 'FILE',
    annotations: annotationsOf(propertiesOfInventory(inventory), created),
  };
  for (const [index, item] of packages.entries()) yield packageOf(item, index, created);
}

/** Fields that SPDX demands and we know nothing of. */
const UNSTATED = {
  downloadLocation: UNKNOWN,
  filesAnalyzed: false,
  licenseConcluded: UNKNOWN,
  licenseDeclared: UNKNOWN,
  copyrightText: UNKNOWN,
} as const;

function packageOf(item: Package, index: number, created: string) {
  const { name, version, purl, cpes = [], source } = item;
  const references = [
    ...(purl === undefined ? [] : [reference('PACKAGE-MANAGER', 'purl', purl)]),
    ...cpes.map((cpe) => reference('SECURITY', cpe.startsWith('cpe:2.3:') ? 'cpe23Type' : 'cpe22Type', cpe)),
  ];
  return {
    SPDXID: packageId(index),
    name,
    versionInfo: version || undefined,
    ...UNSTATED,
    sourceInfo: source && `built from ${source.name} ${source.version}`.trim(),
    externalRefs: references.length > 0 ? references : undefined,
    annotations: annotationsOf(propertiesOfPackage(item), created),
  };
}

function reference(referenceCategory: string, referenceType: string, referenceLocator: string) {
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

function* relationshipsOf({ packages }: Inventory) {
  yield { spdxElementId: DOCUMENT_ID, relationshipType: 'DESCRIBES', relatedSpdxElement: TARGET_ID };
  for (const index of packages.keys())
    yield { spdxElementId: TARGET_ID, relationshipType: 'CONTAINS', relatedSpdxElement: packageId(index) };
}

function packageId(index: number): string {
  return `SPDXRef-Package-${index + 1}`;
}

/** A target's name may be any text, also lone surrogates. */
function encodeUri(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
