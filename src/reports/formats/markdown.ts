import type { ScanReport } from '../../model/scan-report.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { printable } from '../../platform/terminal.ts';
import { isOpen } from '../finding-rows.ts';
import { epssPercent, fixText, reasonText, titleOf } from '../finding-words.ts';
import { inPieces } from '../pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import { groupFindings, type TableGroup, type TableRow } from '../table-groups.ts';
import { vulnerabilityUrl } from '../vulnerability-url.ts';

/** For comments of merge requests and wiki pages: GitHub Flavored Markdown. What strangers wrote is text in it, and never markup. */
export const markdownFormat: ReportFormat = {
  name: 'markdown',
  title: 'Markdown, for comments and pages',
  mediaType: 'text/markdown; charset=utf-8',
  specification: 'https://github.github.com/gfm/',

  render: (report) => inPieces(textsOf(report)),
};

function* textsOf(report: ScanReport): Generator<string> {
  const groups = groupFindings(report);
  yield headingText(report);
  yield countsText(report);
  if (groups.length > 0) {
    yield '\n| severity | vulnerability | package | version | fixed in | EPSS % | KEV | title |\n';
    yield '| --- | --- | --- | --- | --- | ---: | --- | --- |\n';
  }
  for (const group of groups) yield* group.rows.map((row) => rowText(group, row));
  yield notAssessedText(report);
  yield problemsText(report);
  yield `\nAdvisory database ${asCode(report.snapshot.id.slice(0, 12))}\n`;
}

function headingText({ target, namespace, packages }: ScanReport): string {
  const facts = [target.kind, namespace, target.platform, `${packages.length} packages`].filter(
    (fact) => fact !== undefined,
  );
  return `## Vulnerabilities of ${asCode(target.name)}\n\n${facts.map(asText).join(', ')}\n`;
}

function countsText({ findings, vulnerabilities, ledger }: ScanReport): string {
  if (findings.length === 0) {
    const isAssessed = ledger.matched + ledger.clean > 0;
    return `\n**${isAssessed ? 'No known vulnerabilities in what could be assessed.' : 'Nothing could be assessed.'}**\n`;
  }
  const open = new Set(findings.filter(isOpen).map(({ vulnerability }) => vulnerability.id));
  const counts = SEVERITIES.toReversed().flatMap((word) => {
    const count = vulnerabilities.filter(({ id, severity }) => severity === word && open.has(id)).length;
    return count > 0 ? [`${count} ${word}`] : [];
  });
  const closed = vulnerabilities.length - open.size;
  const more = closed > 0 ? `; ${closed} more cleared or ignored` : '';
  return `\n**${open.size} vulnerabilities**${counts.length > 0 ? `: ${counts.join(', ')}` : ''}${more}\n`;
}

function rowText({ name, version, installed }: TableGroup, { finding, vulnerability }: TableRow): string {
  const { kev } = vulnerability;
  const { word } = finding.severity;
  const names = installed.length > 0 ? `${asCode(name)} (${namesText(installed)})` : asCode(name);
  const isLoud = isOpen(finding) && (word === 'critical' || word === 'high');
  const cells = [
    isLoud ? `**${word}**` : word,
    `[${asText(vulnerability.id)}](${vulnerabilityUrl(vulnerability.id)})`,
    names,
    asCode(version),
    asText(isOpen(finding) || finding.ignored ? fixText(finding) : `${fixText(finding)}: ${reasonText(finding)}`),
    asText(epssPercent(vulnerability)),
    kev ? 'yes' : '',
    asText(titleOf(vulnerability)),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

/** How many packages are named where there are many. */
const NAMED_PACKAGES = 5;

function namesText(names: readonly string[]): string {
  const more = names.length - NAMED_PACKAGES;
  return `${names.slice(0, NAMED_PACKAGES).map(asCode).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function notAssessedText({ ledger, packages }: ScanReport): string {
  if (ledger.notAssessed.length === 0) return '';
  const names = new Map(packages.map(({ id, name, version }) => [id, `${name} ${version}`.trim()]));
  const byReason = Map.groupBy(ledger.notAssessed, ({ reason }) => reason);
  const lines = [...byReason].map(([reason, entries]) => {
    const of = entries.map(({ packageId }) => asCode(names.get(packageId) ?? packageId));
    return `- ${asText(reason)} (${entries.length}): ${of.join(', ')}\n`;
  });
  const title = `Not assessed: ${ledger.notAssessed.length} of ${ledger.components} packages`;
  return `\n<details><summary>${title}</summary>\n\n${lines.join('')}\n</details>\n`;
}

function problemsText({ problems }: ScanReport): string {
  if (problems.length === 0) return '';
  const lines = problems.map(({ code: word, message }) => `- ${asText(message)} (${asText(word)})\n`);
  return `\n<details><summary>Problems: ${problems.length}</summary>\n\n${lines.join('')}\n</details>\n`;
}

/** Text that shows as it is: every sign with a meaning in Markdown or HTML is an entity; so is what would notify a person or become a link. */
function asText(text: string): string {
  return printable(text).replace(
    /[&<>\\`*_{}[\]()#|~@$^]|:(?=\/\/)|(?<=www)\./gi,
    (sign) => `&#${sign.charCodeAt(0)};`,
  );
}

/** A code span in a table: no sign has a meaning in it but the backtick and the pipe. */
function asCode(text: string): string {
  const shown = printable(text).replaceAll('|', '\\|').replaceAll('`', '\u02cb').trim();
  return shown === '' ? '' : `\`${shown}\``;
}
