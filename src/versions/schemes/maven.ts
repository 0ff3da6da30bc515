import { compareValues, readNumber, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';

type Prefix = '.' | '-';

/** A number, or a qualifier in lower case (`` is the release itself), with the sign before it. */
interface Token {
  readonly prefix: Prefix;
  readonly value: WholeNumber | string;
}

/** Known qualifiers in rising order; `` stands for the release. Others come after them, by text. */
const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const ALIASES: Readonly<Record<string, string>> = { cr: 'rc', ga: '', final: '', release: '' };
/** These hold only directly before a number: `1-a1`, not `1-a`. */
const ALIASES_BEFORE_NUMBER: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' };

/**
 * Versions of Maven artifacts by the "Version Order Specification" of Maven's POM reference, which takes any text: tokens
 * between `.`, `-` and changes from digits to letters, trailing nulls trimmed, missing ones padded.
 *
 * Maven's own ComparableVersion agrees on what people publish, and disagrees from release to release on mixes such as
 * `1.0.0rc0` and `1.0.beta8`. The specification is no total order on them either: `1.0-1 < 1.0.RC1 < 1.0 < 1.0-1`.
 * Source: https://maven.apache.org/pom.html#version-order-specification
 */
export const maven: VersionScheme<readonly Token[]> = { name: 'maven', parse, compare };

function parse(text: string): readonly Token[] {
  const version = readVersion('maven', text, /^[^\s\p{Cc}]+$/u)[0].toLowerCase();
  return trim(split(version));
}

/** A change from digits to letters or back counts as `-`; an empty token is 0. */
function split(version: string): Token[] {
  const tokens: Token[] = [];
  let prefix: Prefix = '-';
  for (const part of version.split(/([.-])/)) {
    if (part === '.' || part === '-') {
      prefix = part;
      continue;
    }
    const runs = part.match(/[0-9]+|[^0-9]+/g) ?? ['0'];
    runs.forEach((run, index) => {
      tokens.push({ prefix: index === 0 ? prefix : '-', value: readValue(run, index < runs.length - 1) });
    });
  }
  return tokens;
}

function readValue(run: string, isBeforeNumber: boolean): WholeNumber | string {
  if (/^[0-9]/.test(run)) return readNumber(run);
  return ALIASES[run] ?? (isBeforeNumber ? ALIASES_BEFORE_NUMBER[run] : undefined) ?? run;
}

/** Removes nulls (0, release) at the end of the version and before each hyphen, but never the first token. */
function trim(tokens: readonly Token[]): readonly Token[] {
  const kept: Token[] = [];
  for (const token of tokens) {
    if (token.prefix === '-') dropTrailingNulls(kept);
    kept.push(token);
  }
  dropTrailingNulls(kept);
  return kept;
}

function dropTrailingNulls(tokens: Token[]): void {
  while (tokens.length > 1 && isNull(tokens.at(-1)!)) tokens.pop();
}

function isNull({ value }: Token): boolean {
  return value === 0 || value === '';
}

function compare(a: readonly Token[], b: readonly Token[]): number {
  const longest = Math.max(a.length, b.length);
  for (let i = 0; i < longest; i++) {
    const order = compareTokens(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A missing token takes the prefix of the other one, and its kind of null: 0 beside a number after `.`, else the release. */
function compareTokens(a: Token | undefined, b: Token | undefined): number {
  if (!a) return b ? -compareTokens(b, a) : 0;
  if (typeof a.value === 'string') {
    if (!b) return compareQualifiers(a.value, '');
    if (typeof b.value !== 'string') return -1;
    // `.qualifier` < `-qualifier`
    return compareValues(b.prefix, a.prefix) || compareQualifiers(a.value, b.value);
  }
  if (!b) return a.prefix === '.' ? compareValues(a.value, 0) : 1;
  if (typeof b.value === 'string') return 1;
  // `-number` < `.number`
  return compareValues(a.prefix, b.prefix) || compareValues(a.value, b.value);
}

function compareQualifiers(a: string, b: string): number {
  const [x, y] = [QUALIFIERS.indexOf(a), QUALIFIERS.indexOf(b)];
  if (x < 0 && y < 0) return compareValues(a, b);
  return (x < 0 ? QUALIFIERS.length : x) - (y < 0 ? QUALIFIERS.length : y);
}
