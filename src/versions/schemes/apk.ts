import { compareValues, readNumber, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';

/** A piece of a version: compared by rank, then by value. */
interface Token {
  readonly rank: number;
  readonly value: WholeNumber | string;
}

/** Ranks of what may come next, in rising order: only `_alpha` and the like sort before the end of the version. */
const PRE_SUFFIX = 0;
const END = 1;
const REVISION = 2;
const HASH = 3;
const SUFFIX_NUMBER = 4;
const POST_SUFFIX = 5;
const LETTER_NUMBER = 6;
const LETTER = 7;
const NUMBER = 8;

const PRE_SUFFIXES = ['alpha', 'beta', 'pre', 'rc'];
const POST_SUFFIXES = ['cvs', 'svn', 'git', 'hg', 'p'];

const SUFFIX = `_(?:${[...PRE_SUFFIXES, ...POST_SUFFIXES].join('|')})[0-9]*`;
const GRAMMAR = new RegExp(
  `^([0-9]+(?:\\.[0-9]+)*)(?:([a-z])([0-9]+)?)?((?:${SUFFIX})*)(?:~([0-9A-Fa-f]+))?(?:-r([0-9]+))?$`,
);

/**
 * Alpine package versions: `1.2.3`, then optional a letter, suffixes such as `_rc1` or `_p2`, `~` and a commit hash, and
 * the revision `-r4`.
 *
 * The order is that of apk-tools 3 for what it accepts. Digits after the letter (`1.8.31p1-r1`) are of apk-tools 2, which
 * accepted them; Alpine's security database still has such versions. Numbers after the first one that start with `0`
 * compare as text: `4.2.009 < 4.2.010`, but `1.05 < 1.1`.
 * Source: apk-package(5), apk-tools' src/version.c and test/version.data.
 */
export const apk: VersionScheme<readonly Token[]> = { name: 'apk', parse, compare };

function parse(text: string): readonly Token[] {
  const [, numbers, letter, letterNumber, suffixes, hash, revision] = readVersion('apk', text, GRAMMAR);
  const [first, ...others] = numbers!.split('.');
  const tokens: Token[] = [{ rank: NUMBER, value: readNumber(first) }];
  for (const digits of others) {
    tokens.push({ rank: NUMBER, value: digits.startsWith('0') ? digits : readNumber(digits) });
  }
  if (letter) tokens.push({ rank: LETTER, value: letter });
  if (letterNumber) tokens.push({ rank: LETTER_NUMBER, value: readNumber(letterNumber) });
  for (const [, word, digits] of suffixes!.matchAll(/_([a-z]+)([0-9]*)/g)) {
    const isPre = PRE_SUFFIXES.includes(word!);
    const value = (isPre ? PRE_SUFFIXES : POST_SUFFIXES).indexOf(word!);
    tokens.push({ rank: isPre ? PRE_SUFFIX : POST_SUFFIX, value });
    if (digits) tokens.push({ rank: SUFFIX_NUMBER, value: readNumber(digits) });
  }
  if (hash) tokens.push({ rank: HASH, value: hash });
  if (revision) tokens.push({ rank: REVISION, value: readNumber(revision) });
  return tokens;
}

function compare(a: readonly Token[], b: readonly Token[]): number {
  const longest = Math.max(a.length, b.length);
  for (let i = 0; i < longest; i++) {
    const order = (a[i]?.rank ?? END) - (b[i]?.rank ?? END) || compareTokenValues(a[i]!.value, b[i]!.value);
    if (order !== 0) return order;
  }
  return 0;
}

/** A number with a leading zero is kept as text; against it all compare as text. */
function compareTokenValues(a: Token['value'], b: Token['value']): number {
  if (typeof a === 'string' || typeof b === 'string') return compareValues(String(a), String(b));
  return compareValues(a, b);
}
