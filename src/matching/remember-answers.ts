import type { Vulnerability } from '../model/vulnerability.ts';
import type { AdvisorySource } from './advisory-source.ts';

/** A source that is asked each question once, and what it told of vulnerabilities. */
export interface RememberingSource extends AdvisorySource {
  /** By canonical id. */
  readonly vulnerabilities: ReadonlyMap<string, Vulnerability>;
}

/** Keeps the answers that many packages of one scan ask for again. Statements on packages are not kept: `Hearings` keeps what they come to. */
export function rememberAnswers(source: AdvisorySource): RememberingSource {
  const vulnerabilities = new Map<string, Vulnerability>();
  const coverage = new Map<string, ReturnType<AdvisorySource['coverage']>>();
  return {
    vulnerabilities,
    advisories: (namespace, packageName) => source.advisories(namespace, packageName),
    knows: (namespace) => source.knows(namespace),
    cpeCandidates: (vendor, product) => source.cpeCandidates(vendor, product),
    hasProducts: source.hasProducts,
    coverage: (namespace) => answer(coverage, namespace, () => source.coverage(namespace)),
    vulnerability: (id) => answer(vulnerabilities, id, () => source.vulnerability(id)),
    // A group holds at most one CVE, which is its canonical id.
    canonicalId: (id) => (id.startsWith('CVE-') ? id : source.canonicalId(id)),
  };
}

function answer<T>(known: Map<string, T>, question: string, ask: () => T): T {
  const kept = known.get(question);
  if (kept !== undefined) return kept;
  const given = ask();
  known.set(question, given);
  return given;
}
