import { type Severity, severityOfScore } from '../model/severity.ts';
import type { Cvss, Vulnerability } from '../model/vulnerability.ts';

/** A severity, and who said so. */
export interface RatedSeverity {
  readonly word: Severity;
  readonly source: string;
}

/**
 * The severity of a flaw by its CVSS scores, for packages whose publisher has assigned no word of his own.
 *
 * @returns undefined when nobody has scored it.
 */
export function severityOfCvss(vulnerability: Pick<Vulnerability, 'records'>): RatedSeverity | undefined {
  const chosen = shownCvss(vulnerability);
  if (chosen?.score === undefined) return undefined;
  return { word: severityOfScore(chosen.score, chosen.version), source: chosen.source };
}

/**
 * The one CVSS score that is shown where there is room for one: NVD's own, then the one that its CNA gave to NVD, then OSV's, then
 * anybody's; of each the newest version of CVSS. Contracts: cvescan.md G11.
 */
export function shownCvss({ records }: Pick<Vulnerability, 'records'>): Cvss | undefined {
  let best: { readonly cvss: Cvss; readonly rank: number } | undefined;
  for (const { source, cvss: scores } of records) {
    for (const cvss of scores ?? []) {
      if (cvss.score === undefined) continue;
      const rank = rankOf(source, cvss);
      if (!best || rank < best.rank || (rank === best.rank && cvss.version > best.cvss.version)) best = { cvss, rank };
    }
  }
  return best?.cvss;
}

function rankOf(source: string, { type }: Cvss): number {
  if (source === 'nvd') return type === 'Primary' ? 0 : 1;
  return source === 'osv' ? 2 : 3;
}
