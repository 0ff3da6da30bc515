import { compareSnapshots } from '../../advisories/compare-snapshots.ts';
import type { Snapshot } from '../../advisories/snapshot.ts';
import type { AdvisorySource } from '../../matching/advisory-source.ts';
import { matchPackages } from '../../matching/match-packages.ts';
import type { Package } from '../../model/package.ts';
import { canonicalPackageName } from '../../model/package-name.ts';
import { type StoredPackage, storedPackages } from '../../state/affected-layers.ts';
import { heldNames, packagesInLayers } from '../../state/held-packages.ts';
import { ownNamesAmong } from '../../state/own-rows.ts';
import type { State } from '../../state/state.ts';
import { clairNamespaceOf } from '../../wire/clair-v1/project-namespace.ts';
import type { ClairVulnerability } from '../../wire/clair-v1/types.ts';
import { byName } from '../by-name.ts';
import { type Change, changesBetween, type Described } from '../notifications/changes.ts';
import { FeedView } from '../vulnerabilities/feed-view.ts';

/** What is compared, and for whom. */
export interface Comparison {
  readonly state: Pick<State, 'db'>;
  readonly old: Snapshot;
  readonly now: Snapshot;
  /** Judges whether a source still covers a release. */
  readonly at: Date;
}

/** What feeds say otherwise of one vulnerability in one namespace, and packages of stored layers that it concerns. */
export interface Difference {
  /** As the v1 wire writes it. */
  readonly namespace: string;
  /** Canonical id. */
  readonly name: string;
  readonly old: ClairVulnerability | undefined;
  readonly new: ClairVulnerability | undefined;
  readonly changes: readonly Change[];
  /** Numbers of packages that were, and are affected, rising; not both are empty. */
  readonly oldPackages: readonly number[];
  readonly newPackages: readonly number[];
}

/** Vulnerabilities of one namespace that are looked at together: what is said of a package is read once for all of them. */
const BATCH = 200;

/**
 * The vulnerabilities that two snapshots say something else of, as Clair's API shows them, as far as stored layers hold affected
 * packages: sorted by namespace and name. A source that the old snapshot does not hold makes none; of what users have the word, no
 * feed makes any.
 */
export async function* findDifferences(comparison: Comparison): AsyncGenerator<Difference> {
  const held = await readHeld(comparison.state);
  const concerned = concernedNames(comparison, held);
  for (const namespace of [...concerned.keys()].sort()) {
    const names = [...concerned.get(namespace)!].sort();
    for (let from = 0; from < names.length; from += BATCH)
      yield* compareBatch(comparison, held, { namespace, names: names.slice(from, from + BATCH) });
  }
}

/** By namespace and canonical name: the names under which packages of layers are stored. */
type Held = ReadonlyMap<string, readonly string[]>;

async function readHeld(state: Comparison['state']): Promise<Held> {
  const held = new Map<string, string[]>();
  for (const { namespace, name } of await heldNames(state)) {
    const key = keyOf(namespace, canonicalPackageName(namespace, name));
    const names = held.get(key);
    if (names) names.push(name);
    else held.set(key, [name]);
  }
  return held;
}

const keyOf = (namespace: string, packageName: string): string => `${namespace}\0${packageName}`;

/** Canonical ids of vulnerabilities of which a part changed, by the namespaces in which they speak of held packages. */
function concernedNames({ old, now }: Comparison, held: Held): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Set(old.sources.map(({ name }) => name));
  const changed = new Set<string>();
  for (const { source, part } of compareSnapshots(old, now)) {
    if (!known.has(source)) continue;
    for (const snapshot of [old, now]) {
      for (const id of snapshot.idsOfPart(source, part))
        for (const side of [old, now]) for (const name of side.canonicalIds(id)) changed.add(name);
    }
  }
  const concerned = new Map<string, Set<string>>();
  for (const name of changed) {
    for (const { namespace } of [...heldTargets(old, name, held), ...heldTargets(now, name, held)]) {
      const shown = clairNamespaceOf(namespace);
      const names = concerned.get(shown);
      if (names) names.add(name);
      else concerned.set(shown, new Set([name]));
    }
  }
  return concerned;
}

/** The packages of layers that a vulnerability is told of, under any of its ids. */
function heldTargets(snapshot: Snapshot, name: string, held: Held) {
  const { id, aliases } = snapshot.vulnerability(name);
  return [id, ...aliases]
    .flatMap((each) => snapshot.targetsOf(each))
    .filter(({ namespace, packageName }) => held.has(keyOf(namespace, packageName)));
}

interface Batch {
  /** As the v1 wire writes it. */
  readonly namespace: string;
  readonly names: readonly string[];
}

