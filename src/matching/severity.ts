import type { StoredAdvisory } from '../model/advisory.ts';
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

/** The word that a publisher gave to the flaw itself, where he gave none to the package (GitHub's advisories). */
export function wordOfRecord(
  advisory: Pick<StoredAdvisory, 'source' | 'vulnerabilityId' | 'advisoryId'>,
  { records }: Pick<Vulnerability, 'records'>,
): RatedSeverity | undefined {
  const word = records.find(
    ({ source, id }) => source === advisory.source && (id === advisory.vulnerabilityId || id === advisory.advisoryId),
  )?.severity;
  return word && { word, source: advisory.source };
}

/** The score that is shown where there is room for one. */
function shownCvss({ records }: Pick<Vulnerability, 'records'>): Cvss | undefined {
  return records
    .flatMap(({ source: record, cvss }) => (cvss ?? []).map((score) => ({ record, score })))
    .filter(({ score }) => score.score !== undefined)
    .sort(compareCvss)[0]?.score;
}

/** A CVSS score, and the name of the updater whose record holds it. */
interface RecordedCvss {
  readonly record: string;
  readonly score: Cvss;
}

/**
 * Sorts the score to be shown first: NVD's own, then the one that its CNA gave to NVD, then OSV's, then anybody's; of each the newest
 * version of CVSS. Contracts: cvescan.md G11.
 */
export function compareCvss(a: RecordedCvss, b: RecordedCvss): number {
  return (
    rankOf(a) - rankOf(b) ||
    compareText(b.score.version, a.score.version) ||
    compareText(a.score.source, b.score.source)
  );
}

function rankOf({ record, score }: RecordedCvss): number {
  if (record === 'nvd') return score.type === 'Primary' ? 0 : 1;
  return record === 'osv' ? 2 : 3;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
