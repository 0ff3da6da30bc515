import { commitOfPurl } from '../documents/commit-of-purl.ts';
import type { StoredAdvisory } from '../model/advisory.ts';
import type { Comparison, ProofProduct } from '../model/match.ts';
import { familyOf, GIT_NAMESPACE } from '../model/namespace.ts';
import type { Package } from '../model/package.ts';
import { canonicalPackageName } from '../model/package-name.ts';
import type { Status } from '../model/status.ts';
import { GIT_SCHEME } from '../versions/judge-commit.ts';
import type { AdvisorySource } from './advisory-source.ts';
import type { NamespacedPackage } from './assessability.ts';
import { identitiesOf, type PackageIdentity } from './identities.ts';
import { type InstalledVersion, readInstalled } from './installed-version.ts';
import { speaksOf } from './qualifiers.ts';

/** One advisory, and what it says of an installed version. */
export interface Heard {
  readonly identity: PackageIdentity;
  readonly advisory: StoredAdvisory;
  readonly comparison: Comparison;
  /** `cleared`: the version lies outside what is affected; `statusOf` tells whether it has the fix. */
  readonly verdict: 'affected' | 'under_investigation' | 'cleared';
  /** Set where a CPE matched. */
  readonly product?: ProofProduct;
}

/** All that is said of one package. */
export interface Hearing {
  readonly heard: readonly Heard[];
  /** Why its version could not be compared; enumerated versions were, by equality. */
  readonly unreadable?: string;
}

/**
 * Asks the database what is said of packages. Packages that were built from one source share the answers, so each is judged once
 * however many packages it has.
 */
export class Hearings {
  readonly #source: AdvisorySource;
  readonly #repositoryCpes: readonly string[];
  readonly #known = new Map<string, Hearing>();

  /** @param repositoryCpes CPEs of the repositories that the image was built from. */
  constructor(source: AdvisorySource, repositoryCpes: readonly string[]) {
    this.#source = source;
    this.#repositoryCpes = repositoryCpes;
  }

  /** What is said of a package in its namespace, under all names that it goes by. */
  of(installed: NamespacedPackage): Hearing {
    const hearings = identitiesOf(installed).map((identity) => this.#under(identity, installed));
    const unreadable = hearings.find((hearing) => hearing.unreadable !== undefined)?.unreadable;
    return {
      heard: hearings.flatMap(({ heard }) => heard),
      ...(unreadable !== undefined && { unreadable }),
    };
  }

  /** What is said of the commit that a package was taken from; of its version that says nothing. */
  ofCommit(installed: Package): readonly Heard[] {
    const { purl, filtered } = installed;
    const stated = purl === undefined || filtered !== undefined ? undefined : commitOfPurl(purl);
    if (stated === undefined) return NOTHING;
    const identity = { kind: 'binary', by: 'purl', name: stated.repository, version: stated.commit } as const;
    return this.#hear(identity, { ...installed, namespace: GIT_NAMESPACE, versionScheme: GIT_SCHEME }).heard;
  }

  #under(identity: PackageIdentity, installed: NamespacedPackage): Hearing {
    // A package has its own name alone; that of its source it shares with others.
    if (identity.kind === 'binary') return this.#hear(identity, installed);
    const { namespace, versionScheme, arch, module } = installed;
    const qualified = versionScheme === 'rpm' ? [arch, module, installed.version] : [];
    const key = [namespace, versionScheme, identity.name, identity.version, ...qualified].join('\n');
    const known = this.#known.get(key);
    if (known) return known;
    const hearing = this.#hear(identity, installed);
    this.#known.set(key, hearing);
    return hearing;
  }

  #hear(identity: PackageIdentity, installed: NamespacedPackage): Hearing {
    const version = readInstalled(installed.versionScheme, identity.version);
    const heard: Heard[] = [];
    const name = canonicalPackageName(installed.namespace, identity.name);
    for (const advisory of this.#source.advisories(installed.namespace, name)) {
      if (advisory.packageKind !== identity.kind || !counts(advisory, this.#source)) continue;
      if (!speaksOf(advisory, installed, this.#repositoryCpes)) continue;
      const said = judgeAdvisory(advisory, version);
      if (said) heard.push({ identity, advisory, ...said });
    }
    return { heard, ...(version.unreadable !== undefined && { unreadable: version.unreadable }) };
  }
}

const NOTHING: readonly Heard[] = [];

/** What others say of Red Hat's packages counts only where Red Hat itself says nothing of the release. */
export function counts(
  { source, namespace }: Pick<StoredAdvisory, 'source' | 'namespace'>,
  database: Pick<AdvisorySource, 'coverage'>,
): boolean {
  if (source === 'rhel' || familyOf(namespace) !== 'rhel') return true;
  return !database.coverage(namespace).some((covering) => covering.source === 'rhel');
}

/** What a publisher is taken to say of a version; undefined when the advisory says nothing of it. */
export function judgeAdvisory(
  { status, affected, versions = [] }: Pick<StoredAdvisory, 'status' | 'affected' | 'versions'>,
  version: InstalledVersion,
): Pick<Heard, 'comparison' | 'verdict'> | undefined {
  if (affected.length === 0 && versions.length === 0) {
    if (status !== 'not_affected') return undefined;
    const { scheme, text } = version;
    const reason = 'the publisher says that no version is affected';
    return { comparison: { scheme, version: text, outcome: 'not_affected', reason }, verdict: 'cleared' };
  }
  const comparison = version.judge({ affected, versions });
  if (!comparison) return undefined;
  if (status === 'not_affected') {
    if (comparison.outcome !== 'affected') return undefined;
    const reason = `the publisher says that it is not affected: ${comparison.reason}`;
    return { comparison: { ...comparison, outcome: 'not_affected', reason }, verdict: 'cleared' };
  }
  if (comparison.outcome === 'not_affected') return { comparison, verdict: 'cleared' };
  return { comparison, verdict: comparison.outcome === 'undecided' ? 'under_investigation' : status };
}

/** The status that a verdict comes to: a cleared version has the fix when it lies behind the range that excluded it last. */
export function statusOf({
  verdict,
  comparison,
  advisory,
}: Pick<Heard, 'verdict' | 'comparison'> & { readonly advisory: Pick<StoredAdvisory, 'status'> }): Status {
  if (verdict !== 'cleared') return verdict;
  const fixed = comparison.range?.fixed;
  if (advisory.status === 'not_affected' || fixed === undefined) return 'not_affected';
  const behind = readInstalled(comparison.scheme, comparison.version).judge({ affected: [{ introduced: fixed }] });
  return behind?.outcome === 'affected' ? 'fixed' : 'not_affected';
}
