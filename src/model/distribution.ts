/** How a distribution's releases are written in a namespace. `undefined` of `release` means that nothing can be said. */
interface Distribution {
  readonly family: string;
  readonly release: (versionId: string) => string | undefined;
}

const none = () => '';
const whole = (versionId: string) => versionId || undefined;
const major = (versionId: string) => /^\d+/.exec(versionId)?.[0];
const majorMinor = (versionId: string) => /^\d+\.\d+/.exec(versionId)?.[0];

/** By `ID` of os-release(5), and the words that lsb-release and other scanners' purls use for the same. */
const DISTRIBUTIONS: Readonly<Record<string, Distribution>> = {
  debian: { family: 'debian', release: (versionId) => (versionId === 'sid' ? 'sid' : major(versionId)) },
  ubuntu: { family: 'ubuntu', release: majorMinor },
  alpine: { family: 'alpine', release: alpineBranch },
  wolfi: { family: 'wolfi', release: none },
  chainguard: { family: 'chainguard', release: none },
  arch: { family: 'arch', release: none },
  rhel: { family: 'rhel', release: major },
  redhat: { family: 'rhel', release: major },
  centos: { family: 'centos', release: major },
  fedora: { family: 'fedora', release: major },
  ol: { family: 'oracle', release: major },
  oracle: { family: 'oracle', release: major },
  amzn: { family: 'amzn', release: amazonRelease },
  amazon: { family: 'amzn', release: amazonRelease },
  almalinux: { family: 'almalinux', release: major },
  alma: { family: 'almalinux', release: major },
  rocky: { family: 'rocky', release: major },
  scientific: { family: 'scientific', release: major },
  sles: { family: 'sles', release: whole },
  sles_sap: { family: 'sles', release: whole },
  opensuse: { family: 'opensuse', release: whole },
  'opensuse-leap': { family: 'opensuse', release: whole },
  'opensuse-tumbleweed': { family: 'opensuse', release: () => 'tumbleweed' },
  photon: { family: 'photon', release: major },
  azurelinux: { family: 'azurelinux', release: major },
  mariner: { family: 'azurelinux', release: major },
  'cbl-mariner': { family: 'azurelinux', release: major },
};

/** Families of distributions, as namespaces begin. */
export const DISTRIBUTION_FAMILIES: readonly string[] = [
  ...new Set(Object.values(DISTRIBUTIONS).map(({ family }) => family)),
].sort();

/**
 * The namespace of a release, from the words of os-release(5).
 *
 * @param id `ID`, in any case.
 * @param versionId `VERSION_ID`; `` when there is none.
 * @returns e.g. `oracle:8` of `ol`, `8.9`. A distribution that we do not know keeps its own words (`poky:1.8`). Undefined where
 *   the id is no id, or the release cannot be read from the version.
 */
export function namespaceOfRelease(id: string, versionId: string): string | undefined {
  const word = id.toLowerCase();
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(word)) return undefined;
  const version = versionId.toLowerCase();
  if (!/^[a-z0-9._~+-]*$/.test(version)) return undefined;
  if (!Object.hasOwn(DISTRIBUTIONS, word)) return version === '' ? word : `${word}:${version}`;
  const { family, release } = DISTRIBUTIONS[word]!;
  const stated = release(version);
  if (stated === undefined) return undefined;
  return stated === '' ? family : `${family}:${stated}`;
}

/** `v3.20` of `3.20.3`; `edge` of a snapshot such as `3.21.0_alpha20240923`, which comes before a branch is cut. */
function alpineBranch(versionId: string): string | undefined {
  if (versionId === 'edge' || /_alpha\d*$/.test(versionId)) return 'edge';
  const branch = /^v?(\d+\.\d+)/.exec(versionId)?.[1];
  return branch && `v${branch}`;
}

/** Amazon Linux 1 is named by year and month (`2018.03`); from 2 on the first number is the release. */
function amazonRelease(versionId: string): string | undefined {
  return /^201\d\.\d\d/.exec(versionId)?.[0] ?? major(versionId);
}

/** Release by code name. Source: https://www.debian.org/releases/ and https://wiki.ubuntu.com/Releases. */
const NAMESPACE_BY_CODENAME: Readonly<Record<string, string>> = {
  squeeze: 'debian:6',
  wheezy: 'debian:7',
  jessie: 'debian:8',
  stretch: 'debian:9',
  buster: 'debian:10',
  bullseye: 'debian:11',
  bookworm: 'debian:12',
  trixie: 'debian:13',
  forky: 'debian:14',
  duke: 'debian:15',
  sid: 'debian:sid',
  unstable: 'debian:sid',
  precise: 'ubuntu:12.04',
  quantal: 'ubuntu:12.10',
  raring: 'ubuntu:13.04',
  trusty: 'ubuntu:14.04',
  utopic: 'ubuntu:14.10',
  vivid: 'ubuntu:15.04',
  wily: 'ubuntu:15.10',
  xenial: 'ubuntu:16.04',
  yakkety: 'ubuntu:16.10',
  zesty: 'ubuntu:17.04',
  artful: 'ubuntu:17.10',
  bionic: 'ubuntu:18.04',
  cosmic: 'ubuntu:18.10',
  disco: 'ubuntu:19.04',
  eoan: 'ubuntu:19.10',
  focal: 'ubuntu:20.04',
  groovy: 'ubuntu:20.10',
  hirsute: 'ubuntu:21.04',
  impish: 'ubuntu:21.10',
  jammy: 'ubuntu:22.04',
  kinetic: 'ubuntu:22.10',
  lunar: 'ubuntu:23.04',
  mantic: 'ubuntu:23.10',
  noble: 'ubuntu:24.04',
  oracular: 'ubuntu:24.10',
  plucky: 'ubuntu:25.04',
  questing: 'ubuntu:25.10',
};

/** The namespace of a Debian or Ubuntu code name; undefined for others. Moving names (`stable`, `testing`, `devel`) name no release. */
export function namespaceOfCodename(codename: string): string | undefined {
  const word = codename.toLowerCase();
  return Object.hasOwn(NAMESPACE_BY_CODENAME, word) ? NAMESPACE_BY_CODENAME[word] : undefined;
}
