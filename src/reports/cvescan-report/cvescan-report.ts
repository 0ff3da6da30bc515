import type { ScanReport } from '../../model/scan-report.ts';

/** A command that made a report, as the report names it. */
export interface ReportRun {
  readonly command: string;
  /** As they were given. */
  readonly options?: Readonly<Record<string, string | boolean | readonly string[]>>;
  /** Of the program. */
  readonly version?: string;
}

/** A report of the commands `scan-inventory`, `filter-report` and `export-report`. */
export interface CvescanReport {
  readonly report: ScanReport;
  /** ISO 8601: when the inventory was scanned. */
  readonly generatedAt?: string;
  /** The first one first. */
  readonly runs: readonly ReportRun[];
}
