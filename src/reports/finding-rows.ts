import type { Finding } from '../model/finding.ts';
import type { Package } from '../model/package.ts';
import type { ReportedVulnerability, ScanReport } from '../model/scan-report.ts';
import { isConcern } from '../model/status.ts';
import { riskOf } from './risk.ts';

/** A finding with what it names. */
export interface FindingRow {
  readonly finding: Finding;
  readonly item: Package;
  readonly vulnerability: ReportedVulnerability;
  readonly risk: number;
}

/** All findings, the most urgent first; equal ones by vulnerability, package and fingerprint. docs/reference/risk.md explains the order. */
export function findingRows(report: ScanReport): FindingRow[] {
  const packages = new Map(report.packages.map((item) => [item.id, item]));
  const vulnerabilities = new Map(report.vulnerabilities.map((item) => [item.id, item]));
  return report.findings
    .map((finding) => {
      const vulnerability = vulnerabilities.get(finding.vulnerability.id) ?? unknownVulnerability(finding);
      const item = packages.get(finding.packageId) ?? packageOfProof(finding);
      return { finding, item, vulnerability, risk: riskOf(finding.severity.word, vulnerability) };
    })
    .sort(compareRows);
}

function compareRows(a: FindingRow, b: FindingRow): number {
  return (
    b.risk - a.risk ||
    compareText(a.vulnerability.id, b.vulnerability.id) ||
    compareText(a.item.name, b.item.name) ||
    compareText(a.finding.fingerprint, b.finding.fingerprint)
  );
}

/** Whether a finding asks for somebody to act: it may be there, and nobody has said to leave it. */
export function isOpen({ status, ignored }: Finding): boolean {
  return ignored === undefined && isConcern(status);
}

/** A report that was cut by hand still says what it holds. */
function unknownVulnerability({ vulnerability, severity }: Finding): ReportedVulnerability {
  return { ...vulnerability, severity: severity.word, cvss: [], cwes: [], references: [] };
}

function packageOfProof({ packageId, proof }: Finding): Package {
  return { ...proof.package, id: packageId, type: packageId.split('/')[0] ?? '' };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
