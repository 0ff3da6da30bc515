import type { KernelVerdict } from '../model/kernel-verdict.ts';
import type { KernelCommit, KernelVulnerability } from '../model/kernel-vulnerability.ts';
import {
  compareKernelVersions,
  holdsRelease,
  type KernelVersion,
  parseKernelVersion,
  upstreamVersion,
} from './kernel-version.ts';

interface Release {
  readonly version: KernelVersion;
  readonly commits: readonly string[];
}

/**
 * The lowest later release in which every hole is closed: of the kernel's own branch where there is one, else of any.
 *
 * @param tree absent: the lowest of all.
 * @returns undefined where no fix is known, or no release of it.
 */
export function availableFix(
  { groups }: Pick<KernelVulnerability, 'groups'>,
  tree: KernelVersion | undefined,
): KernelVerdict['available'] {
  const candidates = groups
    .flatMap(({ fixes }) => fixes.flatMap(({ version }) => parsed(version)))
    .filter((version) => tree === undefined || compareKernelVersions(version, tree) > 0)
    .sort(
      (a, b) => Number(b.branch === tree?.branch) - Number(a.branch === tree?.branch) || compareKernelVersions(a, b),
    );
  for (const candidate of candidates) {
    const closing = groups.map((group) => closingCommits(group, candidate));
    if (closing.every((commits) => commits !== undefined)) {
      const release: Release = { version: candidate, commits: [...new Set(closing.flat() as string[])] };
      return { release: upstreamVersion(release.version), commits: release.commits };
    }
  }
  return undefined;
}

/** The commits that close a hole in a release, none where it never had it; undefined where it stays open there. */
function closingCommits(
  { break: broken, fixes }: KernelVulnerability['groups'][number],
  release: KernelVersion,
): readonly string[] | undefined {
  const held = fixes.filter((fix) => isHeld(fix, release) === true);
  if (held.length > 0) return held.map(({ commit }) => commit);
  return broken && isHeld(broken, release) === false ? [] : undefined;
}

function isHeld({ version }: KernelCommit, release: KernelVersion): boolean | undefined {
  const [came] = parsed(version);
  return came && holdsRelease(release, came);
}

function parsed(version: string | undefined): readonly KernelVersion[] {
  const read = version === undefined ? undefined : parseKernelVersion(version);
  return read ? [read] : [];
}
