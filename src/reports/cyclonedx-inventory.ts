import type { Inventory } from '../model/inventory.ts';
import { componentsOf, refsOf, TARGET_REF, targetComponent } from './cyclonedx-components.ts';
import { contentUuid, documentTime, TOOL } from './document-identity.ts';
import { propertiesOfInventory } from './inventory-properties.ts';

/** The parts of a CycloneDX 1.6 document that lists packages, in their order; the long ones are made while they are written. */
export type CyclonedxInventory = ReturnType<typeof cyclonedxInventory>;

/** An inventory as a CycloneDX 1.6 document. */
export function cyclonedxInventory(inventory: Inventory, now: Date) {
  return {
    serialNumber: `urn:uuid:${contentUuid(inventory)}`,
    metadata: {
      timestamp: documentTime(now),
      tools: { components: [{ type: 'application', ...TOOL }] },
      component: targetComponent(inventory),
      properties: propertiesOfInventory(inventory),
    },
    components: componentsOf(inventory),
    dependencies: [{ ref: TARGET_REF, dependsOn: refsOf(inventory) }],
  };
}
