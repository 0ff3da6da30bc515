import { compareNumberLists, compareValues, readNumber, type WholeNumber } from './numbers.ts';
import { readVersion } from './scheme.ts';

/** One of the dot-separated words of a pre-release: a number where it has digits only. */
export type Identifier = WholeNumber | string;

/** What decides the precedence of a version in Semantic Versioning. Build metadata does not. */
export interface SemanticVersion {
  /** Major, minor, patch. */
  readonly core: readonly WholeNumber[];
  /** Empty for a release. */
  readonly preRelease: readonly Identifier[];
}

const NUMBER = '(0|[1-9][0-9]*)';
const PRE_RELEASE_WORD = '(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)';
const BUILD_WORD = '[0-9A-Za-z-]+';
const PRE_RELEASE = `(?:-(${PRE_RELEASE_WORD}(?:\\.${PRE_RELEASE_WORD})*))?`;
const BUILD = `(?:\\+${BUILD_WORD}(?:\\.${BUILD_WORD})*)?`;

/** Exactly what semver.org, "Semantic Versioning 2.0.0", allows, with numbers of any size. */
export const STRICT = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}${PRE_RELEASE}${BUILD}$`);

/** The same with a `v` before it, or without. */
export const STRICT_AFTER_V = new RegExp(`^v?${NUMBER}\\.${NUMBER}\\.${NUMBER}${PRE_RELEASE}${BUILD}$`);

/** The same where `.0` may be left out at the end: `v1`, `v1.2`. */
export const SHORT_AFTER_V = new RegExp(`^v?${NUMBER}(?:\\.${NUMBER}(?:\\.${NUMBER}${PRE_RELEASE}${BUILD})?)?$`);

/** @param grammar one of the three above. */
export function parseSemantic(scheme: string, text: string, grammar = STRICT): SemanticVersion {
  const [, major, minor, patch, preRelease] = readVersion(scheme, text, grammar);
  return { core: [readNumber(major), readNumber(minor), readNumber(patch)], preRelease: readIdentifiers(preRelease) };
}

/** Orders by precedence: section 11 of Semantic Versioning 2.0.0. */
export function compareSemantic(a: SemanticVersion, b: SemanticVersion): number {
  return compareNumberLists(a.core, b.core) || comparePreRelease(a.preRelease, b.preRelease);
}

/** Splits dot-separated words; digits become numbers. `undefined` has none. */
export function readIdentifiers(dotted: string | undefined): Identifier[] {
  if (dotted === undefined) return [];
  return dotted.split('.').map((word) => (/^[0-9]+$/.test(word) ? readNumber(word) : word));
}

/** A version without pre-release words is the release, above all that have some. */
export function comparePreRelease(a: readonly Identifier[], b: readonly Identifier[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  return compareIdentifiers(a, b);
}

/** Numbers by value, below texts; texts by ASCII; where one list goes on, it is the greater one. */
export function compareIdentifiers(a: readonly Identifier[], b: readonly Identifier[]): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const order = compareIdentifier(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareIdentifier(a: Identifier, b: Identifier): number {
  const [aIsText, bIsText] = [typeof a === 'string', typeof b === 'string'];
  return aIsText === bIsText ? compareValues(a, b) : aIsText ? 1 : -1;
}
