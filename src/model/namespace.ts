/** Version scheme by the name of a namespace's distribution, or by the purl type of its packages. */
const SCHEME_BY_FAMILY: Readonly<Record<string, string>> = {
  debian: 'dpkg',
  ubuntu: 'dpkg',
  alpine: 'apk',
  wolfi: 'apk',
  chainguard: 'apk',
  arch: 'alpm',
  rhel: 'rpm',
  centos: 'rpm',
  fedora: 'rpm',
  oracle: 'rpm',
  amzn: 'rpm',
  almalinux: 'rpm',
  rocky: 'rpm',
  sles: 'rpm',
  opensuse: 'rpm',
  'sle-micro': 'rpm',
  'sl-micro': 'rpm',
  photon: 'rpm',
  azurelinux: 'rpm',
  mariner: 'rpm',
  npm: 'semver',
  pypi: 'pep440',
  golang: 'go',
  gem: 'rubygems',
  cargo: 'cargo',
  composer: 'packagist',
  maven: 'maven',
  nuget: 'nuget',
  hex: 'hex',
  pub: 'pub',
  swift: 'semver',
  conan: 'semver',
  cran: 'cran',
  hackage: 'hackage',
};

/** Of repositories, whose packages are named by URL and their versions are commits. */
export const GIT_NAMESPACE = 'git';

/** `debian` of `debian:12`; `npm` of `npm`. */
export function familyOf(namespace: string): string {
  const colon = namespace.indexOf(':');
  return colon < 0 ? namespace : namespace.slice(0, colon);
}

/** `12` of `debian:12`; `` of `npm`. */
export function releaseOf(namespace: string): string {
  const colon = namespace.indexOf(':');
  return colon < 0 ? '' : namespace.slice(colon + 1);
}

/** The version scheme in which a namespace orders its versions; undefined for one that we do not know. */
export function schemeOf(namespace: string): string | undefined {
  const family = familyOf(namespace);
  // A stranger's word may be that of a method: `constructor`.
  return Object.hasOwn(SCHEME_BY_FAMILY, family) ? SCHEME_BY_FAMILY[family] : undefined;
}
