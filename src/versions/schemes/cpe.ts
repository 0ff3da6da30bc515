import { compareNumberLists, compareValues, readNumber, readNumbers, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';

/** A run of digits, or one of letters. */
interface Token {
  readonly rank: number;
  /** A number; of a word its letters, `` where its rank says all. */
  readonly value: WholeNumber | string;
}

interface CpeVersion {
  /** Without zeroes at its end: `1.0` is `1`. */
  readonly release: readonly WholeNumber[];
  readonly rest: readonly Token[];
}

/** Ranks in rising order: words for what comes before a release, the end, other words, numbers. */
const BEFORE_RELEASE: Readonly<Record<string, number>> = {
  dev: -6,
  snapshot: -6,
  alpha: -5,
  beta: -4,
  milestone: -3,
  pre: -2,
  prerelease: -2,
  preview: -2,
  rc: -1,
  candidate: -1,
};
const END = 0;
const WORD = 1;
const NUMBER = 2;

/** A leading `v` and the epoch of a distribution's package do not count. */
const GRAMMAR = /^\s*(?:[0-9]+:)?v?([0-9]+(?:\.[0-9]+)*)([^\s]*)\s*$/i;

/**
 * Versions as NVD writes them for products of all kinds, in an order that suits most: dotted numbers by value, then letters and
 * further numbers in their turn. `rc`, `beta`, `alpha`, `pre` come before the release, other letters after it (`1.0.2 < 1.0.2u <
 * 1.0.2za`), all other characters only separate. An update (`9.11.3`, `p1`) stands behind a hyphen.
 *
 * No specification orders these versions: what does not begin with a number is malformed.
 */
export const cpe: VersionScheme<CpeVersion> = {
  name: 'cpe',

  parse(text) {
    const [, release, rest] = readVersion('cpe', text, GRAMMAR);
    const numbers = readNumbers(release!);
    while (numbers.length > 0 && numbers.at(-1) === 0) numbers.pop();
    return { release: numbers, rest: (rest!.toLowerCase().match(/[0-9]+|[a-z]+/g) ?? []).map(readToken) };
  },

  compare: (a, b) => compareNumberLists(a.release, b.release) || compareTokens(a.rest, b.rest),
};

function readToken(text: string): Token {
  if (/^[0-9]/.test(text)) return { rank: NUMBER, value: readNumber(text) };
  const rank = Object.hasOwn(BEFORE_RELEASE, text) ? BEFORE_RELEASE[text]! : WORD;
  return { rank, value: rank === WORD ? text : '' };
}

function compareTokens(a: readonly Token[], b: readonly Token[]): number {
  const longest = Math.max(a.length, b.length);
  for (let i = 0; i < longest; i++) {
    const [x, y] = [a[i], b[i]];
    const order = (x?.rank ?? END) - (y?.rank ?? END) || compareValues(x!.value, y!.value);
    if (order !== 0) return order;
  }
  return 0;
}
