/**
 * A second, plain reading of how the ecosystems of OSV order versions, each written from its own tool, to check the program's against.
 * Each function answers below 0, 0 or above 0; undefined where one of both is no version. Slow.
 */

export type VersionOrder = (a: string, b: string) => number | undefined;

type Key = readonly (bigint | string)[];

const compare = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
const isNumber = (text: string): boolean => /^\d+$/.test(text);

/** Pairs of items, `fill` for what one lacks, until one pair differs. */
function compareLists<T>(a: readonly T[], b: readonly T[], fill: T, order: (x: T, y: T) => number): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const sign = order(a[i] ?? fill, b[i] ?? fill);
    if (sign !== 0) return sign;
  }
  return 0;
}

/** semver.org, section 11; after a `v`, and where `isShort` with numbers missing at the end. */
function orderSemantic(pattern: RegExp): VersionOrder {
  return (a, b) => {
    const [x, y] = [pattern.exec(a), pattern.exec(b)];
    if (!x || !y) return undefined;
    const numbers = (it: RegExpExecArray) => it[1]!.split('.').map(BigInt);
    return compareLists(numbers(x), numbers(y), 0n, compare) || comparePreReleases(x[2], y[2]);
  };
}

function comparePreReleases(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return compareLists(a.split('.'), b.split('.'), '', (x, y) => {
    if (x === '' || y === '') return compare(x, y);
    if (isNumber(x) && isNumber(y)) return compare(BigInt(x), BigInt(y));
    return isNumber(x) === isNumber(y) ? compare(x, y) : isNumber(x) ? -1 : 1;
  });
}

const WORDS = '[0-9A-Za-z.-]+';
const NUMBER = '(?:0|[1-9]\\d*)';
export const orderNpm = orderSemantic(
  new RegExp(`^v?(${NUMBER}\\.${NUMBER}\\.${NUMBER})(?:-(${WORDS}))?(?:\\+${WORDS})?$`),
);
/** Hex too. */
export const orderCargo = orderSemantic(
  new RegExp(`^(${NUMBER}\\.${NUMBER}\\.${NUMBER})(?:-(${WORDS}))?(?:\\+${WORDS})?$`),
);
/** golang.org/x/mod/semver, with its shorthands (`v1`, `v1.2`); a toolchain's `go1.21rc1` is `1.21.0-rc.1` in Go's database. */
export const orderGo: VersionOrder = (a, b) => orderNpm(spelledInFull(a), spelledInFull(b));

function spelledInFull(version: string): string {
  return version
    .replace(/^go/, '')
    .replace(/^(\d+\.\d+)(rc|beta)(\d+)$/, '$1.0-$2.$3')
    .replace(/^v?\d+$/, '$&.0')
    .replace(/^v?\d+\.\d+$/, '$&.0');
}

/** NuGet's SemanticVersion: four numbers, labels without regard to capitals. */
export const orderNuget: VersionOrder = (a, b) =>
  orderSemantic(new RegExp(`^(\\d+(?:\\.\\d+){0,3})(?:-(${WORDS}))?(?:\\+${WORDS})?$`))(
    a.toLowerCase(),
    b.toLowerCase(),
  );

const PEP440 =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[._-]?(a|b|c|rc|alpha|beta|pre|preview)[._-]?(\d*))?((?:-\d+)|(?:[._-]?(?:post|rev|r)[._-]?\d*))?([._-]?dev[._-]?\d*)?(?:\+([a-z0-9]+(?:[._-][a-z0-9]+)*))?$/;

/** packaging.version: `_cmpkey`. */
export const orderPypi: VersionOrder = (a, b) => {
  const [x, y] = [keyOfPypi(a), keyOfPypi(b)];
  if (!x || !y) return undefined;
  return (
    compare(x.epoch, y.epoch) ||
    compareLists(x.release, y.release, 0n, compare) ||
    compareLists(x.rest, y.rest, -1n, compare) ||
    compareLists(x.local, y.local, '', (p, q) => {
      if (p === '' || q === '') return compare(p, q);
      if (isNumber(p) && isNumber(q)) return compare(BigInt(p), BigInt(q));
      return isNumber(p) === isNumber(q) ? compare(p, q) : isNumber(p) ? 1 : -1;
    })
  );
};

function keyOfPypi(version: string) {
  const found = PEP440.exec(version.trim().toLowerCase());
  if (!found) return undefined;
  const [, epoch = '0', release = '', phase, phaseNumber, post, dev, local = ''] = found;
  const numberIn = (text: string) => BigInt(/\d+/.exec(text)?.[0] ?? 0);
  // a = 1, b = 2, rc = 3, none = 4; what has only `.dev` sorts before all phases.
  const phaseRank = phase === undefined ? (post === undefined && dev !== undefined ? 0n : 4n) : rankOfPhase(phase);
  return {
    epoch: BigInt(epoch),
    release: release.split('.').map(BigInt),
    rest: [
      phaseRank,
      numberIn(phaseNumber ?? ''),
      post === undefined ? -1n : numberIn(post),
      // Without `.dev` a version is above all that have one.
      dev === undefined ? 1n << 200n : numberIn(dev),
    ],
    local: local === '' ? [] : local.split(/[._-]/),
  };
}

