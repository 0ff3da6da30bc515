import type { StoredAdvisory } from '../model/advisory.ts';
import type { CpeConfiguration } from '../model/cpe-configuration.ts';
import type { Vulnerability } from '../model/vulnerability.ts';

export type { StoredAdvisory };

/** A vulnerability whose configurations name a product as vulnerable. */
export interface CpeCandidate {
  readonly source: string;
  readonly vulnerabilityId: string;
  readonly part: string;
  /** Read when asked for: name it, do not spread the object. */
  readonly revision: string;
  readonly configurations: readonly CpeConfiguration[];
}

/** The advisory database as matching asks it. Answers are sorted, so same input gives same bytes. */
export interface AdvisorySource {
  /** All statements on one package name in one namespace, sorted by vulnerability, source, advisory. */
  advisories(namespace: string, packageName: string): readonly StoredAdvisory[];
  /** Everything known of the alias group of an id; a bare record when nothing is. */
  vulnerability(id: string): Vulnerability;
  /** The canonical ids of the alias groups of an id, sorted: several where it names several CVEs; the id itself when it is in none. */
  canonicalIds(id: string): readonly string[];
  /** Sources that cover a namespace, with the declared end of each. Empty: no feed. */
  coverage(namespace: string): readonly { readonly source: string; readonly until?: string }[];
  /** Whether any source holds or declares this namespace: an unknown one is listed apart from one without a feed. */
  knows(namespace: string): boolean;
  /**
   * Vulnerabilities whose configurations name a product as vulnerable, sorted.
   *
   * @param vendor undefined: of any vendor. Words as CPE names write them, escapes included.
   */
  cpeCandidates(vendor: string | undefined, product: string): readonly CpeCandidate[];
  /** Whether any source speaks of products by CPE. */
  readonly hasProducts: boolean;
}
