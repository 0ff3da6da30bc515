import type { AdvisorySource } from '../matching/advisory-source.ts';

/** A snapshot that is asked by name only. Products are not asked for: on the v1 wire NVD is metadata. */
export function byName(snapshot: AdvisorySource): AdvisorySource {
  return {
    advisories: (namespace, name) => snapshot.advisories(namespace, name),
    vulnerability: (id) => snapshot.vulnerability(id),
    canonicalIds: (id) => snapshot.canonicalIds(id),
    coverage: (namespace) => snapshot.coverage(namespace),
    knows: (namespace) => snapshot.knows(namespace),
    cpeCandidates: () => [],
    hasProducts: false,
  };
}
