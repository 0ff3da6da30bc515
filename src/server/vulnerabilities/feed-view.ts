import { createHash } from 'node:crypto';
import type { Snapshot } from '../../advisories/snapshot.ts';
import { withoutWithdrawn } from '../../matching/consolidate.ts';
import { counts } from '../../matching/hear.ts';
import { sortVersions } from '../../matching/installed-version.ts';
import { severityOfCvss, wordOfRecord } from '../../matching/severity.ts';
import type { StoredAdvisory } from '../../model/advisory.ts';
import { schemeOf } from '../../model/namespace.ts';
import { compareSeverity, type Severity } from '../../model/severity.ts';
import type { Vulnerability } from '../../model/vulnerability.ts';
import { compareCodePoints } from '../../wire/clair-v1/project-feature.ts';
import {
  clairFixOf,
  clairNamespaceOf,
  namespacesOfClair,
  versionFormatOf,
} from '../../wire/clair-v1/project-namespace.ts';
import { projectVulnerability } from '../../wire/clair-v1/project-vulnerability.ts';
import type { ClairFeature, ClairVulnerability } from '../../wire/clair-v1/types.ts';

/** A vulnerability with its place in the list of its namespace. */
export interface FeedRow {
  /** The first 52 bits of SHA-256 over namespace, NUL, name. */
  readonly place: number;
  readonly vulnerability: ClairVulnerability;
}

/** How much a feed's vulnerability can be asked of a snapshot. */
type Feeds = Pick<
  Snapshot,
  'advisories' | 'advisoriesOf' | 'canonicalIds' | 'coverage' | 'packagesOf' | 'targetsOf' | 'vulnerability'
>;

/** The places of all vulnerabilities of a namespace, rising, and their names. */
interface NamespaceIndex {
  readonly namespace: string;
  readonly places: Float64Array;
  readonly names: readonly string[];
}

/** Where a vulnerability stands in the list of its namespace, whatever snapshot holds it. Namespace as the v1 wire writes it. */
export function placeOf(namespace: string, name: string): number {
  const hash = createHash('sha256').update(`${namespace}\0${name}`).digest();
  return Number(hash.readBigUInt64BE(0) >> 12n);
}

/** What feeds say as vulnerabilities of Clair's API: one for each namespace and name, of all that is said of it there. */
export class FeedView {
  readonly #feeds: Feeds;
  /** Of the namespace that was asked for last: making it reads all that is said there. */
  #index: NamespaceIndex | undefined;

  constructor(feeds: Feeds) {
    this.#feeds = feeds;
  }

  /**
   * One vulnerability, with FixedIn; undefined where no feed says that anything is affected.
   *
   * @param namespace as the v1 wire writes it: `centos:7`. @param name the canonical id.
   */
  find(namespace: string, name: string): ClairVulnerability | undefined {
    return this.findAll(namespace, [name]).get(name);
  }

  /** Vulnerabilities with FixedIn from a place on, in the order of their places. */
  list(namespace: string, { from, limit }: { readonly from: number; readonly limit: number }): readonly FeedRow[] {
    const { places, names } = this.#indexOf(namespace);
    const first = firstAtOrAbove(places, from);
    const page = names.slice(first, first + limit);
    const views = this.findAll(namespace, page);
    return page.flatMap((name, index) => {
      const vulnerability = views.get(name);
      return vulnerability === undefined ? [] : [{ place: places[first + index]!, vulnerability }];
    });
  }

