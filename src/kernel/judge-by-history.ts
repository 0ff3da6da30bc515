import type { StageVerdict } from '../model/kernel-verdict.ts';
import type {
  BreakFixLine,
  BreakFixReference,
  KernelGroup,
  KernelVulnerability,
} from '../model/kernel-vulnerability.ts';
import type { Presence } from './history/commit-presence.ts';
import type { History } from './history/history.ts';
import { holdsRelease, type KernelVersion, parseKernelVersion } from './kernel-version.ts';

/** How a history hangs together with what the flaws name. */
export interface HistoryAlignment {
  readonly history: History;
  /** Absent: the version is not known. */
  readonly version?: KernelVersion;
  /** Commits that the version's release must hold are mostly found: what is not found is not there. */
  readonly holdsBreaks: boolean;
  /** The same of the fixes of stable releases, which vendors put together into one commit. */
  readonly holdsFixes: boolean;
}

/** Fewer commits say nothing of how a history lines up. */
const MIN_EXPECTED = 20;
const MIN_SHARE = 0.95;

/** Looks how many of the commits that the version promises are in the history. */
export function alignHistory(
  vulnerabilities: Iterable<KernelVulnerability>,
  history: History,
  version: KernelVersion | undefined,
): HistoryAlignment {
  const mainline = { expected: 0, found: 0 };
  const stable = { expected: 0, found: 0 };
  const counted = new Set<string>();
  if (version) {
    for (const { groups } of vulnerabilities) {
      for (const commit of groups.flatMap((group) => [...(group.break ? [group.break] : []), ...group.fixes])) {
        const release = commit.version === undefined ? undefined : parseKernelVersion(commit.version);
        if (!release || counted.has(commit.commit) || holdsRelease(version, release) !== true) continue;
        counted.add(commit.commit);
        const count = release.patch > 0 ? stable : mainline;
        count.expected += 1;
        count.found += Number(history.presenceOf(commit.commit).state !== 'absent');
      }
    }
  }
  const isHeld = ({ expected, found }: typeof mainline, otherwise: boolean): boolean =>
    expected < MIN_EXPECTED ? otherwise : found / expected >= MIN_SHARE;
  const isWhole = history.gaps.length === 0;
  return {
    history,
    ...(version && { version }),
    holdsBreaks: isWhole && isHeld(mainline, false),
    holdsFixes: isWhole && isHeld(mainline, true) && isHeld(stable, true),
  };
}

/** What became of one hole: `never` is proven, `elsewhere` is what the version says of a release of another branch. */
type HoleState = 'fixed' | 'never' | 'elsewhere' | 'affected' | 'unsure';

interface Hole {
  readonly state: HoleState;
  readonly fixes: readonly string[];
  readonly breaks: readonly string[];
  readonly doubt: string;
  readonly isBySubject?: boolean;
}

/**
 * Judges by commits: `fixed` where every hole's fix is in the history, `not_affected` where no hole's breaking commit is, `affected`
 * where one's breaking commit is and no fix of it. The stage is `code` where it rests on a breaking commit that is not there.
 */
export function judgeByHistory(vulnerability: KernelVulnerability, alignment: HistoryAlignment): StageVerdict {
  const holes = holesOf(vulnerability, alignment);
  const of = (state: HoleState): Hole[] => holes.filter((hole) => hole.state === state);
  const [open] = of('affected');
  if (open) {
    const evidence = { breaks: open.breaks, ...(open.fixes.length > 0 && { reverts: open.fixes }) };
    return { stage: 'commits', verdict: 'affected', confidence: 'exact', evidence, reason: open.doubt };
  }
  const fixed = of('fixed');
  const never = of('never');
  const breaks = never.flatMap((hole) => hole.breaks);
  const [doubt] = of('unsure');
  if (doubt || fixed.length + never.length === 0) {
    return { stage: 'commits', evidence: {}, reason: doubt?.doubt ?? 'no commit is known that brought or mended it' };
  }
  if (fixed.length > 0) {
    return {
      stage: 'commits',
      verdict: 'fixed',
      confidence: fixed.some((hole) => hole.isBySubject) ? 'subject' : 'exact',
      evidence: { commits: [...new Set(fixed.flatMap((hole) => hole.fixes))], ...(breaks.length > 0 && { breaks }) },
      reason: 'the history holds its fix',
    };
  }
  return {
    stage: 'code',
    verdict: 'not_affected',
    justification: 'code_not_present',
    confidence: 'exact',
    evidence: { breaks },
    reason: 'the history holds no commit that brought it',
  };
}

function holesOf(vulnerability: KernelVulnerability, alignment: HistoryAlignment): Hole[] {
  const { groups, breakFixes } = vulnerability;
  return [
    ...groups.map((group) => holeOfGroup(group, vulnerability, alignment)),
    ...breakFixes.map((line) => holeOfLine(line, alignment)),
  ];
}

function holeOfGroup(group: KernelGroup, { mainlineFixes }: KernelVulnerability, alignment: HistoryAlignment): Hole {
  const { history, version } = alignment;
  const fix = fixOf(group, mainlineFixes, history);
  if (fix.state !== 'absent') return fix.hole;
  const broken = group.break;
  if (!broken) return { state: 'unsure', fixes: [], breaks: [], doubt: 'no commit is known that brought it' };
  const presence = history.presenceOf(broken.commit);
  const release = broken.version === undefined ? undefined : parseKernelVersion(broken.version);
  const isPromised = version && release && holdsRelease(version, release);
  const state = stateOfBreak({ name: broken.commit, presence, isPromised }, alignment);
  return holeWithout(fix.hole.fixes, { state, name: broken.commit, presence }, history);
}

