import type { CvssScorer } from '../documents/cvss.ts';
import type { Matching } from '../matching/match-packages.ts';
import type { Cvss, Vulnerability, VulnerabilityRecord } from '../model/vulnerability.ts';

/** Gives scores to vectors that were published without: OSV's records have no others. What has a score keeps it. */
export function scoreVectors(matching: Matching, scoreOf: CvssScorer): Matching {
  const vulnerabilities = new Map(matching.vulnerabilities);
  for (const [id, vulnerability] of vulnerabilities) {
    if (!vulnerability.records.some(({ cvss }) => cvss?.some(isUnscored))) continue;
    vulnerabilities.set(id, withScores(vulnerability, scoreOf));
  }
  return { ...matching, vulnerabilities };
}

const isUnscored = ({ score }: Cvss): boolean => score === undefined;

function withScores(vulnerability: Vulnerability, scoreOf: CvssScorer): Vulnerability {
  const records = vulnerability.records.map((record) => {
    const cvss = record.cvss?.map((one) => {
      const score = isUnscored(one) ? scoreOf(one.vector) : undefined;
      return score === undefined ? one : { ...one, score };
    });
    return cvss ? withCvss(record, cvss) : record;
  });
  return { ...vulnerability, records };
}

/** The record with other scores. Its texts are read when they are asked for, so it is never spread: what is not stated it inherits. */
function withCvss(record: VulnerabilityRecord, cvss: readonly Cvss[]): VulnerabilityRecord {
  return Object.create(record, { cvss: { value: cvss, enumerable: true } }) as VulnerabilityRecord;
}
