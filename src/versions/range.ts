import type { AffectedRange } from '../model/advisory.ts';
import { ScannerError } from '../model/errors.ts';
import type { Comparison } from '../model/match.ts';
import { getScheme } from './registry.ts';
import type { VersionScheme } from './scheme.ts';

/** What an advisory says of versions: the part of `Advisory` that decides. */
export interface AffectedVersions {
  readonly affected: readonly AffectedRange[];
  readonly versions?: readonly string[];
}

/** An installed version, read once, to be judged by many advisories. */
export interface VersionQuestion {
  /**
   * Whether the installed version is affected, and what decided.
   *
   * Any range that holds it, or a listed version that equals it (as text, or in the scheme's order), makes it affected.
   * Otherwise a range that a bound nobody can read leaves open makes it undecided; a range that its other bound excludes
   * anyway is not open.
   */
  judge(advisory: AffectedVersions): Comparison;
}

/** `introduced` of a range that has no beginning; it is below every version, pre-releases of `0` too. */
const BEGINNING = '0';

/** @throws ScannerError `version.malformed` for the installed version, `version.unknown-scheme`. */
export function prepare(schemeOrName: VersionScheme | string, version: string): VersionQuestion {
  const scheme = typeof schemeOrName === 'string' ? getScheme(schemeOrName) : schemeOrName;
  const installed = { scheme, text: version, parsed: scheme.parse(version) };
  return { judge: (advisory) => judgeAll(installed, advisory) };
}

/** One question asked once: `prepare(scheme, version).judge(advisory)`. */
export function judge(scheme: VersionScheme | string, version: string, advisory: AffectedVersions): Comparison {
  return prepare(scheme, version).judge(advisory);
}

interface Installed {
  readonly scheme: VersionScheme;
  readonly text: string;
  readonly parsed: unknown;
}

interface Verdict extends Pick<Comparison, 'outcome' | 'reason'> {
  /** That the version is excluded as it comes before the range. */
  readonly isBefore?: boolean;
}

function judgeAll(installed: Installed, { affected, versions = [] }: AffectedVersions): Comparison {
  const { scheme, text: version } = installed;
  const compared = ({ outcome, reason }: Verdict, range?: AffectedRange): Comparison => ({
    scheme: scheme.name,
    version,
    outcome,
    reason,
    ...(range && { range }),
  });
  let undecided: Comparison | undefined;
  let excluded: Comparison | undefined;
  for (const range of affected) {
    const verdict = judgeRange(installed, range);
    if (verdict.outcome === 'affected') return compared(verdict, range);
    if (verdict.outcome === 'undecided') undecided ??= compared(verdict, range);
    // A range that lies behind the version tells more than one that begins later: it may have the fix.
    else if (!excluded || !verdict.isBefore) excluded = compared(verdict, range);
  }
  if (isListed(installed, versions)) return compared({ outcome: 'affected', reason: 'listed among the versions' });
  const reason = versions.length > 0 ? 'not listed among the versions' : 'no affected versions are stated';
  return undecided ?? excluded ?? compared({ outcome: 'not_affected', reason });
}

function judgeRange({ scheme, text, parsed }: Installed, { introduced, fixed, lastAffected }: AffectedRange): Verdict {
  const end = fixed ?? lastAffected;
  const afterBeginning = introduced === BEGINNING ? 1 : compareWithBound(scheme, parsed, introduced);
  const afterEnd = end === undefined ? -1 : compareWithBound(scheme, parsed, end);

  if (afterBeginning !== undefined && afterBeginning < 0)
    return { outcome: 'not_affected', reason: `${text} < ${introduced}, where the range begins`, isBefore: true };
  if (afterEnd !== undefined && fixed !== undefined && afterEnd >= 0)
    return excludes(`${text} >= ${fixed}, where it is fixed`);
  if (afterEnd !== undefined && fixed === undefined && afterEnd > 0)
    return excludes(`${text} > ${lastAffected}, the last affected version`);
  if (afterBeginning === undefined) return leavesOpen(introduced);
  if (afterEnd === undefined) return leavesOpen(end!);

  const from = introduced === BEGINNING ? '' : `${introduced} <= `;
  const to = fixed !== undefined ? ` < ${fixed}` : lastAffected !== undefined ? ` <= ${lastAffected}` : '';
  return { outcome: 'affected', reason: from || to ? `${from}${text}${to}` : 'all versions are affected' };
}

function excludes(reason: string): Verdict {
  return { outcome: 'not_affected', reason };
}

function leavesOpen(bound: string): Verdict {
  return { outcome: 'undecided', reason: `bound ${JSON.stringify(bound)} cannot be read` };
}

/** Below 0, 0 or above 0 as the installed version is below, at or above the bound; undefined for an unreadable bound. */
function compareWithBound(scheme: VersionScheme, parsed: unknown, text: string): number | undefined {
  const bound = readBound(scheme, text);
  if (bound === UNREADABLE) return undefined;
  return scheme.compareWithStated?.(parsed, bound) ?? scheme.compare(parsed, bound);
}

const UNREADABLE = Symbol('a version that its scheme cannot read');

/** Many advisories name the same few versions of a package, so each is read once. */
const MAX_KEPT_BOUNDS = 20_000;
const boundsByScheme = new Map<VersionScheme, Map<string, unknown>>();

function readBound(scheme: VersionScheme, text: string): unknown {
  const kept = boundsByScheme.get(scheme);
  const bounds = kept && kept.size < MAX_KEPT_BOUNDS ? kept : new Map<string, unknown>();
  if (bounds !== kept) boundsByScheme.set(scheme, bounds);
  const known = bounds.get(text);
  if (known !== undefined) return known;
  const bound = parseBound(scheme, text);
  bounds.set(text, bound);
  return bound;
}

function parseBound(scheme: VersionScheme, text: string): unknown {
  try {
    return scheme.parse(text);
  } catch (error) {
    if (error instanceof ScannerError && error.code === 'version.malformed') return UNREADABLE;
    throw error;
  }
}

function isListed({ scheme, text, parsed }: Installed, versions: readonly string[]): boolean {
  return versions.includes(text) || versions.some((version) => compareWithBound(scheme, parsed, version) === 0);
}
