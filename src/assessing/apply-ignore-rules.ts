import { changeFinding, type Finding } from '../model/finding.ts';
import type { Package } from '../model/package.ts';
import type { Problem } from '../model/problem.ts';

/** A finding that somebody has decided to leave: it stays listed, and counts for no gate. */
export interface IgnoreRule {
  readonly reason: string;
  /** `YYYY-MM-DD`, the last day on which it holds. */
  readonly expires?: string;
  /** File and number, for messages. */
  readonly place: string;
  /** The vulnerability or the issue key that it names. */
  readonly key: string;
  /** What it is about, for messages. */
  readonly about: string;
  holdsOf(finding: Pick<Finding, 'vulnerability' | 'issueKey' | 'proof'>, installed: Package | undefined): boolean;
}

/** Findings with the first rule that holds of each, and what is wrong with the rules: those that have expired, or hold of nothing. */
export function applyIgnoreRules(
  findings: readonly Finding[],
  rules: readonly IgnoreRule[],
  { packages, now }: { readonly packages: ReadonlyMap<string, Package>; readonly now: Date },
): { readonly findings: readonly Finding[]; readonly problems: readonly Problem[] } {
  if (rules.length === 0) return { findings, problems: [] };
  const today = now.toISOString().slice(0, 10);
  const hasExpired = ({ expires }: IgnoreRule) => expires !== undefined && expires < today;
  const standing = Map.groupBy(
    [...rules.entries()].filter(([, rule]) => !hasExpired(rule)),
    ([, { key }]) => key,
  );
  const used = new Set<IgnoreRule>();
  const marked = findings.map((finding) => {
    const { vulnerability, issueKey } = finding;
    const holding = [...new Set([vulnerability.id, ...vulnerability.aliases, issueKey])]
      .flatMap((key) => standing.get(key) ?? [])
      .sort(([a], [b]) => a - b)
      .flatMap(([, rule]) => (rule.holdsOf(finding, packages.get(finding.packageId)) ? [rule] : []));
    for (const rule of holding) used.add(rule);
    const [first] = holding;
    if (!first) return finding;
    const { reason, expires } = first;
    return changeFinding(finding, { ignored: { reason, ...(expires !== undefined && { expires }) } });
  });
  const problems = rules.flatMap((rule): Problem[] => {
    const { about, place, expires } = rule;
    if (hasExpired(rule))
      return [{ code: 'ignore.expired', message: `${place} (${about}) does not count since ${expires}`, path: place }];
    if (used.has(rule)) return [];
    return [{ code: 'ignore.unused', message: `${place} (${about}) holds of no finding`, path: place }];
  });
  return { findings: marked, problems };
}
