import { componentsOf, refsOf, TARGET_REF, targetComponent } from '../cyclonedx-components.ts';
import { contentUuid, documentTime, TOOL } from '../document-identity.ts';
import type { InventoryFormat } from '../inventory-format.ts';
import { propertiesOfInventory } from '../inventory-properties.ts';
import { jsonPieces } from '../json-pieces.ts';

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
        component: targetComponent(inventory),
        properties: propertiesOfInventory(inventory),
      },
      components: componentsOf(inventory),
      dependencies: [{ ref: TARGET_REF, dependsOn: refsOf(inventory) }],
    });
  },
};
