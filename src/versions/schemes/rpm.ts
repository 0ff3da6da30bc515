import { compareValues, readNumber, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';

interface RpmVersion {
  readonly epoch: WholeNumber;
  readonly version: string;
  /** Absent is not the same as empty: `1 < 1-`. */
  readonly release: string | undefined;
}

/** The epoch is digits before a colon; a colon after anything else is part of the version. The last `-` begins the release. */
const GRAMMAR = /^\s*(?:([0-9]*):|(?![0-9]*:))([^\s-]\S*?)(?:-([^\s-]*))?\s*$/;

/**
 * RPM package versions: `[epoch:]version[-release]`. A missing epoch counts as 0. A missing release sorts as an empty one,
 * and right before it; rpm itself compares installed packages, which always have a release.
 *
 * Source: rpm-version(7); rpm's rpmio/rpmvercmp.c and tests/rpmvercmp.at.
 */
export const rpm: VersionScheme<RpmVersion> = {
  name: 'rpm',

  parse(text) {
    const [, epoch, version, release] = readVersion('rpm', text, GRAMMAR);
    return { epoch: readNumber(epoch), version: version!, release };
  },

  compare: (a, b) =>
    compareValues(a.epoch, b.epoch) || compareSegments(a.version, b.version) || compareReleases(a.release, b.release),
};

function compareReleases(a: string | undefined, b: string | undefined): number {
  return compareSegments(a ?? '', b ?? '') || Number(a !== undefined) - Number(b !== undefined);
}

/**
 * Walks both texts segment by segment: a run of digits, a run of letters, `~` or `^`; all else only separates.
 * Where they differ: `~` < the end < `^` < letters < digits.
 */
function compareSegments(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (true) {
    i = skipSeparators(a, i);
    j = skipSeparators(b, j);
    const kind = kindAt(a, i);
    const order = kind - kindAt(b, j);
    if (order !== 0) return order;
    if (kind === END) return 0;

    const aEnd = endOfSegment(a, i, kind);
    const bEnd = endOfSegment(b, j, kind);
    const difference =
      kind === DIGITS
        ? compareDigits(a.slice(i, aEnd), b.slice(j, bEnd))
        : compareValues(a.slice(i, aEnd), b.slice(j, bEnd));
    if (difference !== 0) return difference;
    i = aEnd;
    j = bEnd;
  }
}

/** Kinds of segments in rising order. */
const TILDE = 0;
const END = 1;
const CARET = 2;
const LETTERS = 3;
const DIGITS = 4;
const SEPARATOR = -1;

function kindAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code >= 48 && code <= 57) return DIGITS;
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return LETTERS;
  if (code === 126) return TILDE;
  if (code === 94) return CARET;
  return Number.isNaN(code) ? END : SEPARATOR;
}

function skipSeparators(text: string, from: number): number {
  let index = from;
  while (kindAt(text, index) === SEPARATOR) index++;
  return index;
}

/** `~` and `^` stand alone, each occurrence counts. */
function endOfSegment(text: string, from: number, kind: number): number {
  let end = from + 1;
  if (kind === DIGITS || kind === LETTERS) while (kindAt(text, end) === kind) end++;
  return end;
}

/** By value, of any size: without leading zeroes the longer number is the greater one. */
function compareDigits(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return x.length - y.length || compareValues(x, y);
}
