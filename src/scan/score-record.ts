import type { CvssScorer } from '../documents/cvss.ts';
import type { Cvss, VulnerabilityRecord } from '../model/vulnerability.ts';

/**
 * A record with scores for the vectors that were published without: OSV's records have no others. What has a score keeps it. Done once,
 * where records are read: to score the vectors of a large report takes as long as to match its packages.
 */
export function scoreRecord<Scored extends Pick<VulnerabilityRecord, 'cvss'>>(
  record: Scored,
  scoreOf: CvssScorer,
): Scored {
  if (!record.cvss?.some(isUnscored)) return record;
  const cvss = record.cvss.map((one) => {
    const score = isUnscored(one) ? scoreOf(one.vector) : undefined;
    return score === undefined ? one : { ...one, score };
  });
  return { ...record, cvss };
}

const isUnscored = ({ score }: Cvss): boolean => score === undefined;
