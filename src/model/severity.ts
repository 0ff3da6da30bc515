/** Severities in rising order. */
export const SEVERITIES = ['unknown', 'negligible', 'low', 'medium', 'high', 'critical'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** Below 0, 0 or above 0 as `a` is lower, the same or higher. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
}

/** The band of a CVSS base score: v2 has no critical, v3 and v4 do. Source: NVD, "Vulnerability Metrics". */
export function severityOfScore(score: number, cvssVersion: string): Severity {
  if (score <= 0) return cvssVersion.startsWith('2') ? 'low' : 'negligible';
  if (score < 4) return 'low';
  if (score < 7) return 'medium';
  if (score < 9 || cvssVersion.startsWith('2')) return 'high';
  return 'critical';
}
