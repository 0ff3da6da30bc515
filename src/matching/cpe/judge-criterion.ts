import { ANY, type CpeName, compareWords, NA, parseCpe, textOfWord, wordOfText } from '../../documents/cpe.ts';
import type { AffectedRange } from '../../model/advisory.ts';
import type { Confidence } from '../../model/confidence.ts';
import type { CpeCriteria } from '../../model/cpe-configuration.ts';
import type { Comparison } from '../../model/match.ts';
import type { PackageCpe } from './package-cpe.ts';
import { compareToBound, joinUpdate, PRODUCT_SCHEME, type ProductVersion } from './product-version.ts';

/** What a criterion says of a package's CPE. */
export interface CriterionVerdict {
  readonly comparison: Comparison & { readonly outcome: 'affected' | 'not_affected' };
  readonly confidence: Confidence;
  /** Why the confidence is not higher. */
  readonly doubt?: string;
}

interface Grade {
  readonly confidence: Confidence;
  readonly doubt?: string;
}

/**
 * Whether a criterion speaks of a package, and holds its version.
 *
 * Names are matched as NISTIR 7696 asks, the criterion being the wider one, with these exceptions: a version is compared by its bounds
 * and in the order of `versions/schemes/cpe.ts`; another vendor's product of the same name, and what the inventory leaves open, count
 * with less confidence. A version that cannot be compared with a bound counts as affected.
 *
 * @returns undefined where it speaks of something else.
 */
export function judgeCriterion(criterion: CpeCriteria, cpe: PackageCpe): CriterionVerdict | undefined {
  const wanted = nameOf(criterion.criteria);
  const grade = wanted && gradeOf(wanted, cpe);
  if (!grade) return undefined;
  const { comparison, doubt } = judgeVersion(criterion, wanted, cpe);
  const versionGrade: Grade = doubt === undefined ? { confidence: 'exact' } : { confidence: 'wildcard', doubt };
  return { comparison, ...leastSure([grade, versionGrade, guessGrade(cpe)]) };
}

const names = new Map<string, CpeName | undefined>();
const MAX_NAMES = 10_000;

/** Criteria are shared by many vulnerabilities, so each is read once. */
function nameOf(criteria: string): CpeName | undefined {
  if (names.has(criteria)) return names.get(criteria);
  if (names.size >= MAX_NAMES) names.clear();
  const name = parseCpe(criteria);
  names.set(criteria, name);
  return name;
}

const ORDER: readonly Confidence[] = ['guessed', 'product', 'wildcard', 'exact'];

function leastSure(grades: readonly Grade[]): Grade {
  return grades.reduce((least, next) =>
    ORDER.indexOf(next.confidence) < ORDER.indexOf(least.confidence) ? next : least,
  );
}

function guessGrade({ isStated, text }: PackageCpe): Grade {
  return isStated ? { confidence: 'exact' } : { confidence: 'guessed', doubt: `no CPE is stated; ${text} is guessed` };
}

/** @returns undefined where the names exclude each other. */
function gradeOf(wanted: CpeName, { name, targetSoftware }: PackageCpe): Grade | undefined {
  if (wanted.product !== name.product || !isSamePart(wanted.part, name.part)) return undefined;
  for (const attribute of ['edition', 'language', 'swEdition', 'targetHw', 'other'] as const) {
    if (compareWords(wanted[attribute], name[attribute]) === 'disjoint') return undefined;
  }
  const target = gradeTarget(wanted.targetSw, name.targetSw === ANY ? targetSoftware : name.targetSw);
  if (!target) return undefined;
  const vendor: Grade =
    compareWords(wanted.vendor, name.vendor) === 'disjoint'
      ? { confidence: 'product', doubt: `the vendor of ${wanted.vendor}:${wanted.product} is another one` }
      : { confidence: 'exact' };
  return leastSure([vendor, target]);
}

/** Inventories that leave the part open speak of software. */
function isSamePart(wanted: string, stated: string): boolean {
  return wanted === stated || (stated === ANY && wanted !== 'h');
}

/** Words of target software that exclude nothing: what everything of an embedded or server system is made for. */
const GENERAL_TARGETS: ReadonlySet<string> = new Set([ANY, NA, 'linux', 'linux_kernel', 'unix', 'x64']);

function gradeTarget(wanted: string, stated: string | undefined): Grade | undefined {
  if (GENERAL_TARGETS.has(wanted) || wanted === stated) return { confidence: 'exact' };
  if (stated === undefined)
    return { confidence: 'wildcard', doubt: `it is said of software for ${textOfWord(wanted)}, which nothing states` };
  return compareWords(wanted, stated) === 'disjoint' ? undefined : { confidence: 'exact' };
}

interface VersionVerdict {
  readonly comparison: CriterionVerdict['comparison'];
  readonly doubt?: string;
}

