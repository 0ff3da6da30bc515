import { ScannerError } from '../model/errors.ts';
import type { Comparison } from '../model/match.ts';
import { GIT_SCHEME, judgeCommit } from '../versions/judge-commit.ts';
import { type AffectedVersions, prepare } from '../versions/range.ts';
import { findScheme } from '../versions/registry.ts';

/** The version of an installed package, read once and judged by many advisories; or one that cannot be read. */
export interface InstalledVersion {
  readonly scheme: string;
  readonly text: string;
  /** Why it cannot be read. */
  readonly unreadable?: string;
  /** @returns undefined when the version cannot be read and the answer depends on its order. */
  judge(advisory: AffectedVersions): Comparison | undefined;
}

/**
 * Reads an installed version, or a commit (`git`). A version that cannot be read, or whose scheme is unknown, is no error: the package
 * is then not assessable.
 */
export function readInstalled(scheme: string, text: string): InstalledVersion {
  if (scheme === GIT_SCHEME) return { scheme, text, judge: (advisory) => judgeCommit(text, advisory) };
  try {
    return { scheme, text, judge: prepare(scheme, text).judge };
  } catch (error) {
    if (!(error instanceof ScannerError)) throw error;
    return { scheme, text, unreadable: error.message, judge: (advisory) => judgeUnread(scheme, text, advisory) };
  }
}

/**
 * What needs no order is answered all the same: a version that is listed by its text, ranges that hold every version, and those that
 * begin or end with this very version.
 */
function judgeUnread(
  scheme: string,
  text: string,
  { affected, versions = [] }: AffectedVersions,
): Comparison | undefined {
  const question = { scheme, version: text, outcome: 'affected' } as const;
  const isInstalled = (other: string | undefined): boolean => other !== undefined && plain(other) === plain(text);
  if (versions.some(isInstalled)) return { ...question, reason: 'listed among the versions' };
  for (const range of affected) {
    const { introduced, fixed, lastAffected } = range;
    if (introduced === '0' && fixed === undefined && lastAffected === undefined)
      return { ...question, range, reason: 'all versions are affected' };
    if (isInstalled(lastAffected)) return { ...question, range, reason: `${text} is the last affected version` };
    if (isInstalled(introduced) && !isInstalled(fixed))
      return { ...question, range, reason: `${text} is where the range begins` };
  }
  return undefined;
}

/** Go's module versions have a `v` that its advisories leave out. */
const plain = (version: string): string => version.replace(/^v/, '');

/** Sorts versions by their scheme; those that cannot be read are last, by text. */
export function sortVersions(schemeName: string, versions: readonly string[]): readonly string[] {
  if (versions.length < 2) return versions;
  const scheme = findScheme(schemeName);
  const read = versions.map((text) => ({ text, parsed: scheme && parsedOrNothing(() => scheme.parse(text)) }));
  return read
    .sort((a, b) => {
      if (scheme && a.parsed && b.parsed)
        return scheme.compare(a.parsed.value, b.parsed.value) || compareText(a.text, b.text);
      return Number(!a.parsed) - Number(!b.parsed) || compareText(a.text, b.text);
    })
    .map(({ text }) => text);
}

function parsedOrNothing(parse: () => unknown): { readonly value: unknown } | undefined {
  try {
    return { value: parse() };
  } catch (error) {
    if (error instanceof ScannerError && error.code === 'version.malformed') return undefined;
    throw error;
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
