import type { KernelVulnerability } from '../model/kernel-vulnerability.ts';
import { compareKernelVersions, type KernelVersion, parseKernelVersion } from './kernel-version.ts';

/**
 * Whether any range of any branch holds a version, as a matcher of CPEs sees it: old records begin the range of every branch at the
 * mainline break, so that 6.1.176 is in `[5.12, 6.6.40)`. Tells how much the product's name and version alone would list.
 */
export function matchesAnyRange(tree: KernelVersion): (vulnerability: Pick<KernelVulnerability, 'groups'>) => boolean {
  const orders = new Map<string, number>();
  /** Below 0: the tree is older than the release. */
  const orderTo = (release: string): number => {
    let order = orders.get(release);
    if (order === undefined) {
      const version = parseKernelVersion(release);
      order = version ? compareKernelVersions(tree, version) : 0;
      orders.set(release, order);
    }
    return order;
  };
  return ({ groups }) =>
    groups.some(({ break: broken, fixes }) => {
      if (broken?.version !== undefined && orderTo(broken.version) < 0) return false;
      return fixes.length === 0 || fixes.some(({ version }) => version === undefined || orderTo(version) < 0);
    });
}
