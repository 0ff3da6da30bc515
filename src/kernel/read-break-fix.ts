import type { BreakFixLine, BreakFixReference } from '../model/kernel-vulnerability.ts';

/**
 * Reads what Ubuntu writes behind `break-fix:`: two sides parted by a space, each of them `-` or alternatives parted by `|`. A commit
 * that an `I` precedes is inexact; the `I` may precede alternatives in brackets too: `I(commit1|commit2)`.
 *
 * @returns undefined where the line is none: nothing may be concluded without it.
 * Source: README of https://git.launchpad.net/ubuntu-cve-tracker and its scripts/check-syntax
 */
export function readBreakFix(line: string): BreakFixLine | undefined {
  const [left = '', right = '', ...more] = line.trim().split(/\s+/);
  const [breaks, fixes] = [readSide(left), readSide(right)];
  return breaks && fixes && more.length === 0 ? { breaks, fixes } : undefined;
}

function readSide(side: string): readonly BreakFixReference[] | undefined {
  if (side === '-') return [];
  const references: BreakFixReference[] = [];
  for (const entry of side.replace(/I\(([^()]*)\)/g, markInexact).split('|')) {
    const reference = readReference(entry);
    if (!reference) return undefined;
    references.push(reference);
  }
  return references;
}

const markInexact = (_: string, alternatives: string): string =>
  alternatives
    .split('|')
    .map((entry) => `I${entry}`)
    .join('|');

function readReference(entry: string): BreakFixReference | undefined {
  if (/^https?:\/\/\S+$/.test(entry)) return { kind: 'url', url: entry };
  if (/^local-[A-Za-z0-9-]+$/.test(entry)) return { kind: 'local', name: entry };
  const [, inexact, commit] = /^(I?)([0-9a-f]{1,40})$/.exec(entry) ?? [];
  return commit === undefined ? undefined : { kind: 'commit', commit, isExact: inexact === '' };
}
