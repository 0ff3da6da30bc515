import type { Inventory } from '../../model/inventory.ts';
import { contentUuid, documentTime } from '../document-identity.ts';
import type { InventoryFormat } from '../inventory-format.ts';
import { jsonPieces } from '../json-pieces.ts';
import {
  CREATOR,
  DOCUMENT_ID,
  documentNamespace,
  relationshipsOf,
  spdxPackage,
  TARGET_ID,
  targetPackage,
} from '../spdx-packages.ts';

/** SPDX 2.3. What SPDX has no field for is an annotation, one `name=value` each. Source: https://spdx.github.io/spdx-spec/v2.3/. */
export const spdxJsonFormat: InventoryFormat = {
  name: 'spdx-json',
  title: 'SPDX 2.3 SBOM',
  mediaType: 'application/spdx+json; version=2.3',

  render({ inventory }, { now }) {
    const created = documentTime(now);
    return jsonPieces({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: DOCUMENT_ID,
      name: inventory.target.name || 'target',
      documentNamespace: documentNamespace(inventory, contentUuid(inventory)),
      creationInfo: { created, creators: [CREATOR] },
      documentDescribes: [TARGET_ID],
      packages: packagesOf(inventory, created),
      relationships: relationshipsOf(inventory),
    });
  },
};

function* packagesOf(inventory: Inventory, created: string) {
  yield targetPackage(inventory, created);
  for (const [index, item] of inventory.packages.entries()) yield spdxPackage(item, index, created);
}