function holeOfLine(line: BreakFixLine, alignment: HistoryAlignment): Hole {
  const { history } = alignment;
  const fix = anyOf(line.fixes.flatMap(nameOf), history);
  if (fix.state !== 'absent') return fix.hole;
  const [first] = line.breaks;
  const isUsable = line.breaks.every((reference) => reference.kind === 'commit' && reference.isExact);
  const names = line.breaks.flatMap(nameOf);
  const states = names.map((name) => ({ name, presence: history.presenceOf(name) }));
  const present = states.find(({ presence }) => presence.state === 'present');
  if (present) return holeWithout(fix.hole.fixes, { ...present, state: openState(alignment) }, history);
  const areGone = states.every((one) => stateOfBreak({ ...one, isPromised: undefined }, alignment) === 'never');
  if (first && isUsable && areGone) return { state: 'never', fixes: [], breaks: names, doubt: '' };
  return {
    state: 'unsure',
    fixes: [],
    breaks: [],
    doubt: 'whether the commit that brought it is there cannot be told',
  };
}

const nameOf = (reference: BreakFixReference): string[] =>
  reference.kind === 'commit' ? [reference.commit] : reference.kind === 'local' ? [reference.name] : [];

interface Break {
  readonly name: string;
  readonly presence: Presence;
  /** The version's release holds it; undefined: nobody knows. */
  readonly isPromised: boolean | undefined;
}

function stateOfBreak({ name, presence, isPromised }: Break, alignment: HistoryAlignment): HoleState {
  const { history, holdsBreaks } = alignment;
  if (presence.state === 'present') return openState(alignment);
  if (presence.state === 'unsure') return 'unsure';
  if (history.gaps.length === 0) {
    if (presence.revertedBy !== undefined) return 'never';
    // Either the repository has it beside this history, or nobody says that it should be here and all else is where it should be.
    if (history.isBeside(name) || (holdsBreaks && isPromised === false)) return 'never';
  }
  return isPromised === false ? 'elsewhere' : 'unsure';
}

/** A break that is there, without a fix: open, if a fix would have been found. */
const openState = ({ holdsFixes }: HistoryAlignment): HoleState => (holdsFixes ? 'affected' : 'unsure');

function holeWithout(
  reverts: readonly string[],
  broken: { readonly state: HoleState; readonly name: string; readonly presence: Presence },
  { gaps }: History,
): Hole {
  const { state, name, presence } = broken;
  const breaks = [presence.state === 'present' && presence.commit !== name ? `${name}: ${presence.commit}` : name];
  const why = gaps.length > 0 ? `: ${gaps.join(', ')}` : '';
  const doubt =
    state === 'affected'
      ? reverts.length > 0
        ? 'the history holds the commit that brought it, and its fix was taken back'
        : 'the history holds the commit that brought it, and no fix'
      : `neither its fix nor the absence of what brought it is proven by the history${why}`;
  return { state, fixes: reverts, breaks, doubt };
}

interface FixSearch {
  readonly state: 'present' | 'absent' | 'unsure';
  readonly hole: Hole;
}

/** A flaw that several mainline commits mend is closed when all of them are there. */
function fixOf(group: KernelGroup, mainlineFixes: readonly string[], history: History): FixSearch {
  const own = group.fixes.map(({ commit }) => commit);
  if (mainlineFixes.length <= 1) return anyOf([...own, ...mainlineFixes], history);
  const needed = mainlineFixes.filter((name) => own.includes(name));
  const found = (needed.length > 0 ? needed : mainlineFixes).map((name) => anyOf([name], history));
  const missing = found.find(({ state }) => state !== 'present');
  if (!missing) {
    const fixes = found.flatMap(({ hole }) => hole.fixes);
    const isBySubject = found.some(({ hole }) => hole.isBySubject);
    return { state: 'present', hole: { state: 'fixed', fixes, breaks: [], doubt: '', isBySubject } };
  }
  if (missing.state === 'absent' && !own.some((name) => history.presenceOf(name).state === 'present')) return missing;
  const doubt = 'it has several fixes, and not all of them are found';
  return { state: 'unsure', hole: { state: 'unsure', fixes: [], breaks: [], doubt } };
}

function anyOf(names: readonly string[], history: History): FixSearch {
  const reverts: string[] = [];
  let doubt: string | undefined;
  for (const name of new Set(names)) {
    const presence = history.presenceOf(name);
    if (presence.state === 'present') {
      const { commit, line, confidence } = presence;
      const fixes = [`${commit}: ${line}`];
      return {
        state: 'present',
        hole: { state: 'fixed', fixes, breaks: [], doubt: '', isBySubject: confidence !== 'exact' },
      };
    }
    if (presence.state === 'unsure') doubt ??= `${presence.commit} proves nothing of its fix: ${presence.line}`;
    else if (presence.revertedBy !== undefined) reverts.push(`${name}: taken back by ${presence.revertedBy}`);
  }
  if (doubt !== undefined) return { state: 'unsure', hole: { state: 'unsure', fixes: [], breaks: [], doubt } };
  return { state: 'absent', hole: { state: 'unsure', fixes: reverts, breaks: [], doubt: '' } };
}