function judgeVersion(criterion: CpeCriteria, wanted: CpeName, cpe: PackageCpe): VersionVerdict {
  if (wanted.version === NA) return excluded(cpe.version, 'the criterion speaks of no version');
  const bounds = boundsOf(criterion);
  if (wanted.version === ANY && bounds.length === 0) return held(cpe.version, 'all versions are affected');
  if (cpe.version.text === '')
    return { ...held(cpe.version, 'no version is stated'), doubt: 'the inventory states no version' };
  return wanted.version === ANY ? judgeBounds(bounds, criterion, cpe.version) : judgeEquality(wanted, cpe);
}

function held(version: ProductVersion, reason: string, range?: AffectedRange): VersionVerdict {
  const comparison = { scheme: PRODUCT_SCHEME, version: version.text, outcome: 'affected', reason } as const;
  return { comparison: range ? { ...comparison, range } : comparison };
}

function excluded(version: ProductVersion, reason: string, range?: AffectedRange): VersionVerdict {
  const comparison = { scheme: PRODUCT_SCHEME, version: version.text, outcome: 'not_affected', reason } as const;
  return { comparison: range ? { ...comparison, range } : comparison };
}

/** One version, with its update where the criterion names one; `-` says that it has none. */
function judgeEquality(wanted: CpeName, { version, withoutUpdate, name }: PackageCpe): VersionVerdict {
  const stated = textOfWord(wanted.version)!;
  if (/[*?]/.test(wanted.version) && compareWords(wanted.version, wordOfText(withoutUpdate.text)) === 'superset')
    return held(withoutUpdate, `${withoutUpdate.text} is one of ${wanted.version}`);
  const update = textOfWord(wanted.update);
  const [own, bound] = update === undefined ? [withoutUpdate, stated] : [version, joinUpdate(stated, update)];
  const hasOtherUpdate = wanted.update === NA && textOfWord(name.update) !== undefined;
  const isEqual = !hasOtherUpdate && compareToBound(own, bound) === 0;
  return isEqual
    ? held(own, `${own.text} = ${bound}`, { introduced: bound, lastAffected: bound })
    : excluded(version, `${version.text} is not ${joinUpdate(stated, textOfWord(wanted.update))}`);
}

/** A bound, how it is written before or behind the version, and what excludes a version at it. */
interface Bound {
  readonly text: string;
  readonly isStart: boolean;
  readonly isIncluded: boolean;
}

function boundsOf(criterion: CpeCriteria): readonly Bound[] {
  const { versionStartIncluding, versionStartExcluding, versionEndIncluding, versionEndExcluding } = criterion;
  return [
    { text: versionStartIncluding, isStart: true, isIncluded: true },
    { text: versionStartExcluding, isStart: true, isIncluded: false },
    { text: versionEndIncluding, isStart: false, isIncluded: true },
    { text: versionEndExcluding, isStart: false, isIncluded: false },
  ].filter((bound): bound is Bound => bound.text !== undefined);
}

function judgeBounds(bounds: readonly Bound[], criterion: CpeCriteria, version: ProductVersion): VersionVerdict {
  const range = rangeOf(criterion);
  let incomparable: string | undefined;
  for (const { text, isStart, isIncluded } of bounds) {
    const distance = compareToBound(version, text);
    if (distance === undefined) incomparable ??= text;
    else if (isStart ? distance < 0 : distance > 0)
      return excluded(version, `${version.text} ${isStart ? '<' : '>'} ${text}`, range);
    else if (distance === 0 && !isIncluded)
      return excluded(version, `${version.text} is ${text}, which is not affected`, range);
  }
  if (incomparable === undefined) return held(version, rangeText(bounds, version), range);
  const doubt = `${version.text} cannot be compared with ${incomparable}`;
  return { ...held(version, doubt, range), doubt };
}

/** The range as others write it: a start that is excluded is told by the criterion alone. */
function rangeOf(criterion: CpeCriteria): AffectedRange {
  const { versionStartIncluding, versionStartExcluding, versionEndIncluding, versionEndExcluding } = criterion;
  return {
    introduced: versionStartIncluding ?? versionStartExcluding ?? '0',
    ...(versionEndExcluding !== undefined && { fixed: versionEndExcluding }),
    ...(versionEndExcluding === undefined &&
      versionEndIncluding !== undefined && { lastAffected: versionEndIncluding }),
  };
}

function rangeText(bounds: readonly Bound[], { text: version }: ProductVersion): string {
  const before = bounds
    .filter(({ isStart }) => isStart)
    .map(({ text, isIncluded }) => `${text} ${isIncluded ? '<=' : '<'} `);
  const after = bounds
    .filter(({ isStart }) => !isStart)
    .map(({ text, isIncluded }) => ` ${isIncluded ? '<=' : '<'} ${text}`);
  return `${before.join('')}${version}${after.join('')}`;
}
