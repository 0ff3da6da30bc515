import { type AliasStatement, aliasGroups } from '../advisories/alias-groups.ts';
import { LANGUAGE_NAMESPACES } from '../feeds/osv-ecosystems.ts';
import type { StoredAdvisory } from '../model/advisory.ts';
import type { SnapshotSource } from '../model/snapshot.ts';
import type { Vulnerability, VulnerabilityRecord } from '../model/vulnerability.ts';
import type { JudgingSource } from './judge.ts';
import type { LiveRecords } from './live-osv.ts';

/** A database in which OSV's live records stand for those that it holds. */
export function overlayOsv(database: JudgingSource, live: LiveRecords): JudgingSource {
  const byName = Map.groupBy(live.advisories, ({ namespace, packageName }) => `${namespace}\n${packageName}`);
  const groups = new LiveGroups(database, live.vulnerabilities);
  const isLive = (namespace: string): boolean => LANGUAGE_NAMESPACES.has(namespace);
  return {
    id: database.id,
    sources: withLiveSource(database.sources, live),
    hasProducts: database.hasProducts,
    cpeCandidates: (vendor, product) => database.cpeCandidates(vendor, product),
    knows: (namespace) => isLive(namespace) || database.knows(namespace),
    coverage(namespace) {
      const held = database.coverage(namespace);
      // Who was not answered, and of whom the database holds nothing, is not clean.
      const isAnswered = isLive(namespace) && !live.unanswered.has(namespace);
      return isAnswered && held.every(({ source }) => source !== 'osv') ? [...held, { source: 'osv' }] : held;
    },
    advisories(namespace, packageName) {
      const held = database.advisories(namespace, packageName);
      if (!isLive(namespace)) return held;
      const given = byName.get(`${namespace}\n${packageName}`) ?? [];
      const isWhole = !live.unanswered.get(namespace)?.has(packageName);
      const ids = new Set(given.map(({ advisoryId }) => advisoryId));
      const kept = held.filter(({ source, advisoryId }) => source !== 'osv' || (!isWhole && !ids.has(advisoryId)));
      return [...kept, ...given].sort(compareAdvisories);
    },
    canonicalIds: (id) => groups.canonicalIds(id),
    vulnerability: (id) => groups.vulnerability(id),
  };
}

/** The groups of aliases of the database, with those that live records state. */
class LiveGroups {
  readonly #database: JudgingSource;
  readonly #canonical = new Map<string, readonly string[]>();
  readonly #members = new Map<string, readonly string[]>();
  readonly #records: Map<string, VulnerabilityRecord[]>;

  constructor(database: JudgingSource, records: readonly VulnerabilityRecord[]) {
    this.#database = database;
    this.#records = Map.groupBy(records, ({ id }) => id);
    const groups = aliasGroups(records.flatMap((record) => [...this.#statementsOf(record)]));
    const places = Map.groupBy(
      groups.flatMap(({ canonical, ids }) => ids.map((id) => ({ id, canonical }))),
      ({ id }) => id,
    );
    for (const [id, of] of places) this.#canonical.set(id, of.map(({ canonical }) => canonical).sort());
    for (const { canonical, ids } of groups) this.#members.set(canonical, ids);
  }

  /** What a record states of its names, and what the database knows of them. */
  *#statementsOf({ id, aliases = [] }: VulnerabilityRecord): Generator<AliasStatement> {
    for (const name of [id, ...aliases]) {
      yield [id, name];
      for (const canonical of this.#database.canonicalIds(name)) yield [name, canonical];
    }
  }

  canonicalIds(id: string): readonly string[] {
    const own = this.#canonical.get(id);
    if (own) return own;
    const held = this.#database.canonicalIds(id).flatMap((canonical) => this.#canonical.get(canonical) ?? [canonical]);
    return [...new Set(held)].sort();
  }

  vulnerability(id: string): Vulnerability {
    const [first, ...more] = this.canonicalIds(id);
    const canonical = first === undefined || more.length > 0 ? id : first;
    const members = this.#members.get(canonical) ?? [canonical];
    const live = members.flatMap((member) => this.#records.get(member) ?? []);
    if (live.length === 0) return this.#database.vulnerability(id);
    const ids = new Set(live.map((record) => record.id));
    const held = this.#heldOf(canonical, members);
    const kept = held
      .flatMap(({ records }) => records)
      .filter(({ source, id: own }) => source !== 'osv' || !ids.has(own));
    const aliases = new Set([...members, ...held.flatMap((one) => [one.id, ...one.aliases])]);
    aliases.delete(canonical);
    const epss = held.find((one) => one.epss)?.epss;
    const kev = held.find((one) => one.kev)?.kev;
    return {
      id: canonical,
      aliases: [...aliases].sort(),
      records: [...kept, ...live].sort((a, b) => compareText(a.source, b.source) || compareText(a.id, b.id)),
      ...(epss && { epss }),
      ...(kev && { kev }),
    };
  }

  /** What the database holds of the members, each of its groups once; not of those that speak of further CVEs too. */
  #heldOf(canonical: string, members: readonly string[]): readonly Vulnerability[] {
    const held = new Map<string, Vulnerability>();
    for (const member of [canonical, ...members]) {
      const known = this.#database.vulnerability(member);
      const isOther = (name: string): boolean => name.startsWith('CVE-') && name !== canonical;
      if (member === canonical || ![known.id, ...known.aliases].some(isOther)) held.set(known.id, known);
    }
    return [...held.values()];
  }
}

function withLiveSource(sources: readonly SnapshotSource[], { askedAt, advisories, vulnerabilities }: LiveRecords) {
  const counts = { partCount: vulnerabilities.length, recordCount: vulnerabilities.length + advisories.length };
  const live = { name: 'osv', updatedAt: askedAt, ...counts, problemCount: 0 };
  return [...sources.filter(({ name }) => name !== 'osv'), live].sort((a, b) => compareText(a.name, b.name));
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const compareAdvisories = (a: StoredAdvisory, b: StoredAdvisory): number =>
  compareText(a.vulnerabilityId, b.vulnerabilityId) ||
  compareText(a.source, b.source) ||
  compareText(a.advisoryId, b.advisoryId);
