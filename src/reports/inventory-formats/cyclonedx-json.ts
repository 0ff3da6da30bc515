import { parsePurl } from '../../documents/purl.ts';
import type { Inventory } from '../../model/inventory.ts';
import { familyOf, releaseOf } from '../../model/namespace.ts';
import type { Package } from '../../model/package.ts';
import { contentUuid, documentTime, TOOL } from '../document-identity.ts';
import type { InventoryFormat } from '../inventory-format.ts';
import { propertiesOfInventory, propertiesOfPackage } from '../inventory-properties.ts';
import { jsonPieces } from '../json-pieces.ts';

/** References within the document; packages have ids with a `/`, so they cannot be the same. */
const TARGET_REF = 'target';
const SYSTEM_REF = 'operating-system';

/** CycloneDX 1.6. Source: https://cyclonedx.org/docs/1.6/json/. */
export const cyclonedxJsonFormat: InventoryFormat = {
  name: 'cyclonedx-json',
  title: 'CycloneDX 1.6 SBOM',
  mediaType: 'application/vnd.cyclonedx+json; version=1.6',

  render({ inventory }, { now }) {
    return jsonPieces({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: `urn:uuid:${contentUuid(inventory)}`,
      version: 1,
      metadata: {
        timestamp: documentTime(now),
        tools: { components: [{ type: 'application', ...TOOL }] },
        component: targetOf(inventory),
        properties: propertiesOfInventory(inventory),
      },
      components: componentsOf(inventory),
      dependencies: [{ ref: TARGET_REF, dependsOn: refsOf(inventory) }],
    });
  },
};

function targetOf({ target }: Inventory) {
  const type = target.kind === 'image' ? 'container' : 'file';
  return { 'bom-ref': TARGET_REF, type, name: target.name, version: target.digest };
}

function* componentsOf({ namespace, packages }: Inventory) {
  if (namespace !== undefined) yield systemOf(namespace);
  for (const item of packages) yield componentOf(item);
}

function refsOf({ namespace, packages }: Inventory): readonly string[] {
  const refs = packages.map(({ id }) => id);
  return namespace === undefined ? refs : [SYSTEM_REF, ...refs];
}

/** What other tools take the release from. */
function systemOf(namespace: string) {
  const version = releaseOf(namespace) || undefined;
  return { 'bom-ref': SYSTEM_REF, type: 'operating-system', name: familyOf(namespace), version };
}

function componentOf(item: Package) {
  const { id, name, version, purl, cpes, namespace, type } = item;
  // The name of a language package is in two parts here: `@angular` and `core`.
  const parts = namespace === type ? purl && parsePurl(purl) : undefined;
  return {
    'bom-ref': id,
    type: 'library',
    ...(parts ? { group: parts.namespace, name: parts.name } : { name }),
    version: version || undefined,
    cpe: cpes?.[0],
    purl,
    properties: propertiesOfPackage(item),
  };
}
