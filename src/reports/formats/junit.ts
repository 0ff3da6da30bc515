import type { ScanReport } from '../../model/scan-report.ts';
import { type FindingRow, findingRows, isOpen } from '../finding-rows.ts';
import { actionText, fixText, reasonText, titleOf } from '../finding-words.ts';
import { inPieces } from '../pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import { vulnerabilityUrl } from '../vulnerability-url.ts';
import { xmlAttributes, xmlElement } from '../xml-text.ts';

/**
 * JUnit's XML, for CI systems: a suite for each package, a failure for each finding that somebody has to act on, `skipped` for what is
 * cleared or ignored and for packages that nobody could assess. A report without any is one test that passes.
 */
export const junitFormat: ReportFormat = {
  name: 'junit',
  title: 'JUnit XML: a failing test for each finding',
  mediaType: 'application/xml',
  specification: 'https://github.com/testmoapp/junitxml',

  render: (report) => inPieces(textsOf(report)),
};

function* textsOf(report: ScanReport): Generator<string> {
  const rows = findingRows(report);
  const failures = rows.filter(({ finding }) => isOpen(finding)).length;
  const notAssessed = report.ledger.notAssessed.length;
  const tests = Math.max(1, rows.length + notAssessed);
  const skipped = rows.length - failures + notAssessed;
  const name = report.target.name;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites${xmlAttributes({ name, tests, failures, skipped, errors: 0, time: 0 })}>\n`;
  for (const group of Map.groupBy(rows, ({ item }) => item.id).values()) yield suiteXml(group);
  if (notAssessed > 0) yield notAssessedXml(report);
  if (rows.length + notAssessed === 0) {
    yield suiteOf(name, [testCase('no known vulnerabilities', name, '')], { tests: 1, failures: 0, skipped: 0 });
  }
  yield '</testsuites>\n';
}

/** How many tests a suite has, and how they ended. */
interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly skipped: number;
}

function suiteOf(name: string, cases: readonly string[], counts: Counts): string {
  return `<testsuite${xmlAttributes({ name, ...counts, errors: 0, time: 0 })}>\n${cases.join('')}</testsuite>\n`;
}

function testCase(name: string, classname: string, outcome: string): string {
  return `${xmlElement('testcase', [outcome], { name, classname, time: 0 })}\n`;
}

function suiteXml(rows: readonly FindingRow[]): string {
  const { item } = rows[0]!;
  const failures = rows.filter(({ finding }) => isOpen(finding)).length;
  const name = `${item.name} ${item.version}`.trim();
  const counts = { tests: rows.length, failures, skipped: rows.length - failures };
  return suiteOf(
    name,
    rows.map((row) => caseXml(row, name)),
    counts,
  );
}

function caseXml(row: FindingRow, classname: string): string {
  const { finding, vulnerability } = row;
  const name = `${vulnerability.id} (${finding.severity.word})`;
  if (!isOpen(finding)) {
    const message = `${finding.status}: ${reasonText(finding)}`;
    return testCase(name, classname, `<skipped${xmlAttributes({ message })}/>`);
  }
  const message = `${vulnerability.id}: ${titleOf(vulnerability) || finding.status}`;
  return testCase(name, classname, xmlElement('failure', textOf(row), { message, type: finding.severity.word }));
}

function textOf({ finding, item, vulnerability }: FindingRow): string {
  const lines = [
    vulnerability.description ?? vulnerability.summary,
    `Fix: ${fixText(finding)}. ${actionText(finding, item.name)}`,
    `Found in: ${item.locations.map(({ path }) => path).join(', ')}`,
    `Why: ${finding.proof.comparison.reason} (${finding.proof.advisory.advisoryId} of ${finding.proof.advisory.source})`,
    vulnerabilityUrl(vulnerability.id),
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}

function notAssessedXml({ ledger: { notAssessed }, packages }: ScanReport): string {
  const names = new Map(packages.map(({ id, name, version }) => [id, `${name} ${version}`.trim()]));
  const cases = notAssessed.map(({ packageId, reason }) =>
    testCase(names.get(packageId) ?? packageId, 'not assessed', `<skipped${xmlAttributes({ message: reason })}/>`),
  );
  return suiteOf('not assessed', cases, { tests: cases.length, failures: 0, skipped: cases.length });
}