async function* compareBatch(
  comparison: Comparison,
  held: Held,
  { namespace, names }: Batch,
): AsyncGenerator<Difference> {
  const { state, old, now } = comparison;
  const own = new Set((await ownNamesAmong(state.db, namespace, names)).map(({ name }) => name));
  const describe = { old: describer(old, namespace, names), now: describer(now, namespace, names) };
  const changed = names
    .filter((name) => !own.has(name))
    .map((name) => ({ name, before: describe.old(name), after: describe.now(name) }))
    .map((it) => ({ ...it, changes: changesBetween(it.before, it.after) }))
    .filter(({ changes }) => changes.length > 0);
  if (changed.length === 0) return;

  const packages = await candidatesOf(comparison, held, { namespace, names: changed.map(({ name }) => name) });
  const wanted = new Set(changed.map(({ name }) => name));
  const affected = {
    old: judge(old, packages, wanted, comparison.at),
    now: judge(now, packages, wanted, comparison.at),
  };
  const ids = [...affected.old.values(), ...affected.now.values()].flat();
  const inLayers = await packagesInLayers(state, [...new Set(ids)]);
  const still = (found: ReadonlyMap<string, readonly number[]>, name: string) =>
    (found.get(name) ?? []).filter((id) => inLayers.has(id));
  for (const { name, before, after, changes } of changed) {
    const [oldPackages, newPackages] = [still(affected.old, name), still(affected.now, name)];
    if (oldPackages.length + newPackages.length === 0) continue;
    const shown = { old: before?.vulnerability, new: after?.vulnerability };
    yield { namespace, name, ...shown, changes, oldPackages, newPackages };
  }
}

/** What one snapshot says of these vulnerabilities. */
function describer(snapshot: Snapshot, namespace: string, names: readonly string[]) {
  const views = new FeedView(snapshot).findAll(namespace, names);
  return (name: string): Described | undefined => {
    const vulnerability = views.get(name);
    return vulnerability && { vulnerability, isInKev: snapshot.vulnerability(name).kev !== undefined };
  };
}

/** The packages of layers that any of these vulnerabilities is told of, before or now. */
async function candidatesOf(
  { state, old, now }: Comparison,
  held: Held,
  { namespace, names }: Batch,
): Promise<readonly StoredPackage[]> {
  const namesByNamespace = new Map<string, Set<string>>();
  const targets = names.flatMap((name) => [...heldTargets(old, name, held), ...heldTargets(now, name, held)]);
  for (const target of targets) {
    if (clairNamespaceOf(target.namespace) !== namespace) continue;
    const stored = namesByNamespace.get(target.namespace) ?? new Set();
    for (const name of held.get(keyOf(target.namespace, target.packageName))!) stored.add(name);
    namesByNamespace.set(target.namespace, stored);
  }
  const found: StoredPackage[] = [];
  for (const [ours, stored] of namesByNamespace) found.push(...(await storedPackages(state, ours, [...stored])));
  // Packages of one name are judged one after the other, so that what is said of it is asked for once.
  return found.sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name) || a.id - b.id);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Which packages are affected by which of these vulnerabilities, as in a scan; numbers rise. */
function judge(
  snapshot: Snapshot,
  packages: readonly StoredPackage[],
  wanted: ReadonlySet<string>,
  now: Date,
): ReadonlyMap<string, readonly number[]> {
  const { matches } = matchPackages(packages.map(packageOf), onlyAbout(snapshot, wanted), { now });
  const affected = new Map<string, number[]>();
  for (const { packageId, vulnerabilityId, status } of matches) {
    if (status !== 'affected' || !wanted.has(vulnerabilityId)) continue;
    const ids = affected.get(vulnerabilityId);
    if (ids) ids.push(Number(packageId));
    else affected.set(vulnerabilityId, [Number(packageId)]);
  }
  for (const ids of affected.values()) ids.sort((a, b) => a - b);
  return affected;
}

/** A snapshot that speaks of these vulnerabilities alone, and of no products. */
function onlyAbout(snapshot: Snapshot, wanted: ReadonlySet<string>): AdvisorySource {
  const answers = new Map<string, ReturnType<Snapshot['advisories']>>();
  return {
    ...byName(snapshot),
    advisories(namespace, packageName) {
      const key = keyOf(namespace, packageName);
      const known = answers.get(key);
      if (known) return known;
      const said = snapshot
        .advisories(namespace, packageName)
        .filter(({ vulnerabilityId: id }) => wanted.has(id) || snapshot.canonicalIds(id).some((it) => wanted.has(it)));
      answers.set(key, said);
      return said;
    },
  };
}

function packageOf(stored: StoredPackage): Package {
  const { id, type, scheme, namespace, name, version, sourceName, sourceVersion, arch, module } = stored;
  return {
    ...{ id: String(id), type, name, version, versionScheme: scheme, locations: [] },
    ...(namespace !== '' && { namespace }),
    ...(sourceName !== '' && { source: { name: sourceName, version: sourceVersion } }),
    ...(arch !== '' && { arch }),
    ...(module !== '' && { module }),
  };
}
