import type { AdvisorySource } from '../src/matching/advisory-source.ts';
import type { AffectedRange, StoredAdvisory } from '../src/model/advisory.ts';
import type { CpeConfiguration } from '../src/model/cpe-configuration.ts';
import type { Package } from '../src/model/package.ts';
import type { Epss, Kev, VulnerabilityRecord } from '../src/model/vulnerability.ts';

/** What a fake database holds; all of it may be left out. */
export interface FakeDatabase {
  readonly advisories?: readonly StoredAdvisory[];
  readonly records?: readonly VulnerabilityRecord[];
  /** Groups of ids, the canonical one first. */
  readonly groups?: readonly (readonly string[])[];
  readonly coverage?: Readonly<Record<string, readonly { readonly source: string; readonly until?: string }[]>>;
  readonly epss?: Readonly<Record<string, Epss>>;
  readonly kev?: Readonly<Record<string, Kev>>;
  /** NVD's configurations by CVE; absent: no source speaks of products. */
  readonly products?: Readonly<Record<string, readonly CpeConfiguration[]>>;
}

/** An advisory database as matching asks it, over arrays, with the name of a snapshot. */
export function fakeAdvisories(database: FakeDatabase = {}) {
  const { advisories = [], records = [], groups = [], coverage = {}, epss = {}, kev = {}, products } = database;
  const groupsOf = (id: string) => groups.filter((ids) => ids.includes(id));
  const groupOf = (id: string) => groups.find(([canonical]) => canonical === id) ?? groupsOf(id)[0] ?? [id];
  const source: AdvisorySource = {
    advisories: (namespace, name) =>
      advisories.filter((advisory) => advisory.namespace === namespace && advisory.packageName === name),
    canonicalIds: (id) =>
      groupsOf(id).length > 0
        ? groupsOf(id)
            .map(([canonical]) => canonical!)
            .sort()
        : [id],
    vulnerability(id) {
      const ids = groupOf(id);
      return {
        id: ids[0]!,
        aliases: ids.slice(1),
        records: records.filter((record) => ids.includes(record.id)),
        ...(epss[ids[0]!] && { epss: epss[ids[0]!]! }),
        ...(kev[ids[0]!] && { kev: kev[ids[0]!]! }),
      };
    },
    coverage: (namespace) => coverage[namespace] ?? [],
    knows: (namespace) => namespace in coverage || advisories.some((advisory) => advisory.namespace === namespace),
    hasProducts: products !== undefined,
    cpeCandidates: (vendor, product) =>
      Object.entries(products ?? {})
        .filter(([, configurations]) => namesProduct(configurations, vendor, product))
        .map(([id, configurations]) => ({
          ...{ source: 'nvd', vulnerabilityId: id, part: id, revision: '2026-01-01T00:00:00.000', configurations },
        })),
  };
  const updatedAt = '2026-07-30T06:00:00Z';
  const counts = { partCount: 1, recordCount: advisories.length, problemCount: 0 };
  return Object.assign(source, {
    id: 'f'.repeat(64),
    sources: ['cisa_kev', 'debian', 'epss', 'nvd', 'osv'].map((name) => ({ name, updatedAt, ...counts })),
  });
}

function namesProduct(
  configurations: readonly CpeConfiguration[],
  vendor: string | undefined,
  product: string,
): boolean {
  return configurations
    .flatMap(({ nodes }) => nodes)
    .flatMap(({ criteria }) => criteria)
    .filter(({ vulnerable }) => vulnerable)
    .map(({ criteria }) => criteria.split(/(?<!\\):/))
    .some(([, , , ownVendor, ownProduct]) => product === ownProduct && (vendor ?? ownVendor) === ownVendor);
}

/** An advisory of Debian for a source package, unless stated otherwise. `fixed` is short for "all before it". */
export function advisory(
  parts: Partial<StoredAdvisory> & { readonly vulnerabilityId: string; readonly fixed?: string },
): StoredAdvisory {
  const { fixed, ...stated } = parts;
  const affected: readonly AffectedRange[] = [{ introduced: '0', ...(fixed !== undefined && { fixed }) }];
  return {
    source: 'debian',
    advisoryId: stated.vulnerabilityId,
    namespace: 'debian:12',
    packageName: 'openssl',
    packageKind: 'source',
    status: 'affected',
    affected,
    fixState: fixed === undefined ? 'not_fixed' : 'fixed',
    part: 'data.json',
    revision: 'r1',
    ...stated,
  };
}

/** A package of Debian 12, unless stated otherwise. */
export function installed(parts: Partial<Package> & { readonly name: string }): Package {
  const version = parts.version ?? '3.0.11-1~deb12u2';
  return {
    id: `deb/${parts.name}@${version}?amd64`,
    version,
    versionScheme: 'dpkg',
    type: 'deb',
    arch: 'amd64',
    namespace: 'debian:12',
    locations: [{ layer: 'sha256:aa', path: 'var/lib/dpkg/status' }],
    ...parts,
  };
}
