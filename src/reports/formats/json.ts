import type { Finding } from '../../model/finding.ts';
import type { Package } from '../../model/package.ts';
import type { ReportedVulnerability, ScanReport } from '../../model/scan-report.ts';
import type { ReportFormat } from '../report-format.ts';

/** Raised in its first number when a reader of the former shape could no longer read the new one. */
export const REPORT_SCHEMA_VERSION = '1.0';

/** A piece handed on is about this long: long enough to be written in few calls, short enough to be nothing beside the report. */
const PIECE_LENGTH = 1 << 16;

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

  *render(report) {
    let piece = '';
    for (const text of linesOf(report)) {
      piece += text;
      if (piece.length < PIECE_LENGTH) continue;
      yield piece;
      piece = '';
    }
    yield piece;
  },
};

function* linesOf(report: ScanReport): Generator<string> {
  yield '{\n';
  yield member('schemaVersion', REPORT_SCHEMA_VERSION);
  yield member('target', report.target);
  yield member('snapshot', report.snapshot);
  if (report.namespace !== undefined) yield member('namespace', report.namespace);
  yield* list('layers', report.layers, (layer) => layer);
  yield* list('packages', report.packages, packageOf);
  yield* list('vulnerabilities', report.vulnerabilities, vulnerabilityOf);
  yield* list('findings', report.findings, findingOf);
  yield member('ledger', report.ledger);
  yield* list('problems', report.problems, (problem) => problem, '\n');
  yield '}\n';
}

function member(name: string, value: unknown): string {
  return `"${name}":${JSON.stringify(value)},\n`;
}

function* list<T>(name: string, items: readonly T[], shape: (item: T) => unknown, end = ',\n'): Generator<string> {
  yield `"${name}":[`;
  let before = '\n';
  for (const item of items) {
    yield before + JSON.stringify(shape(item));
    before = ',\n';
  }
  yield items.length > 0 ? `\n]${end}` : `]${end}`;
}

function packageOf(item: Package) {
  const { id, name, version, arch, namespace, type, purl, source, module, locations, removedBy, filtered } = item;
  return {
    ...{ id, name, version, arch, namespace, type, purl, source, module, locations, removedBy, filtered },
    ...{ versionScheme: item.versionScheme, cpes: item.cpes, properties: item.properties },
  };
}

function vulnerabilityOf(item: ReportedVulnerability) {
  const { id, aliases, severity, cvss, epss, kev, summary, description, cwes, references, published, modified } = item;
  return { id, aliases, severity, cvss, epss, kev, summary, description, cwes, references, published, modified };
}

function findingOf(item: Finding) {
  const { fingerprint, issueKey, vulnerability, packageId, severity, status, fixState, fixedVersions } = item;
  const { introducedBy, proof } = item;
  return {
    ...{ fingerprint, issueKey, vulnerability, packageId, severity, status, fixState, fixedVersions },
    ...{ introducedBy, proof },
  };
}
