import type { AdvisorySource } from '../../matching/advisory-source.ts';
import { matchPackages } from '../../matching/match-packages.ts';
import { severityOfCvss, wordOfRecord } from '../../matching/severity.ts';
import type { Match } from '../../model/match.ts';
import type { Package } from '../../model/package.ts';
import type { Vulnerability } from '../../model/vulnerability.ts';
import { findScheme } from '../../versions/registry.ts';
import { isClairVersion } from '../../wire/clair-v1/clair-version.ts';
import { encodeClair } from '../../wire/clair-v1/encode.ts';
import {
  compareCodePoints,
  featureVersionOf,
  type ProjectedFeature,
  projectFeatures,
} from '../../wire/clair-v1/project-feature.ts';
import { clairFixOf, clairNamespaceOf, versionFormatOf } from '../../wire/clair-v1/project-namespace.ts';
import { projectVulnerability } from '../../wire/clair-v1/project-vulnerability.ts';
import type { ClairFeature, ClairLayer, ClairVulnerability } from '../../wire/clair-v1/types.ts';
import { byName } from '../by-name.ts';
import type { FinishJob, NamesByNamespace, OwnStatement, Projected, ProjectJob } from '../threads/jobs.ts';
import { isBelow, NO_FIX } from '../vulnerabilities/own-vulnerability.ts';
import { chainInventory } from './chain-inventory.ts';
import { decodeChain } from './stored-listing.ts';

/** A feature, with what feeds say of it by name. */
interface JudgedFeature extends ProjectedFeature {
  readonly said: ReadonlyMap<string, ClairVulnerability>;
}

/** The features of a chain as Clair's API shows them: what feeds say is known first, what users say is put in at the end. */
export class ChainProjection {
  readonly #head: ClairLayer;
  readonly #isJudged: boolean;
  readonly #features: readonly JudgedFeature[];

  /** @param snapshot undefined: there is no advisory database yet, or none is asked. */
  constructor({ head, chain, choice, judging }: ProjectJob, snapshot: AdvisorySource | undefined) {
    this.#head = head;
    this.#isJudged = judging !== undefined;
    const { packages, repositoryCpes } = chainInventory(decodeChain(chain), choice);
    const features = projectFeatures(packages.filter(isShown));
    const said = snapshot && saidOf(features, snapshot, { nowMs: judging?.nowMs ?? 0, repositoryCpes });
    this.#features = features.map((it) => ({ ...it, said: said?.(it) ?? new Map() }));
  }

  /** What is asked of state before the end. */
  names(): Projected {
    if (!this.#isJudged) return { features: [], found: [] };
    const features = this.#features.map(({ feature }) => [feature.NamespaceName ?? '', feature.Name ?? ''] as const);
    const found = this.#features.flatMap(({ said }) =>
      [...said.values()].map(({ NamespaceName = '', Name = '' }) => [NamespaceName, Name] as const),
    );
    return { features: byNamespace(features), found: byNamespace(found) };
  }

  /** The envelope `{"Layer":…}`; the last thing that is asked of it. */
  encode({ own, masked }: Pick<FinishJob, 'own' | 'masked'>): Uint8Array {
    const isMasked = new Set(masked);
    const ownByFeature = Map.groupBy(own, ({ namespace, feature }) => `${namespace}\0${feature}`);
    const features = this.#features.map(({ feature, packages, said }) => {
      const found = new Map(said);
      for (const name of said.keys()) if (isMasked.has(`${feature.NamespaceName}\0${name}`)) found.delete(name);
      const scheme = packages[0]!.versionScheme;
      for (const statement of ownByFeature.get(`${feature.NamespaceName}\0${feature.Name}`) ?? []) {
        if (isBelow(scheme, feature.Version ?? '', statement.version))
          found.set(statement.name, ofOwnStatement(statement));
      }
      return withVulnerabilities(feature, found);
    });
    // Memory of its own, so that it can be handed to another thread.
    return new TextEncoder().encode(encodeClair({ Layer: { ...this.#head, Features: features } }));
  }
}

/** What Clair could not read either is left out, as there: a report of a scan lists it, and says that it is not assessed. */
function isShown(it: Package): boolean {
  const version = featureVersionOf(it);
  if (isClairVersion(versionFormatOf(it.versionScheme), version)) return true;
  try {
    findScheme(it.versionScheme)?.parse(version);
    return true;
  } catch {
    return false;
  }
}

function byNamespace(pairs: readonly (readonly [namespace: string, name: string])[]): NamesByNamespace {
  const groups = Map.groupBy(pairs, ([namespace]) => namespace);
  return [...groups].map(([namespace, group]) => [namespace, [...new Set(group.map(([, name]) => name))]]);
}

function withVulnerabilities(feature: ClairFeature, found: ReadonlyMap<string, ClairVulnerability>): ClairFeature {
  if (found.size === 0) return feature;
  return { ...feature, Vulnerabilities: [...found.keys()].sort(compareCodePoints).map((name) => found.get(name)!) };
}

interface Asked {
  readonly nowMs: number;
  readonly repositoryCpes: readonly string[] | undefined;
}

/** What feeds say of each feature, as in a scan. */
function saidOf(
  features: readonly ProjectedFeature[],
  snapshot: AdvisorySource,
  { nowMs, repositoryCpes = [] }: Asked,
) {
  const packages = features.flatMap((it) => it.packages);
  const { matches, vulnerabilities } = matchPackages(packages, byName(snapshot), {
    now: new Date(nowMs),
    repositoryCpes,
  });
  const matchesByPackage = Map.groupBy(matches, ({ packageId }) => packageId);
  return ({ packages: members }: ProjectedFeature): ReadonlyMap<string, ClairVulnerability> => {
    const said = new Map<string, ClairVulnerability>();
    for (const member of members) {
      for (const match of matchesByPackage.get(member.id) ?? []) {
        if (match.status !== 'affected' || said.has(match.vulnerabilityId)) continue;
        said.set(match.vulnerabilityId, ofMatch(match, member, vulnerabilities.get(match.vulnerabilityId)));
      }
    }
    return said;
  };
}

/** In a layer a vulnerability is as grave as its publisher says of that very package, as in a report. */
function ofMatch(
  { vulnerabilityId, fixedVersions, severity, proof }: Match,
  { namespace = '' }: Package,
  known: Vulnerability | undefined,
): ClairVulnerability {
  const vulnerability = known ?? { id: vulnerabilityId, aliases: [], records: [] };
  const rated = severity ?? wordOfRecord(proof.advisory, vulnerability) ?? severityOfCvss(vulnerability);
  const shown = projectVulnerability({
    namespace,
    vulnerability,
    advisories: [proof.advisory],
    severity: rated?.word ?? 'unknown',
  });
  // The highest of several fixes mends whatever the others do.
  const fixedBy = fixedVersions.at(-1);
  return {
    ...shown,
    NamespaceName: clairNamespaceOf(namespace),
    ...(fixedBy !== undefined && { FixedBy: clairFixOf(namespace, fixedBy) }),
  };
}

function ofOwnStatement({ body, version }: OwnStatement): ClairVulnerability {
  const { FixedIn: _, ...vulnerability } = JSON.parse(body) as ClairVulnerability;
  return { ...vulnerability, ...(version !== NO_FIX && { FixedBy: version }) };
}
