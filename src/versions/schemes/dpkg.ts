import { malformedVersion, maxVersionChars, type VersionScheme } from '../scheme.ts';

interface DpkgVersion {
  readonly epoch: number;
  readonly upstream: string;
  /** Empty when there is none, which counts as `0`. */
  readonly revision: string;
}

/** dpkg keeps the epoch in an int of C. */
const MAX_EPOCH = 2 ** 31 - 1;

/**
 * Debian package versions in the order of `dpkg`: `[epoch:]upstream[-revision]`, e.g. `1:2.36-9+deb12u4`. A missing epoch
 * or revision counts as `0`; blanks around the version are ignored, as dpkg does.
 *
 * The grammar is Debian Policy's: where dpkg only warns (an upstream part that starts with no digit, a strange sign), the
 * version is malformed here.
 * Source: Debian Policy 5.6.12, deb-version(7). The fixtures were answered by `dpkg --compare-versions`.
 */
export const dpkg: VersionScheme<DpkgVersion> = {
  name: 'dpkg',
  parse,
  compare: (a, b) => a.epoch - b.epoch || comparePart(a.upstream, b.upstream) || comparePart(a.revision, b.revision),
};

function parse(text: string): DpkgVersion {
  if (text.length > maxVersionChars)
    throw malformedVersion('dpkg', text, `it is longer than ${maxVersionChars} characters`);
  const version = text.trim();
  const colon = version.indexOf(':');
  const hyphen = version.lastIndexOf('-');
  const epoch = colon < 0 ? 0 : readEpoch(text, version.slice(0, colon));
  const upstream = version.slice(colon + 1, hyphen < 0 ? undefined : hyphen);
  const revision = hyphen < 0 ? '' : version.slice(hyphen + 1);

  if (!/^[0-9][0-9A-Za-z.+~:-]*$/.test(upstream)) {
    throw malformedVersion('dpkg', text, 'its upstream part is a digit, then letters, digits and ". + - ~ :"');
  }
  if (hyphen >= 0 && !/^[0-9A-Za-z.+~]+$/.test(revision)) {
    throw malformedVersion('dpkg', text, 'its revision is letters, digits and ". + ~"');
  }
  return { epoch, upstream, revision };
}

function readEpoch(text: string, digits: string): number {
  const epoch = Number(digits);
  if (!/^[0-9]+$/.test(digits) || epoch > MAX_EPOCH) {
    throw malformedVersion('dpkg', text, `its epoch is a number up to ${MAX_EPOCH}`);
  }
  return epoch;
}

const ZERO = 48;
const NINE = 57;
const TILDE = 126;

/** Walks both parts as (text, digits) pairs: text by the weight of its signs, digits by value. Allocates nothing. */
function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a.charCodeAt(i))) || (j < b.length && !isDigit(b.charCodeAt(j)))) {
      const order = weightAt(a, i) - weightAt(b, j);
      if (order !== 0) return order;
      i++;
      j++;
    }
    while (a.charCodeAt(i) === ZERO) i++;
    while (b.charCodeAt(j) === ZERO) j++;
    let firstDifference = 0;
    while (isDigit(a.charCodeAt(i)) && isDigit(b.charCodeAt(j))) {
      firstDifference ||= a.charCodeAt(i) - b.charCodeAt(j);
      i++;
      j++;
    }
    // The longer number is the greater one, whatever its digits.
    if (isDigit(a.charCodeAt(i))) return 1;
    if (isDigit(b.charCodeAt(j))) return -1;
    if (firstDifference !== 0) return firstDifference;
  }
  return 0;
}

/** `~` sorts below the end, the end and digits below letters, letters below all other signs. */
function weightAt(part: string, index: number): number {
  const code = part.charCodeAt(index);
  if (Number.isNaN(code) || isDigit(code)) return 0;
  if (code === TILDE) return -1;
  return isLetter(code) ? code : code + 256;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
