import { compareValues, readNumber, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';

type Segment = WholeNumber | string;

const GRAMMAR = /^\s*([0-9]+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)\s*$/;

/**
 * Versions of Ruby gems: runs of digits and runs of letters. Letters sort below the end and below numbers, which makes
 * `1.0.b1` a pre-release of `1.0`; `-` reads as `.pre.`; numbers that are missing count as 0.
 * Source: https://docs.ruby-lang.org/en/master/Gem/Version.html, lib/rubygems/version.rb.
 */
export const rubygems: VersionScheme<readonly Segment[]> = { name: 'rubygems', parse, compare };

function parse(text: string): readonly Segment[] {
  const version = readVersion('rubygems', text, GRAMMAR)[1]!.replaceAll('-', '.pre.');
  const segments = version.match(/[0-9]+|[A-Za-z]+/g)!.map((part) => (part < ':' ? readNumber(part) : part));
  const firstText = segments.findIndex((segment) => typeof segment === 'string');
  if (firstText < 0) return withoutTrailingZeroes(segments);
  // Zeroes before the first letters do not count either: `1.0.b1` is `1.b1`.
  return [...withoutTrailingZeroes(segments.slice(0, firstText)), ...withoutTrailingZeroes(segments.slice(firstText))];
}

function withoutTrailingZeroes(segments: readonly Segment[]): readonly Segment[] {
  return segments.slice(0, segments.findLastIndex((segment) => segment !== 0) + 1);
}

function compare(a: readonly Segment[], b: readonly Segment[]): number {
  const longest = Math.max(a.length, b.length);
  for (let i = 0; i < longest; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    const [xIsText, yIsText] = [typeof x === 'string', typeof y === 'string'];
    const order = xIsText === yIsText ? compareValues(x, y) : xIsText ? -1 : 1;
    if (order !== 0) return order;
  }
  return 0;
}
