import type { Inventory } from './inventory.ts';
import type { Ledger } from './ledger.ts';

/** What is known of the components before any advisory is asked: the classes of the ledger that need none. */
export type InventoryLedger = Pick<
  Ledger,
  'components' | 'noVersion' | 'unknownNamespace' | 'unreadableVersion' | 'filtered'
>;

/** An inventory with its ledger, before it becomes bytes. */
export interface InventoryReport {
  readonly inventory: Inventory;
  readonly ledger: InventoryLedger;
}
