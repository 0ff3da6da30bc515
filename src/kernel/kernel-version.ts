/**
 * A release of the Linux kernel, as far as version arithmetic needs it.
 *
 * Mainline is `X.Y` (before 3.0 `2.6.N`) with release candidates `X.Y-rcN`; stable releases add one number.
 */
export interface KernelVersion {
  /** `6.1`; `2.6.32`. */
  readonly branch: string;
  /** Orders branches: major, minor, third number of 2.x. */
  readonly series: readonly [number, number, number];
  /** The stable number; 0 for a mainline release. */
  readonly patch: number;
  /** Of a release candidate. */
  readonly candidate?: number;
  /** What follows the version as upstream writes it: `-imx`, `-1`, `+gitAUTOINC+0c4c6`. `` for upstream's own. */
  readonly suffix: string;
  /**
   * The stable number is a distribution's constant (`6.1.0-28-amd64`, `5.14.0-362.el9`), not upstream's: what a stable release of the
   * branch brought or mended cannot be told.
   */
  readonly isNominal: boolean;
  /** An enterprise distribution keeps the number and takes in whole subsystems of later releases: a later break may be there. */
  readonly hasOwnFeatures: boolean;
}

/**
 * Reads the version of a kernel: a tag, a `uname -r`, a package version.
 *
 * @returns undefined where it begins with no version.
 */
export function parseKernelVersion(text: string): KernelVersion | undefined {
  const [, major = '', minor = '', third, fourth, candidate, suffix = ''] = VERSION.exec(text.trim()) ?? [];
  if (major === '') return undefined;
  const isOld = Number(major) < 3;
  const [seriesThird, patch] = isOld ? [third, fourth] : [undefined, third];
  // Beyond 2.x there is no fourth number of upstream's.
  const rest = !isOld && fourth !== undefined ? `.${fourth}${suffix}` : suffix;
  const branch = isOld ? `${major}.${minor}${third === undefined ? '' : `.${third}`}` : `${major}.${minor}`;
  return {
    branch,
    series: [Number(major), Number(minor), Number(seriesThird ?? 0)],
    patch: Number(patch ?? 0),
    ...(candidate !== undefined && { candidate: Number(candidate) }),
    suffix: rest,
    isNominal: patch === '0' && candidate === undefined && /^[-.]\d/.test(rest),
    hasOwnFeatures: ENTERPRISE.test(rest),
  };
}

/** `v6.1.176`, an epoch, up to four numbers, a release candidate, and what a vendor adds. */
const VERSION = /^(?:\d+:)?v?(\d{1,3})\.(\d{1,4})(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?(?:[-~.]?rc(\d{1,2})(?!\d))?(.*)$/s;

/** `-362.el9`, `-100.28.2.el8uek`, SUSE's `-150500.55.7`. */
const ENTERPRISE = /\.el\d|^-1\d{5}\./;

/** The version as upstream writes it: `6.1.176`, `6.5-rc3`. */
export function upstreamVersion({ branch, patch, candidate }: KernelVersion): string {
  if (candidate !== undefined) return `${branch}-rc${candidate}`;
  return patch === 0 ? branch : `${branch}.${patch}`;
}

/**
 * Whether the tree of a release holds a commit that came with another one.
 *
 * @returns undefined where it cannot be told: the commit came with a stable release of a branch whose number is nominal.
 */
export function holdsRelease(tree: KernelVersion, release: KernelVersion): boolean | undefined {
  if (release.patch > 0) {
    if (tree.branch !== release.branch) return false;
    return tree.isNominal ? undefined : tree.candidate === undefined && release.patch <= tree.patch;
  }
  const order = compareSeries(release.series, tree.series);
  if (order !== 0) return order < 0;
  // The same series: all of it, unless the tree is a candidate itself.
  return tree.candidate === undefined || (release.candidate ?? Number.POSITIVE_INFINITY) <= tree.candidate;
}

/** Below 0 where `a` is older. */
export function compareKernelVersions(a: KernelVersion, b: KernelVersion): number {
  const candidate = (version: KernelVersion): number => version.candidate ?? Number.POSITIVE_INFINITY;
  return (
    compareSeries(a.series, b.series) ||
    a.patch - b.patch ||
    (candidate(a) === candidate(b) ? 0 : candidate(a) - candidate(b))
  );
}

const compareSeries = (a: KernelVersion['series'], b: KernelVersion['series']): number =>
  a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
