import { GIT_NAMESPACE } from '../model/namespace.ts';
import type { Coverage } from './updater.ts';

/** OSV's ecosystems that are read, and the namespace of each; with a release behind `:` where it has releases. */
const NAMESPACES: Readonly<Record<string, string>> = {
  AlmaLinux: 'almalinux',
  ConanCenter: 'conan',
  CRAN: 'cran',
  'crates.io': 'cargo',
  Go: 'golang',
  Hackage: 'hackage',
  Hex: 'hex',
  Maven: 'maven',
  npm: 'npm',
  NuGet: 'nuget',
  Packagist: 'composer',
  Pub: 'pub',
  PyPI: 'pypi',
  'Red Hat': 'rhel',
  'Rocky Linux': 'rocky',
  RubyGems: 'gem',
  SwiftURL: 'swift',
};

/** Namespaces whose ecosystem has releases: `AlmaLinux:8`. */
const WITH_RELEASES: ReadonlySet<string> = new Set(['almalinux', 'rhel', 'rocky']);

/** Ecosystems that have an updater of their own, or would have: their publishers' own feeds say more. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'Alpine',
  'Azure Linux',
  'Chainguard',
  'Debian',
  'Linux',
  'openSUSE',
  'Photon OS',
  'Photon Linux',
  'SUSE',
  'Ubuntu',
  'Wolfi',
]);

/** Ecosystems whose records speak of commits only, or of projects that no registry names. */
const OF_COMMITS: ReadonlySet<string> = new Set(['GIT', 'OSS-Fuzz']);

/** Whether nothing but the commits of an ecosystem's records is read. */
export function isOfCommits(ecosystem: string): boolean {
  return OF_COMMITS.has(ecosystem);
}

/** The days on which security support ends: https://wiki.almalinux.org/release-notes/, https://wiki.rockylinux.org/rocky/version/ */
const RELEASE_ENDS: Readonly<Record<string, string>> = {
  'almalinux:8': '2029-03-01',
  'almalinux:9': '2032-05-31',
  'almalinux:10': '2035-05-31',
  'rocky:8': '2029-05-31',
  'rocky:9': '2032-05-31',
  'rocky:10': '2035-05-31',
};

/** Language packages while they live, AlmaLinux and Rocky Linux by release. `rhel` has a feed of its own. */
export function osvCoverage(namespace: string): Coverage | undefined {
  const until = RELEASE_ENDS[namespace];
  if (until !== undefined) return { until };
  return LANGUAGE_NAMESPACES.has(namespace) ? {} : undefined;
}

/** Whether OSV speaks of a namespace for no distribution: of language packages, and of commits, which it covers in part only. */
export function isOfOsv(namespace: string): boolean {
  return LANGUAGE_NAMESPACES.has(namespace) || namespace === GIT_NAMESPACE;
}

/** The namespaces of language packages that OSV covers. */
export const LANGUAGE_NAMESPACES: ReadonlySet<string> = new Set(
  Object.values(NAMESPACES).filter((name) => !WITH_RELEASES.has(name)),
);

/** OSV's word for a namespace of language packages: `PyPI` of `pypi`. */
export function ecosystemOf(namespace: string): string | undefined {
  return LANGUAGE_NAMESPACES.has(namespace)
    ? Object.keys(NAMESPACES).find((ecosystem) => NAMESPACES[ecosystem] === namespace)
    : undefined;
}

/** `Rocky Linux` of `Rocky Linux:9`. */
export function baseEcosystem(ecosystem: string): string {
  const colon = ecosystem.indexOf(':');
  return colon < 0 ? ecosystem : ecosystem.slice(0, colon);
}

/** What to do with an ecosystem of OSV's list: read it, leave it to another updater, or say that we do not know it. */
export function planOf(ecosystem: string): 'read' | 'elsewhere' | 'unknown' {
  if (Object.hasOwn(NAMESPACES, ecosystem) || isOfCommits(ecosystem)) return 'read';
  return ELSEWHERE.has(baseEcosystem(ecosystem)) ? 'elsewhere' : 'unknown';
}

/** Where an affected package lives. */
export interface OsvPlace {
  readonly namespace: string;
  /** Red Hat only: what the ecosystem names beside the release. */
  readonly repositoryCpe?: string;
}

/**
 * Reads an affected package's ecosystem, e.g. `npm`, `AlmaLinux:8`, `Red Hat:enterprise_linux:9::appstream`.
 *
 * @param fixedVersion of the package: where Red Hat's product says no release, the build's own mark (`.el8`) does.
 * @returns undefined when the release cannot be told.
 */
export function placeOf(ecosystem: string, fixedVersion: string | undefined): OsvPlace | undefined {
  const base = baseEcosystem(ecosystem);
  const family = Object.hasOwn(NAMESPACES, base) ? NAMESPACES[base] : undefined;
  if (family === undefined) return undefined;
  if (!WITH_RELEASES.has(family)) return { namespace: family };
  const product = ecosystem.slice(base.length + 1);
  if (family === 'rhel') return redHatPlace(product, fixedVersion);
  const release = /^\d+/.exec(product)?.[0];
  return release === undefined ? undefined : { namespace: `${family}:${release}` };
}

/**
 * OSV writes Red Hat's CPE without `cpe:/o:redhat:` or `cpe:/a:redhat:`, so the first component stays empty here, as CPE 2.2 writes
 * "any". `rhel_eus:8.1::baseos` and `openshift:4.11::el8` are both of release 8.
 */
function redHatPlace(product: string, fixedVersion: string | undefined): OsvPlace | undefined {
  const release =
    /:el(\d+)/.exec(product)?.[1] ??
    /^(?:enterprise_linux|rhel_[a-z0-9_]+):(\d+)/.exec(product)?.[1] ??
    /\.el(\d+)/.exec(fixedVersion ?? '')?.[1];
  return release === undefined ? undefined : { namespace: `rhel:${release}`, repositoryCpe: `cpe:/:redhat:${product}` };
}
