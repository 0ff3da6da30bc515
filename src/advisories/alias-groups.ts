import { isErratum } from '../model/erratum.ts';

/** That one source calls two ids the same flaw. */
export type AliasStatement = readonly [id: string, other: string];

/** Which ids speak of the same flaw: each with the canonical id of its group; an id can be in several groups. */
export type AliasGroup = { readonly canonical: string; readonly ids: readonly string[] };

/**
 * Groups ids that are the same flaw, by the closure of what sources state, within limits: errata are no aliases, and a group holds
 * at most one CVE. An id that names several CVEs (one advisory on two flaws) joins the group of each and links none of them.
 *
 * @returns groups of two ids or more, sorted, each with its ids sorted.
 */
export function aliasGroups(statements: Iterable<AliasStatement>): AliasGroup[] {
  const neighbours = new Map<string, Set<string>>();
  for (const [id, other] of statements) {
    if (id === other || isErratum(id) || isErratum(other) || (isCve(id) && isCve(other))) continue;
    neighboursOf(neighbours, id).add(other);
    neighboursOf(neighbours, other).add(id);
  }
  const others = [...neighbours.keys()].filter((id) => !isCve(id));
  const cvesOf = (id: string): string[] => [...(neighbours.get(id) ?? [])].filter(isCve);
  const joiners = new Set(others.filter((id) => cvesOf(id).length > 1));
  const groups = new Map<string, Set<string>>();
  const put = (key: string, ids: Iterable<string>) => {
    const group = neighboursOf(groups, key);
    for (const id of ids) group.add(id);
  };
  for (const component of componentsOf(others, neighbours, (id) => !isCve(id) && !joiners.has(id))) {
    const cves = [...new Set(component.flatMap(cvesOf))];
    if (cves.length === 0) put(canonicalOf(component), component);
    // Where a chain of ids ends at several CVEs, each id goes with those it names itself, and one that names none with all.
    else
      for (const id of component)
        for (const cve of cves.length === 1 ? cves : orAll(cvesOf(id), cves)) put(cve, [cve, id]);
  }
  for (const id of joiners) for (const cve of cvesOf(id)) put(cve, [cve, id]);
  return [...groups]
    .filter(([, ids]) => ids.size > 1)
    .map(([canonical, ids]) => ({ canonical, ids: [...ids].sort() }))
    .sort((a, b) => (a.canonical < b.canonical ? -1 : 1));
}

const isCve = (id: string): boolean => id.startsWith('CVE-');

const orAll = (own: readonly string[], all: readonly string[]): readonly string[] => (own.length > 0 ? own : all);

function neighboursOf(map: Map<string, Set<string>>, id: string): Set<string> {
  const known = map.get(id);
  if (known) return known;
  const set = new Set<string>();
  map.set(id, set);
  return set;
}

/** The canonical id of ids without a CVE: GHSA's, else the first by text. */
function canonicalOf(ids: readonly string[]): string {
  const sorted = ids.toSorted();
  return sorted.find((id) => id.startsWith('GHSA-')) ?? sorted[0]!;
}

/** Ids that are linked through ids that may link. */
function* componentsOf(
  ids: readonly string[],
  neighbours: ReadonlyMap<string, ReadonlySet<string>>,
  mayLink: (id: string) => boolean,
): Generator<string[]> {
  const seen = new Set<string>();
  for (const first of ids) {
    if (seen.has(first) || !mayLink(first)) continue;
    seen.add(first);
    const component = [first];
    for (const id of component) {
      for (const next of neighbours.get(id) ?? []) {
        if (seen.has(next) || !mayLink(next)) continue;
        seen.add(next);
        component.push(next);
      }
    }
    yield component;
  }
}
