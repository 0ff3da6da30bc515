import { jsonPieces } from '../json-pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import { findingOf, packageOf, vulnerabilityOf } from '../report-members.ts';

/** Raised in its first number when a reader of the former shape could no longer read the new one. */
const REPORT_SCHEMA_VERSION = '1.0';

/**
 * The report as JSON, one element of a list a line.
 *
 * Its shape is documented in docs/reference/report-json.md and docs/reference/report.schema.json. Keys are written in the order of
 * this file, whatever order the objects came to be in.
 */
export const jsonFormat: ReportFormat = {
  name: 'json',
  title: 'everything, for programs (docs/reference/report-json.md)',
  mediaType: 'application/json',

  render: (report) =>
    jsonPieces({
      schemaVersion: REPORT_SCHEMA_VERSION,
      target: report.target,
      snapshot: report.snapshot,
      scope: report.scope,
      namespace: report.namespace,
      repositoryCpes: report.repositoryCpes,
      layers: report.layers,
      packages: report.packages.values().map(packageOf),
      vulnerabilities: report.vulnerabilities.values().map(vulnerabilityOf),
      findings: report.findings.values().map(findingOf),
      ledger: report.ledger,
      kernels: report.kernels,
      problems: report.problems,
    }),
};
