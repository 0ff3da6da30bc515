import { cyclonedxInventory } from '../cyclonedx-inventory.ts';
import { cyclonedxXml } from '../cyclonedx-xml.ts';
import type { InventoryFormat } from '../inventory-format.ts';

/** The same as `cyclonedx-json`, in XML. */
export const cyclonedxXmlFormat: InventoryFormat = {
  name: 'cyclonedx-xml',
  title: 'CycloneDX 1.6 SBOM in XML',
  mediaType: 'application/vnd.cyclonedx+xml; version=1.6',

  render: ({ inventory }, { now }) => cyclonedxXml(cyclonedxInventory(inventory, now)),
};
