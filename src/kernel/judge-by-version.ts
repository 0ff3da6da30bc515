import type { StageVerdict } from '../model/kernel-verdict.ts';
import type { KernelCommit, KernelGroup, KernelVulnerability } from '../model/kernel-vulnerability.ts';
import { holdsRelease, type KernelVersion, parseKernelVersion } from './kernel-version.ts';

/** What became of one hole in a tree. */
type GroupState = 'never' | 'fixed' | 'affected' | 'unknown';

/**
 * Judges by the version alone, on the branch's own groups: a hole is in the tree if its breaking commit came with a mainline release
 * up to the branch or with a stable release of this very branch, and closed if one of its fixes did. Ranges of other branches say
 * nothing: matching any of them is what makes 6.1.176 "affected" four times too often.
 */
export function judgeByVersion(
  { groups }: Pick<KernelVulnerability, 'groups'>,
  tree: KernelVersion,
  isHeld = heldReleases(tree),
): StageVerdict {
  const holes = groups.map((group) => ({ group, state: stateOf(group, isHeld) }));
  const of = (state: GroupState) => holes.filter((hole) => hole.state === state).map(({ group }) => group);
  const open = of('affected');
  if (open.length > 0) {
    const breaks = open.map((group) => (group.break ? nameOf(group.break) : 'unknown, since ever'));
    return {
      stage: 'version',
      verdict: 'affected',
      confidence: 'version',
      evidence: { breaks },
      reason: `${tree.branch} holds the breaking commit and no fix of it up to this release`,
    };
  }
  const closed = of('fixed');
  if (holes.length === 0 || of('unknown').length > 0 || (tree.hasOwnFeatures && closed.length === 0)) {
    return { stage: 'version', evidence: {}, reason: doubtOf(holes.length, tree) };
  }
  if (closed.length > 0) {
    const fixes = closed.flatMap((group) => group.fixes.filter((fix) => isHeld(fix) === true).map(nameOf));
    return {
      stage: 'version',
      verdict: 'fixed',
      confidence: 'version',
      evidence: { fixes },
      reason: `the fix came with a release up to this one: ${fixes[0]}`,
    };
  }
  const breaks = holes.flatMap(({ group }) => (group.break ? [nameOf(group.break)] : []));
  return {
    stage: 'version',
    verdict: 'not_affected',
    justification: 'code_not_present',
    confidence: 'version',
    evidence: { breaks },
    reason: `the breaking commit came with no release up to this one: ${breaks[0]}`,
  };
}

function doubtOf(holeCount: number, { branch, hasOwnFeatures }: KernelVersion): string {
  if (holeCount === 0) return 'no releases are known that brought or mended it';
  if (hasOwnFeatures) return `an enterprise kernel takes in features of later releases, ${branch} says little of it`;
  return `stable releases of ${branch} changed it, or a version cannot be read: which of them this kernel holds is not known`;
}

/** Whether a tree holds what came with the release of a commit; undefined where it cannot be told. */
export type HeldReleases = (commit: KernelCommit) => boolean | undefined;

/**
 * What a tree holds; to be handed in where many flaws are judged, since they name the same releases over and over. A version that
 * cannot be read is never an answer.
 */
export function heldReleases(tree: KernelVersion): HeldReleases {
  const known = new Map<string, boolean | undefined>();
  return ({ version }) => {
    if (version === undefined) return undefined;
    if (!known.has(version)) {
      const release = parseKernelVersion(version);
      known.set(version, release && holdsRelease(tree, release));
    }
    return known.get(version);
  };
}

function stateOf(group: KernelGroup, isHeld: HeldReleases): GroupState {
  const broken = group.break ? isHeld(group.break) : true;
  if (broken === false) return 'never';
  const fixed = group.fixes.map(isHeld);
  if (fixed.includes(true)) return 'fixed';
  // Whichever of the two is unknown: with a fix that may be there, or a break that may not, nothing is certain.
  return broken === undefined || fixed.includes(undefined) ? 'unknown' : 'affected';
}

const nameOf = ({ version, commit }: KernelCommit): string => (version === undefined ? commit : `${version}:${commit}`);
