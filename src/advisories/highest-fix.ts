import type { Advisory } from '../model/advisory.ts';
import { schemeOf } from '../model/namespace.ts';
import { findScheme } from '../versions/registry.ts';

type Stated = Omit<Advisory, 'source' | 'vulnerabilityId'>;

/** What is said of one package, and of which vulnerabilities. */
export interface Draft {
  readonly advisory: Stated;
  ids: string[];
}

/**
 * One vulnerability under several fixed versions of one package, in one part: the highest decides, as the lower ones did not mend
 * all of it. Statements with other ranges stay as they are, and so do fixed versions that cannot be compared.
 *
 * @param drafts all of a part on one package name in one namespace; ids are taken from the lower ones.
 */
export function dropLowerFixes(drafts: readonly Draft[]): void {
  const plain = drafts.filter(({ advisory }) => plainFix(advisory) !== undefined);
  for (const alike of Map.groupBy(plain, keyOf).values()) {
    if (alike.length < 2) continue;
    const draftsById = new Map<string, Draft[]>();
    for (const draft of alike) {
      for (const id of draft.ids) draftsById.set(id, [...(draftsById.get(id) ?? []), draft]);
    }
    for (const [id, several] of draftsById) {
      if (several.length > 1)
        for (const draft of lowerFixes(several)) draft.ids = draft.ids.filter((own) => own !== id);
    }
  }
}

/** The fixed version of "all before it are affected". */
function plainFix({ status, affected, versions }: Stated): string | undefined {
  const [range] = affected;
  if (status !== 'affected' || affected.length !== 1 || range?.introduced !== '0' || versions?.length) return undefined;
  return range.lastAffected === undefined ? range.fixed : undefined;
}

const keyOf = ({ advisory: { packageKind, advisoryId, qualifiers } }: Draft): string =>
  [packageKind, advisoryId, qualifiers && JSON.stringify(qualifiers)].join('\n');

function lowerFixes(several: readonly Draft[]): readonly Draft[] {
  const scheme = findScheme(schemeOf(several[0]!.advisory.namespace) ?? '');
  if (!scheme) return [];
  try {
    const parsed = several.map((draft) => ({ draft, version: scheme.parse(plainFix(draft.advisory)!) }));
    const highest = parsed.reduce((a, b) => (scheme.compare(a.version, b.version) < 0 ? b : a));
    return parsed.filter(({ version }) => scheme.compare(version, highest.version) < 0).map(({ draft }) => draft);
  } catch {
    // A version that is no version here: each statement stands for itself, and the match says which bound cannot be read.
    return [];
  }
}
