import { isDeepStrictEqual } from 'node:util';
import type { Snapshot } from '../../advisories/snapshot.ts';
import type { VulnerabilityRecord } from '../../model/vulnerability.ts';
import type { JudgingSource } from '../../scan/judge.ts';

/**
 * What judging a scan asks of a snapshot about its packages: `advisories NAMESPACE NAME`, `product VENDOR PRODUCT` (`*`: any vendor).
 * A snapshot that answers all of them as the one before comes to the same findings.
 */
export type Question = string;

/** A snapshot that writes down what it is asked. */
export function recordQuestions(snapshot: Snapshot): {
  readonly source: JudgingSource;
  readonly questions: ReadonlySet<Question>;
} {
  const questions = new Set<Question>();
  const source: JudgingSource = {
    id: snapshot.id,
    sources: snapshot.sources,
    hasProducts: snapshot.hasProducts,
    advisories(namespace, packageName) {
      questions.add(`advisories ${namespace} ${packageName}`);
      return snapshot.advisories(namespace, packageName);
    },
    cpeCandidates(vendor, product) {
      questions.add(`product ${vendor ?? '*'} ${product}`);
      return snapshot.cpeCandidates(vendor, product);
    },
    vulnerability: (id) => snapshot.vulnerability(id),
    canonicalIds: (id) => snapshot.canonicalIds(id),
    coverage: (namespace) => snapshot.coverage(namespace),
    knows: (namespace) => snapshot.knows(namespace),
  };
  return { source, questions };
}

/** Tells which questions two snapshots answer differently: by what is said of the packages, or of the flaws that are named there. */
export function createComparison(old: Snapshot, now: Snapshot): (question: Question) => boolean {
  const known = new Map<string, boolean>();
  const once = (key: string, differs: () => boolean): boolean => {
    const told = known.get(key) ?? differs();
    known.set(key, told);
    return told;
  };
  const isFlawChanged = (id: string): boolean =>
    once(`vulnerability ${id}`, () => !isDeepStrictEqual(described(old, id), described(now, id)));
  return (question) => {
    const [kind, first = '', ...rest] = question.split(' ');
    const last = rest.join(' ');
    if (kind === 'advisories') {
      if (once(`coverage ${first}`, () => !isDeepStrictEqual(old.coverage(first), now.coverage(first)))) return true;
      const [before, after] = [old.advisories(first, last), now.advisories(first, last)];
      return !isDeepStrictEqual(before, after) || after.some(({ vulnerabilityId }) => isFlawChanged(vulnerabilityId));
    }
    const vendor = first === '*' ? undefined : first;
    const [before, after] = [candidates(old, vendor, last), candidates(now, vendor, last)];
    return !isDeepStrictEqual(before, after) || after.some(({ vulnerabilityId }) => isFlawChanged(vulnerabilityId));
  };
}

/** Forecasts change every day, and dates say nothing of a flaw. */
function described(snapshot: Snapshot, id: string) {
  const { epss: _, records, ...vulnerability } = snapshot.vulnerability(id);
  return { ...vulnerability, records: records.map(contentOf) };
}

function contentOf(record: VulnerabilityRecord) {
  const { modified: _, published: __, ...facts } = record;
  // Texts are read when they are asked for by name.
  const { description, references } = record;
  return { ...facts, description, references };
}

function candidates(snapshot: Snapshot, vendor: string | undefined, product: string) {
  return snapshot.cpeCandidates(vendor, product).map(({ source, vulnerabilityId, configurations }) => ({
    ...{ source, vulnerabilityId, configurations },
  }));
}
