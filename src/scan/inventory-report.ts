import { obstacleOf } from '../matching/assessability.ts';
import { readInstalled } from '../matching/installed-version.ts';
import type { Inventory } from '../model/inventory.ts';
import type { InventoryReport } from '../model/inventory-report.ts';
import type { Package } from '../model/package.ts';

/** Counts what could not be assessed whatever an advisory database holds, by the rules by which matching does. */
export function reportInventory(inventory: Inventory): InventoryReport {
  const ledger = { components: 0, noVersion: 0, unknownNamespace: 0, unreadableVersion: 0, filtered: 0 };
  for (const installed of inventory.packages) {
    ledger.components++;
    const obstacle = obstacleOfAny(installed);
    if (obstacle) ledger[obstacle]++;
  }
  return { inventory, ledger };
}

function obstacleOfAny(
  installed: Package,
): 'noVersion' | 'unknownNamespace' | 'unreadableVersion' | 'filtered' | undefined {
  const obstacle = obstacleOf(installed, { knows: () => false });
  if (obstacle) return obstacle.class === 'noFeed' ? undefined : obstacle.class;
  return readInstalled(installed.versionScheme, installed.version).unreadable === undefined
    ? undefined
    : 'unreadableVersion';
}
