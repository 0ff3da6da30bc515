import type { Target } from '../../model/inventory.ts';
import type { ScanReport } from '../../model/scan-report.ts';
import type { Severity } from '../../model/severity.ts';
import { printable } from '../../platform/terminal.ts';
import { isOpen } from '../finding-rows.ts';
import { actionText, titleOf } from '../finding-words.ts';
import { inPieces } from '../pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import { groupFindings, type TableGroup, type TableRow } from '../table-groups.ts';

/**
 * Workflow commands: GitHub shows an annotation for each line. It shows the first ten of each level, so the most urgent come first; the
 * rest are lines of the log. What is cleared or ignored is left out.
 */
export const githubFormat: ReportFormat = {
  name: 'github',
  title: 'annotations of GitHub workflows',
  mediaType: 'text/plain; charset=utf-8',
  specification: 'https://docs.github.com/actions/reference/workflow-commands-for-github-actions',
  onlyOpen: true,

  render: (report) => inPieces(textsOf(report)),
};

function* textsOf(report: ScanReport): Generator<string> {
  const rows = groupFindings(report)
    .flatMap((group) => group.rows.map((row) => ({ group, row })))
    .filter(({ row }) => isOpen(row.finding))
    .sort((a, b) => b.row.risk - a.row.risk);
  for (const { group, row } of rows) yield annotationText(group, row, report.target);
  yield summaryText(
    rows.map(({ row }) => row),
    report,
  );
}

function annotationText(
  { name, version, place }: TableGroup,
  { finding, vulnerability }: TableRow,
  target: Target,
): string {
  const title = titleOf(vulnerability);
  return command(levelOf(finding.severity.word), {
    file: target.kind === 'image' ? undefined : place || target.name,
    title: `${vulnerability.id} (${finding.severity.word}) in ${name} ${version}`,
    message: `${title && `${title}\n`}${actionText(finding, name)}`,
  });
}

function summaryText(rows: readonly TableRow[], { target, ledger }: ScanReport): string {
  const count = new Set(rows.map(({ vulnerability }) => vulnerability.id)).size;
  const gap = ledger.notAssessed.length;
  const words = `${count} known vulnerabilities in ${ledger.components} packages${gap > 0 ? `; not assessed: ${gap}` : ''}`;
  return command(rows.length > 0 || gap > 0 ? 'warning' : 'notice', {
    title: `cvescan: ${target.name}`,
    message: words,
  });
}

function levelOf(severity: Severity): string {
  if (severity === 'critical' || severity === 'high') return 'error';
  return severity === 'medium' || severity === 'unknown' ? 'warning' : 'notice';
}

function command(
  level: string,
  { file, title, message }: { file?: string | undefined; title: string; message: string },
): string {
  const properties = [...(file ? [`file=${escapeProperty(file)}`] : []), `title=${escapeProperty(title)}`];
  return `::${level} ${properties.join(',')}::${escapeMessage(message)}\n`;
}

/** Lines stay lines; the runner reads `%0A` as one. */
function escapeMessage(text: string): string {
  return text
    .split('\n')
    .map(printable)
    .map((line) => line.replaceAll('%', '%25'))
    .join('%0A');
}

function escapeProperty(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
}