function rankOfPhase(phase: string): bigint {
  if (phase.startsWith('a')) return 1n;
  return phase.startsWith('b') ? 2n : 3n;
}

/** Gem::Version: `<=>` over `segments`. */
export const orderGem: VersionOrder = (a, b) => {
  const [x, y] = [segmentsOfGem(a), segmentsOfGem(b)];
  if (!x || !y) return undefined;
  return compareLists<bigint | string>(x, y, 0n, (p, q) =>
    typeof p === typeof q ? compare(p, q) : typeof p === 'string' ? -1 : 1,
  );
};

function segmentsOfGem(version: string): Key | undefined {
  const text = version.trim();
  if (!/^\d+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/.test(text)) return undefined;
  const all = (text.replaceAll('-', '.pre.').match(/\d+|[a-z]+/gi) ?? []).map((it) => (isNumber(it) ? BigInt(it) : it));
  const firstWord = all.findIndex((it) => typeof it === 'string');
  const [numbers, others] = firstWord < 0 ? [all, []] : [all.slice(0, firstWord), all.slice(firstWord)];
  while (numbers.at(-1) === 0n) numbers.pop();
  while (others.at(-1) === 0n) others.pop();
  return [...numbers, ...others];
}

/** PHP's version_compare, over what Composer's VersionParser leaves of a version. */
export const orderComposer: VersionOrder = (a, b) => {
  const [x, y] = [partsOfPhp(a), partsOfPhp(b)];
  if (!x || !y) return undefined;
  // PHP puts the end as `#N#`: above rc, below a number and `p`.
  return compareLists(x, y, '#', (p, q) => {
    if (isNumber(p) && isNumber(q)) return compare(BigInt(p), BigInt(q));
    return compare(rankOfPhp(p), rankOfPhp(q));
  });
};

function partsOfPhp(version: string): readonly string[] | undefined {
  const text = version
    .trim()
    .toLowerCase()
    .replace(/\+.*$/, '')
    .replace(/^v/, '')
    .replace(/[._-]?stable$/, '')
    .replace(/^(\d+(?:\.\d+)*)\.x[._-]?dev$/, '$1.9999999.9999999.9999999');
  if (!/^\d/.test(text)) return undefined;
  return text.match(/\d+|[a-z]+/g) ?? [];
}

function rankOfPhp(part: string): number {
  if (isNumber(part)) return 5;
  const order = ['dev', 'a', 'b', 'rc', '#', '', 'p'];
  const found = order.findIndex((word) => word !== '' && part.startsWith(word));
  return found;
}

type MavenItem = bigint | string | readonly MavenItem[];
const MAVEN_QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];

/** Maven's ComparableVersion (3.9): nested lists. */
export const orderMaven: VersionOrder = (a, b) => compareMavenItems(readMaven(a), readMaven(b));

function readMaven(version: string): MavenItem {
  const root: MavenItem[] = [];
  let list = root;
  const open = () => {
    const next: MavenItem[] = [];
    list.push(next);
    list = next;
  };
  for (const [, sign = '', run = ''] of `.${version.toLowerCase()}`.matchAll(/([.-])([^.-]*)/g)) {
    if (sign === '-') open();
    const pieces = run.match(/\d+|\D+/g) ?? ['0'];
    pieces.forEach((piece, index) => {
      if (index > 0) open();
      const isBeforeNumber = index + 1 < pieces.length;
      list.push(isNumber(piece) ? BigInt(piece) : qualifierOf(piece, isBeforeNumber));
    });
  }
  return normalised(root);
}

function qualifierOf(word: string, isBeforeNumber: boolean): string {
  const short: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' };
  const known: Readonly<Record<string, string>> = { ga: '', final: '', release: '', cr: 'rc' };
  return (isBeforeNumber ? short[word] : undefined) ?? known[word] ?? word;
}

/** Nulls at the end go, and those before a list. */
function normalised(list: readonly MavenItem[]): MavenItem[] {
  const items = list.map((item) => (Array.isArray(item) ? normalised(item) : item));
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i]!;
    if (item === 0n || item === '' || (Array.isArray(item) && item.length === 0)) items.splice(i, 1);
    else if (!Array.isArray(item)) break;
  }
  return items;
}

function compareMavenItems(a: MavenItem | undefined, b: MavenItem | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -compareMavenItems(b, a);
  if (typeof a === 'bigint') return b === undefined ? compare(a, 0n) : typeof b === 'bigint' ? compare(a, b) : 1;
  if (typeof a === 'string') {
    if (b === undefined || typeof b === 'string') return compare(keyOfQualifier(a), keyOfQualifier(b ?? ''));
    return -1;
  }
  if (b === undefined) return a.map((item) => compareMavenItems(item, undefined)).find((sign) => sign !== 0) ?? 0;
  if (typeof b === 'bigint') return -1;
  if (typeof b === 'string') return 1;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const sign = compareMavenItems(a[i], b[i]);
    if (sign !== 0) return sign;
  }
  return 0;
}

function keyOfQualifier(word: string): string {
  const index = MAVEN_QUALIFIERS.indexOf(word);
  return index < 0 ? `${MAVEN_QUALIFIERS.length}-${word}` : `${index}`;
}
