import { compareValues, readNumber, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';

/** A piece of a version: compared by rank, then by value. */
interface Token {
  readonly rank: number;
  /** Of a number, or the name of a branch; 0 of a word. */
  readonly value: WholeNumber | string;
}

/** Ranks in rising order. The first words that begin like a stability decide: `post1` begins with `p`. */
const BRANCH = -2;
const UNKNOWN_WORD = -1;
const STABILITIES: readonly (readonly [RegExp, number])[] = [
  [/^dev/, 0],
  [/^a/, 1],
  [/^b/, 2],
  [/^(?:RC|rc)/, 3],
  [/^p/, 6],
];
const END = 4;
const NUMBER = 5;

/** What Composer puts for the `x` of a branch, so that it is above every release of the branch. */
const NEWEST = { rank: NUMBER, value: 9999999 };

const GRAMMAR = /^\s*(?:dev-(\S+)|v?([0-9](?:[0-9A-Za-z]|[._-](?=[0-9A-Za-z]))*)(?:\+\S*)?)\s*$/i;

/**
 * Versions of PHP packages, in the order of PHP's `version_compare`, which Composer and OSV rest on: numbers and words, of
 * which `dev < alpha < beta < RC < (the end) < numbers < patch`, other words below all of them; a version that goes on with
 * a number is the greater one (`1.0 < 1.0.0`). Stability words count in lower case, and `RC`.
 *
 * Composer's own forms are read as it does: a leading `v`, build metadata after `+` and a closing `-stable` do not count,
 * `1.x-dev` is above all `1.*`, and a branch (`dev-main`) is below all numbers.
 * Source: https://www.php.net/version_compare, https://getcomposer.org/doc/articles/versions.md
 */
export const packagist: VersionScheme<readonly Token[]> = { name: 'packagist', parse, compare };

function parse(text: string): readonly Token[] {
  const [, branch, version] = readVersion('packagist', text, GRAMMAR);
  if (branch !== undefined) return [{ rank: BRANCH, value: branch }];

  const development = /^([0-9.]+)\.x[._-]?dev$/i.exec(version!);
  if (development) return [...readTokens(development[1]!), NEWEST, NEWEST, NEWEST];
  return readTokens(version!.replace(/[._-]?stable$/i, ''));
}

function readTokens(version: string): Token[] {
  return version.match(/[0-9]+|[A-Za-z]+/g)!.map((part) => {
    if (/^[0-9]/.test(part)) return { rank: NUMBER, value: readNumber(part) };
    return { rank: STABILITIES.find(([beginning]) => beginning.test(part))?.[1] ?? UNKNOWN_WORD, value: 0 };
  });
}

function compare(a: readonly Token[], b: readonly Token[]): number {
  const longest = Math.max(a.length, b.length);
  for (let i = 0; i < longest; i++) {
    const [x, y] = [a[i], b[i]];
    const order = (x?.rank ?? END) - (y?.rank ?? END) || compareValues(x!.value, y!.value);
    if (order !== 0) return order;
  }
  return 0;
}
