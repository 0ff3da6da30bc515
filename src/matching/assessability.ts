import type { LedgerClass } from '../model/ledger.ts';
import { schemeOf } from '../model/namespace.ts';
import type { Package } from '../model/package.ts';
import type { AdvisorySource } from './advisory-source.ts';

/** Why a component could not be assessed. */
export interface Obstacle {
  readonly class: Exclude<LedgerClass, 'matched' | 'clean'>;
  /** A clause for a person. */
  readonly reason: string;
}

/** A package whose namespace is known; only such a one can be asked for. */
export type NamespacedPackage = Package & { readonly namespace: string };

/** Whether something names a package's release or ecosystem. */
export function hasNamespace(installed: Package): installed is NamespacedPackage {
  return installed.namespace !== undefined;
}

/** What keeps a package from being looked up; undefined when nothing does. */
export function obstacleOf(installed: Package, source: Pick<AdvisorySource, 'knows'>): Obstacle | undefined {
  const { filtered, namespace, version } = installed;
  if (filtered !== undefined) return { class: 'filtered', reason: filtered };
  if (namespace === undefined) return { class: 'unknownNamespace', reason: 'nothing names its release' };
  if (schemeOf(namespace) === undefined && !source.knows(namespace)) {
    return { class: 'unknownNamespace', reason: `no release or ecosystem is known by the name ${namespace}` };
  }
  return version === '' ? { class: 'noVersion', reason: 'it states no version' } : undefined;
}

/**
 * Why the sources do not cover a namespace on a day; undefined when at least one does. Rows may exist all the same: feeds keep a few
 * of dead releases, and an image of one must not look clean.
 */
export function missingFeed(namespace: string, source: AdvisorySource, now: Date): Obstacle | undefined {
  const coverage = source.coverage(namespace);
  const today = now.toISOString().slice(0, 10);
  if (coverage.some(({ until }) => until === undefined || until >= today)) return undefined;
  const ended = coverage.map((one) => `${one.source} covers ${namespace} until ${one.until}`).sort();
  return { class: 'noFeed', reason: ended.join('; ') || `no source covers ${namespace}` };
}
