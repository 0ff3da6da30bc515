import type { Vulnerability } from '../model/vulnerability.ts';
import type { AdvisorySource } from './advisory-source.ts';

/** A source that is asked each question once, and what it told of vulnerabilities. */
export interface RememberingSource extends AdvisorySource {
  /** By canonical id. */
  readonly vulnerabilities: ReadonlyMap<string, Vulnerability>;
}

/**
 * Keeps the answers that many packages of one scan ask for again. Of the statements on packages only the last are kept, for packages
 * that differ in their versions alone and so follow each other.
 */
export function rememberAnswers(source: AdvisorySource): RememberingSource {
  const vulnerabilities = new Map<string, Vulnerability>();
  const coverage = new Map<string, ReturnType<AdvisorySource['coverage']>>();
  const canonicalIds = new Map<string, readonly string[]>();
  let last: LastAnswer | undefined;
  return {
    vulnerabilities,
    advisories(namespace, packageName) {
      if (last?.namespace !== namespace || last.packageName !== packageName)
        last = { namespace, packageName, advisories: source.advisories(namespace, packageName) };
      return last.advisories;
    },
    knows: (namespace) => source.knows(namespace),
    cpeCandidates: (vendor, product) => source.cpeCandidates(vendor, product),
    hasProducts: source.hasProducts,
    coverage: (namespace) => answer(coverage, namespace, () => source.coverage(namespace)),
    vulnerability: (id) => answer(vulnerabilities, id, () => source.vulnerability(id)),
    // A group holds at most one CVE, which is its canonical id.
    canonicalIds: (id) => answer(canonicalIds, id, () => (id.startsWith('CVE-') ? [id] : source.canonicalIds(id))),
  };
}

interface LastAnswer {
  readonly namespace: string;
  readonly packageName: string;
  readonly advisories: ReturnType<AdvisorySource['advisories']>;
}

function answer<T>(known: Map<string, T>, question: string, ask: () => T): T {
  const kept = known.get(question);
  if (kept !== undefined) return kept;
  const given = ask();
  known.set(question, given);
  return given;
}