  #indexOf(namespace: string): NamespaceIndex {
    if (this.#index?.namespace === namespace) return this.#index;
    const names = new Set<string>();
    for (const ours of namespacesOfClair(namespace)) {
      for (const packageName of this.#feeds.packagesOf(ours)) {
        for (const advisory of this.#feeds.advisories(ours, packageName))
          if (this.#isSaid(advisory)) for (const id of this.#canonicalIds(advisory.vulnerabilityId)) names.add(id);
      }
    }
    const rows = [...names]
      .map((name) => ({ name, place: placeOf(namespace, name) }))
      .sort((a, b) => a.place - b.place);
    this.#index = { namespace, places: Float64Array.from(rows, (it) => it.place), names: rows.map((it) => it.name) };
    return this.#index;
  }

  /** As `find`, by name. Each package's statements are read once, however many of the vulnerabilities are in it. */
  findAll(namespace: string, names: readonly string[]): ReadonlyMap<string, ClairVulnerability> {
    const wanted = new Map(names.map((name) => [name, this.#feeds.vulnerability(name)] as const));
    const ours = new Set(namespacesOfClair(namespace));
    const said = new Map<string, StoredAdvisory[]>(names.map((name) => [name, []]));
    for (const { namespace: there, packageName } of this.#targetsOf(wanted, ours)) {
      for (const advisory of this.#feeds.advisories(there, packageName)) {
        if (!this.#isSaid(advisory)) continue;
        for (const id of this.#canonicalIds(advisory.vulnerabilityId)) said.get(id)?.push(advisory);
      }
    }
    const views = new Map<string, ClairVulnerability>();
    for (const [name, advisories] of said) {
      const vulnerability = wanted.get(name)!;
      const valid = vulnerability.id === name ? withoutWithdrawn(advisories.map(asHeard), vulnerability) : [];
      if (valid.length > 0)
        views.set(
          name,
          viewOf(
            vulnerability,
            valid.map(({ advisory }) => advisory),
          ),
        );
    }
    return views;
  }

  #targetsOf(wanted: ReadonlyMap<string, Vulnerability>, namespaces: ReadonlySet<string>) {
    const targets = new Map<string, { readonly namespace: string; readonly packageName: string }>();
    for (const { id, aliases } of wanted.values()) {
      for (const member of [id, ...aliases]) {
        for (const target of this.#feeds.targetsOf(member))
          if (namespaces.has(target.namespace)) targets.set(`${target.namespace}\0${target.packageName}`, target);
      }
    }
    return [...targets.keys()].sort().map((key) => targets.get(key)!);
  }

  /** Whether it says that something is affected: what is not, is not listed. */
  #isSaid(advisory: StoredAdvisory): boolean {
    const { status, affected, versions = [] } = advisory;
    return status === 'affected' && affected.length + versions.length > 0 && counts(advisory, this.#feeds);
  }

  // A group holds at most one CVE, which is its canonical id.
  #canonicalIds(id: string): readonly string[] {
    return id.startsWith('CVE-') ? [id] : this.#feeds.canonicalIds(id);
  }
}

const asHeard = (advisory: StoredAdvisory) => ({ advisory });

function firstAtOrAbove(places: Float64Array, place: number): number {
  let [from, to] = [0, places.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (places[middle]! < place) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** As grave as the gravest of what is said in the namespace, as Clair. */
function viewOf(vulnerability: Vulnerability, advisories: readonly StoredAdvisory[]): ClairVulnerability {
  const namespace = advisories[0]!.namespace;
  const words = advisories.flatMap((it) => it.severity ?? wordOfRecord(it, vulnerability)?.word ?? []);
  const severity: Severity = words.toSorted(compareSeverity).at(-1) ?? severityOfCvss(vulnerability)?.word ?? 'unknown';
  return {
    ...projectVulnerability({ namespace, vulnerability, advisories, severity }),
    FixedIn: fixedInOf(advisories),
  };
}

/** For each package the highest of its fixes, as it mends whatever the others do; `None` where there is none. */
function fixedInOf(advisories: readonly StoredAdvisory[]): readonly ClairFeature[] {
  const groups = Map.groupBy(advisories, ({ packageName }) => packageName);
  return [...groups.keys()].sort(compareCodePoints).map((name) => {
    const group = groups.get(name)!;
    const namespace = group[0]!.namespace;
    const scheme = schemeOf(namespace) ?? '';
    const fixes = group.flatMap(({ affected }) => affected.flatMap(({ fixed }) => fixed ?? []));
    const highest = sortVersions(scheme, [...new Set(fixes)]).at(-1);
    return {
      Name: name,
      NamespaceName: clairNamespaceOf(namespace),
      ...(scheme !== '' && { VersionFormat: versionFormatOf(scheme) }),
      Version: highest === undefined ? 'None' : clairFixOf(namespace, highest),
    };
  });
}
