import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const main = resolve(import.meta.dirname, '../../../src/cli/main.ts');

/** What these tests read of the JSON report. */
export interface ReportedScan {
  readonly namespace?: string;
  readonly packages: readonly {
    readonly id: string;
    readonly name: string;
    readonly version: string;
    readonly purl?: string;
    readonly cpes?: readonly string[];
    readonly source?: { readonly name: string; readonly version: string };
  }[];
  readonly vulnerabilities: readonly { readonly id: string; readonly aliases: readonly string[] }[];
  readonly findings: readonly ReportedFinding[];
  readonly ledger: { readonly notAssessed: readonly { readonly packageId: string; readonly class: string }[] };
}

export interface ReportedFinding {
  readonly vulnerability: { readonly id: string; readonly aliases: readonly string[] };
  readonly packageId: string;
  readonly severity: { readonly word: string; readonly source: string };
  readonly status: string;
  readonly fixState: string;
  readonly fixedVersions: readonly string[];
  readonly proof: {
    readonly advisory: { readonly source: string; readonly note?: string };
    readonly comparison: { readonly reason: string };
  };
}

/** Scans as a user would. Findings of language packages are left out: they are not the distribution's. */
export function scanReport(target: string, databaseDirectory: string): ReportedScan {
  const report = scanInventory(target, databaseDirectory);
  const sources = ['debian', 'uct', 'alpine'];
  return { ...report, findings: report.findings.filter(({ proof }) => sources.includes(proof.advisory.source)) };
}

/** Scans as a user would, with all findings. */
export function scanInventory(target: string, databaseDirectory: string, more: readonly string[] = []): ReportedScan {
  const args = [main, 'scan', '--no-cache', '-q', '--db', databaseDirectory, '-o', 'json', ...more, target];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 30 });
  // 11: nothing could be assessed, e.g. an Ubuntu of which the tracker of that day says nothing.
  if (status !== 0 && status !== 11) throw new Error(`scan ${target} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as ReportedScan;
}

/** The source package of each package, by id. */
export function sourceNames(report: ReportedScan): ReadonlyMap<string, string> {
  return new Map(report.packages.map(({ id, name, source }) => [id, source?.name ?? name]));
}
