import type { ScanReport } from '../model/scan-report.ts';

/** What lists of scans show: packages, findings by status, and open findings by severity. */
export function countsOf({ packages, findings }: ScanReport): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { packages: packages.length, findings: findings.length };
  const count = (key: string): void => {
    counts[key] = (counts[key] ?? 0) + 1;
  };
  for (const { status, severity, ignored } of findings) {
    count(status);
    if (status === 'affected' && !ignored) count(`open_${severity.word}`);
  }
  return counts;
}
