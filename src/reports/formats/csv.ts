import type { ScanReport } from '../../model/scan-report.ts';
import { printable } from '../../platform/terminal.ts';
import { type FindingRow, findingRows } from '../finding-rows.ts';
import { reasonText, shownScore, titleOf } from '../finding-words.ts';
import { inPieces } from '../pieces.ts';
import type { ReportFormat } from '../report-format.ts';

/** Name of a column, and its value for a row. */
const COLUMNS: readonly (readonly [name: string, value: (row: FindingRow) => string | number | undefined])[] = [
  ['vulnerability', ({ vulnerability }) => vulnerability.id],
  ['aliases', ({ vulnerability }) => vulnerability.aliases.join(' ')],
  ['severity', ({ finding }) => finding.severity.word],
  ['severity_source', ({ finding }) => finding.severity.source],
  ['cvss_score', ({ vulnerability }) => shownScore(vulnerability)?.score],
  ['cvss_vector', ({ vulnerability }) => shownScore(vulnerability)?.vector],
  ['epss', ({ vulnerability }) => vulnerability.epss?.score],
  ['epss_percentile', ({ vulnerability }) => vulnerability.epss?.percentile],
  ['kev', ({ vulnerability }) => vulnerability.kev?.dateAdded],
  ['risk', ({ risk }) => Number(risk.toPrecision(4))],
  ['package', ({ item }) => item.name],
  ['version', ({ item }) => item.version],
  ['arch', ({ item }) => item.arch],
  ['namespace', ({ item }) => item.namespace],
  ['purl', ({ item }) => item.purl],
  ['source_package', ({ item }) => item.source?.name],
  ['status', ({ finding }) => finding.status],
  ['confidence', ({ finding }) => finding.confidence],
  ['fix_state', ({ finding }) => finding.fixState],
  ['fixed_versions', ({ finding }) => finding.fixedVersions.join(' ')],
  ['reason', ({ finding }) => reasonText(finding)],
  ['ignored_until', ({ finding }) => finding.ignored && (finding.ignored.expires ?? 'forever')],
  ['path', ({ item }) => item.locations[0]?.path],
  ['layer', ({ item }) => item.locations[0]?.layer],
  ['advisory', ({ finding }) => finding.proof.advisory.advisoryId],
  ['advisory_source', ({ finding }) => finding.proof.advisory.source],
  ['title', ({ vulnerability }) => titleOf(vulnerability)],
  ['fingerprint', ({ finding }) => finding.fingerprint],
  ['issue_key', ({ finding }) => finding.issueKey],
];

/** A line for each finding, for spreadsheets. Source: RFC 4180. */
export const csvFormat: ReportFormat = {
  name: 'csv',
  title: 'a line for each finding, for spreadsheets',
  mediaType: 'text/csv; charset=utf-8; header=present',
  specification: 'https://www.rfc-editor.org/rfc/rfc4180',

  render: (report) => inPieces(textsOf(report)),
};

function* textsOf(report: ScanReport): Generator<string> {
  yield `${COLUMNS.map(([name]) => name).join(',')}\r\n`;
  for (const row of findingRows(report)) yield `${COLUMNS.map(([, value]) => cellText(value(row))).join(',')}\r\n`;
}

/** What makes a spreadsheet take a cell for a formula; full-width forms too. Source: OWASP, "CSV Injection". */
const FORMULA = /^[\s'"]*[=+\-@＝＋－＠]/;

/** A formula gets an apostrophe before it, which spreadsheets read as "this is text". */
function cellText(value: string | number | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const text = printable(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[";,\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
