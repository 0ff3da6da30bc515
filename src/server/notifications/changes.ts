import type { ClairVulnerability } from '../../wire/clair-v1/types.ts';

/** A package of FixedIn, with its fix before and after; absent: not affected. `None`: no fix is known. */
export interface FixChange {
  readonly name: string;
  readonly old?: string;
  readonly new?: string;
}

/** What changed, and why a notification was made. As `/api/v1` writes it. */
export type Change =
  /** Nothing was said of it in this namespace before. */
  | { readonly kind: 'new' }
  /** Its publishers took it back, or say that nothing is affected. */
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'severity'; readonly old: string; readonly new: string }
  /** There is a fix where there was none. */
  | { readonly kind: 'fix_available'; readonly packages: readonly FixChange[] }
  /** Other packages, or other versions of their fixes. */
  | { readonly kind: 'fixed_in'; readonly packages: readonly FixChange[] }
  /** It is in CISA's list of exploited vulnerabilities now, or not any more. */
  | { readonly kind: 'kev_listed' | 'kev_removed' }
  | { readonly kind: 'cvss' | 'description' | 'link' }
  /** Something else that a user wrote. */
  | { readonly kind: 'metadata' }
  /** One update changed more than is told one by one. */
  | { readonly kind: 'summary'; readonly count: number };

/** A vulnerability in Clair's shape with FixedIn, and whether it is known to be exploited. */
export interface Described {
  readonly vulnerability: ClairVulnerability;
  readonly isInKev: boolean;
}

const NO_FIX = 'None';

/**
 * What counts as a change: severity, fixes, CVSS, CISA's list, description and link; never forecasts or dates.
 *
 * @returns empty: nothing that anybody has to be told.
 */
export function changesBetween(old: Described | undefined, now: Described | undefined): readonly Change[] {
  if (old === undefined || now === undefined) {
    if (old !== undefined) return [{ kind: 'withdrawn' }];
    if (now === undefined) return [];
    return [{ kind: 'new' }, ...(now.isInKev ? [{ kind: 'kev_listed' } as const] : [])];
  }
  const [a, b] = [old.vulnerability, now.vulnerability];
  const changes: Change[] = [];
  if (a.Severity !== b.Severity) changes.push({ kind: 'severity', old: a.Severity ?? '', new: b.Severity ?? '' });
  const fixes = fixChanges(a, b);
  const [mended, others] = [fixes.filter(isMended), fixes.filter((fix) => !isMended(fix))];
  if (mended.length > 0) changes.push({ kind: 'fix_available', packages: mended });
  if (others.length > 0) changes.push({ kind: 'fixed_in', packages: others });
  if (old.isInKev !== now.isInKev) changes.push({ kind: now.isInKev ? 'kev_listed' : 'kev_removed' });
  if (!isSame(a.Metadata?.NVD, b.Metadata?.NVD)) changes.push({ kind: 'cvss' });
  if (a.Description !== b.Description) changes.push({ kind: 'description' });
  if (a.Link !== b.Link) changes.push({ kind: 'link' });
  return changes;
}

const isMended = ({ old, new: now }: FixChange): boolean => old === NO_FIX && now !== undefined;

function fixChanges(a: ClairVulnerability, b: ClairVulnerability): FixChange[] {
  const [before, after] = [fixesOf(a), fixesOf(b)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    return old === now ? [] : [{ name, ...(old !== undefined && { old }), ...(now !== undefined && { new: now }) }];
  });
}

const fixesOf = ({ FixedIn = [] }: ClairVulnerability): ReadonlyMap<string, string> =>
  new Map(FixedIn.map(({ Name = '', Version = NO_FIX }) => [Name, Version]));

/** Of plain JSON that one function made: its members stand in one order. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
