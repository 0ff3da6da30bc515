import type { Advisory } from '../model/advisory.ts';
import { schemeOf } from '../model/namespace.ts';
import { findScheme } from '../versions/registry.ts';

type Stated = Omit<Advisory, 'source'>;

/**
 * One vulnerability under several fixed versions of one package, in one part: the highest decides, as the lower ones did not mend
 * all of it. Statements with other ranges stay as they are, and so do fixed versions that cannot be compared.
 */
export function keepHighestFix<Statement extends Stated>(advisories: readonly Statement[]): readonly Statement[] {
  const plainByKey = new Map<string, Statement[]>();
  for (const advisory of advisories) {
    if (plainFix(advisory) === undefined) continue;
    const key = keyOf(advisory);
    const held = plainByKey.get(key);
    if (held) held.push(advisory);
    else plainByKey.set(key, [advisory]);
  }
  const lower = new Set<Statement>();
  for (const several of plainByKey.values()) {
    if (several.length > 1) for (const advisory of lowerFixes(several)) lower.add(advisory);
  }
  return lower.size === 0 ? advisories : advisories.filter((advisory) => !lower.has(advisory));
}

/** The fixed version of "all before it are affected". */
function plainFix({ status, affected, versions }: Stated): string | undefined {
  const [range] = affected;
  if (status !== 'affected' || affected.length !== 1 || range?.introduced !== '0' || versions?.length) return undefined;
  return range.lastAffected === undefined ? range.fixed : undefined;
}

const keyOf = ({ namespace, packageName, packageKind, vulnerabilityId, advisoryId, qualifiers }: Stated): string =>
  [namespace, packageName, packageKind, vulnerabilityId, advisoryId, qualifiers && JSON.stringify(qualifiers)].join(
    '\n',
  );

function lowerFixes<Statement extends Stated>(several: readonly Statement[]): readonly Statement[] {
  const scheme = findScheme(schemeOf(several[0]!.namespace) ?? '');
  if (!scheme) return [];
  try {
    const parsed = several.map((advisory) => ({ advisory, version: scheme.parse(plainFix(advisory)!) }));
    const highest = parsed.reduce((a, b) => (scheme.compare(a.version, b.version) < 0 ? b : a));
    return parsed.filter(({ version }) => scheme.compare(version, highest.version) < 0).map(({ advisory }) => advisory);
  } catch {
    // A version that is no version here: each statement stands for itself, and the match says which bound cannot be read.
    return [];
  }
}
