import type { Updater } from '../feeds/updater.ts';
import type { Inventory } from '../model/inventory.ts';
import { kernelPackages } from './kernel-packages.ts';

/**
 * The sources that a scan of this inventory asks: those that cover a namespace of its packages, those that speak of vulnerabilities
 * wherever they are, and those of kernels where there is one.
 */
export function neededSources(inventory: Inventory, updaters: readonly Updater[]): readonly Updater[] {
  const namespaces = new Set(inventory.packages.flatMap(({ namespace }) => namespace ?? []));
  if (inventory.namespace !== undefined) namespaces.add(inventory.namespace);
  const hasKernel = kernelPackages(inventory.packages).some(({ isOfDistribution }) => !isOfDistribution);
  return updaters.filter(
    (updater) =>
      updater.isGeneral === true ||
      (hasKernel && updater.isOfKernels === true) ||
      [...namespaces].some((namespace) => updater.covers(namespace) !== undefined),
  );
}
