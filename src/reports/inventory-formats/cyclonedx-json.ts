import { cyclonedxInventory } from '../cyclonedx-inventory.ts';
import type { InventoryFormat } from '../inventory-format.ts';
import { jsonPieces } from '../json-pieces.ts';

/** CycloneDX 1.6. Source: https://cyclonedx.org/docs/1.6/json/. */
export const cyclonedxJsonFormat: InventoryFormat = {
  name: 'cyclonedx-json',
  title: 'CycloneDX 1.6 SBOM',
  mediaType: 'application/vnd.cyclonedx+json; version=1.6',

  render({ inventory }, { now }) {
    const { serialNumber, ...parts } = cyclonedxInventory(inventory, now);
    return jsonPieces({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber,
      version: 1,
      ...parts,
    });
  },
};
