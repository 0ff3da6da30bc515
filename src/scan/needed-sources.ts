import type { Updater } from '../feeds/updater.ts';
import type { Inventory } from '../model/inventory.ts';

/**
 * The sources that a scan of this inventory asks: those that cover a namespace of its packages, and those that speak of
 * vulnerabilities wherever they are.
 */
export function neededSources(inventory: Inventory, updaters: readonly Updater[]): readonly Updater[] {
  const namespaces = new Set(inventory.packages.flatMap(({ namespace }) => namespace ?? []));
  if (inventory.namespace !== undefined) namespaces.add(inventory.namespace);
  return updaters.filter(
    (updater) =>
      updater.isGeneral === true || [...namespaces].some((namespace) => updater.covers(namespace) !== undefined),
  );
}
