import type { Finding } from '../../model/finding.ts';
import { LEDGER_CLASSES, type LedgerClass } from '../../model/ledger.ts';
import type { ReportedVulnerability, ScanReport } from '../../model/scan-report.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import { displayWidth, printable, shorten } from '../../platform/terminal.ts';
import { isOpen } from '../finding-rows.ts';
import { epssPercent, fixText, titleOf } from '../finding-words.ts';
import { type Paint, paintFor } from '../paint.ts';
import type { RenderContext, ReportFormat } from '../report-format.ts';
import { groupFindings, type TableGroup, type TableRow } from '../table-groups.ts';

/** For a person at a terminal: what to mend first, grouped by what is upgraded together, and what nobody could assess. */
export const tableFormat: ReportFormat = {
  name: 'table',
  title: 'for people: grouped, sorted by risk',
  mediaType: 'text/plain; charset=utf-8',

  *render(report, context) {
    const paint = paintFor(context.color);
    const groups = groupFindings(report);
    const layout = layoutOf(groups, context);
    yield `${paint.bold(printable(report.target.name))}${paint.dim(factsOf(report))}\n`;
    if (groups.length > 0) yield `\n${paint.dim(headerOf(layout))}\n`;
    const titles = new Titles(layout.title);
    for (const group of groups) yield groupText(group, { layout, paint, titles });
    yield summaryText(report, groups, paint);
    yield kernelText(report, paint);
    yield notAssessedText(report, paint);
    yield problemsText(report, paint);
    yield `\n${paint.dim(snapshotText(report, context.now))}\n`;
  },
};

/** Widths of the columns; 0 leaves one out. */
interface Layout {
  readonly id: number;
  readonly epss: number;
  readonly exploited: number;
  readonly fix: number;
  readonly title: number;
}

const SEVERITY_WIDTH = 'negligible'.length;
const MAX_ID_WIDTH = 24;
const MAX_FIX_WIDTH = 36;
const MAX_TITLE_WIDTH = 100;
/** A title shorter than this tells nothing. */
const MIN_TITLE_WIDTH = 16;
const GAP = '  ';

function layoutOf(groups: readonly TableGroup[], { columns }: RenderContext): Layout {
  const rows = groups.flatMap((group) => group.rows);
  const widest = (text: (row: TableRow) => string, limit: number): number => {
    let width = 0;
    for (const row of rows) {
      width = Math.max(width, displayWidth(text(row)));
      if (width >= limit) return limit;
    }
    return width;
  };
  const columnsBefore = {
    id: Math.max(
      'VULNERABILITY'.length,
      widest(({ vulnerability }) => printable(vulnerability.id), MAX_ID_WIDTH),
    ),
    epss: rows.some(({ vulnerability }) => vulnerability.epss) ? 'EPSS %'.length : 0,
    exploited: rows.some(({ vulnerability }) => vulnerability.kev) ? 'KEV'.length : 0,
    fix: Math.max(
      'FIX'.length,
      widest(({ finding }) => printable(fixText(finding)), MAX_FIX_WIDTH),
    ),
  };
  const taken = Object.values(columnsBefore).reduce((sum, width) => sum + (width > 0 ? width + GAP.length : 0), 0);
  const left = columns === undefined ? MAX_TITLE_WIDTH : columns - GAP.length * 2 - SEVERITY_WIDTH - taken;
  return { ...columnsBefore, title: left < MIN_TITLE_WIDTH ? 0 : Math.min(left, MAX_TITLE_WIDTH) };
}

function headerOf({ id, epss, exploited, fix, title }: Layout): string {
  const cells = [
    ['SEVERITY', SEVERITY_WIDTH],
    ['VULNERABILITY', id],
    ['EPSS %', epss],
    ['KEV', exploited],
    ['FIXED IN', fix],
    ['TITLE', title],
  ] as const;
  return `${GAP}${cells
    .filter(([, width]) => width > 0)
    .map(([text, width]) => text.padEnd(width))
    .join(GAP)}`.trimEnd();
}

/** How rows are written. */
interface Drawing {
  readonly layout: Layout;
  readonly paint: Paint;
  readonly titles: Titles;
}

/** Titles as their column shows them; many packages share a vulnerability. */
class Titles {
  readonly #width: number;
  readonly #shown = new Map<ReportedVulnerability, string>();

  constructor(width: number) {
    this.#width = width;
  }

  of(vulnerability: ReportedVulnerability): string {
    const known = this.#shown.get(vulnerability);
    if (known !== undefined) return known;
    const shown = shorten(printable(titleOf(vulnerability)), this.#width);
    this.#shown.set(vulnerability, shown);
    return shown;
  }
}

function groupText({ name, version, installed, rows }: TableGroup, drawing: Drawing): string {
  const { paint } = drawing;
  const heading = `\n${paint.bold(printable(name))} ${printable(version)}`;
  const names = installed.length > 0 ? paint.dim(`${GAP}${printable(installed.join(', '))}`) : '';
  return `${heading}${names}\n${rows.map((row) => rowText(row, drawing)).join('')}`;
}

function rowText({ finding, vulnerability }: TableRow, { layout, paint, titles }: Drawing): string {
  const { word } = finding.severity;
  const cells = [
    severityPaint(word, paint)(word.padEnd(SEVERITY_WIDTH)),
    cell(printable(vulnerability.id), layout.id),
    ...(layout.epss > 0 ? [cell(epssPercent(vulnerability).padStart('EPSS %'.length), layout.epss)] : []),
    ...(layout.exploited > 0 ? [vulnerability.kev ? paint.red('yes') : ' '.repeat(layout.exploited)] : []),
    fixPaint(finding, paint)(cell(printable(fixText(finding)), layout.fix)),
    ...(layout.title > 0 ? [paint.dim(titles.of(vulnerability))] : []),
  ];
  return `${GAP}${cells.join(GAP).trimEnd()}\n`;
}

function cell(text: string, width: number): string {
  const shown = shorten(text, width);
  return shown + ' '.repeat(Math.max(0, width - displayWidth(shown)));
}

function fixPaint({ status, fixedVersions }: Finding, paint: Paint): (text: string) => string {
  return fixedVersions.length > 0 && status === 'affected' ? paint.green : paint.dim;
}

function severityPaint(word: Severity, paint: Paint): (text: string) => string {
  if (word === 'critical') return (text) => paint.bold(paint.red(text));
  if (word === 'high') return paint.red;
  if (word === 'medium') return paint.yellow;
  return word === 'low' ? paint.cyan : paint.dim;
}

function factsOf({ target, namespace, packages }: ScanReport): string {
  const facts = [target.kind, namespace, target.platform, plural(packages.length, 'package')];
  return `${GAP}${facts
    .filter((fact) => fact !== undefined)
    .map(printable)
    .join(', ')}`;
}

/** `214 vulnerabilities in 31 of 88 packages: 3 critical, 20 high …; 150 with a fix, 1 exploited`. */
/** What is left of each kernel's vulnerabilities after each step. */
function kernelText({ kernels = [] }: ScanReport, paint: Paint): string {
  return kernels
    .map(({ release, version, funnel: { all, productMatch, branchAware, afterCommits, afterConfig } }) => {
      const steps = [all, productMatch, branchAware, afterCommits, afterConfig].map(number).join(' → ');
      const name = printable(release ?? version ?? 'of unknown version');
      return `\nLinux ${name}: ${steps} ${paint.dim('(all, product match, branch, commits, configuration)')}\n`;
    })
    .join('');
}

function summaryText(report: ScanReport, groups: readonly TableGroup[], paint: Paint): string {
  if (groups.length === 0) {
    const isAssessed = report.ledger.matched + report.ledger.clean > 0;
    return isAssessed
      ? `\n${paint.green('No known vulnerabilities')} in what could be assessed.\n`
      : `\n${paint.yellow('Nothing could be assessed.')}\n`;
  }
  const open = report.findings.filter(isOpen);
  const openIds = new Set(open.map(({ vulnerability }) => vulnerability.id));
  const counted = report.vulnerabilities.filter(({ id }) => openIds.has(id));
  const worst = counted.map(({ severity }) => severity);
  const bySeverity = SEVERITIES.toReversed().flatMap((word) => {
    const count = worst.filter((other) => other === word).length;
    return count > 0 ? [severityPaint(word, paint)(`${number(count)} ${word}`)] : [];
  });
  const fixable = new Set(
    open.filter(({ fixedVersions }) => fixedVersions.length > 0).map((finding) => finding.vulnerability.id),
  );
  const exploited = counted.filter(({ kev }) => kev).length;
  const settled = report.vulnerabilities.length - counted.length;
  const facts = [
    `${number(fixable.size)} with a fix`,
    ...(exploited > 0 ? [`${number(exploited)} exploited (KEV)`] : []),
    ...(settled > 0 ? [`${number(settled)} more cleared or ignored`] : []),
  ];
  const { matched, components } = report.ledger;
  const count = paint.bold(plural(counted.length, 'vulnerability', 'vulnerabilities'));
  const place = `in ${number(matched)} of ${plural(components, 'package')}`;
  const severities = bySeverity.length > 0 ? `: ${bySeverity.join(', ')}` : '';
  return `\n${count} ${place}${severities}; ${facts.join(', ')}\n`;
}

const CLASS_WORDS: Readonly<Record<LedgerClass, string>> = {
  matched: 'matched',
  clean: 'clean',
  noFeed: 'no feed',
  noVersion: 'no version',
  unknownNamespace: 'unknown namespace',
  unreadableVersion: 'unreadable version',
  filtered: 'left out',
};

/** How many packages are named for one reason. */
const NAMED_PACKAGES = 5;

function notAssessedText({ ledger, packages }: ScanReport, paint: Paint): string {
  if (ledger.notAssessed.length === 0) return '';
  const names = new Map(packages.map(({ id, name }) => [id, name]));
  const byReason = Map.groupBy(ledger.notAssessed, (entry) => `${CLASS_WORDS[entry.class]}: ${entry.reason}`);
  const classes = LEDGER_CLASSES.map((name) => CLASS_WORDS[name]);
  const rank = (reason: string): number => classes.findIndex((word) => reason.startsWith(word));
  const lines = [...byReason]
    .sort(([a, left], [b, right]) => rank(a) - rank(b) || right.length - left.length)
    .map(([reason, entries]) => {
      const shown = entries.slice(0, NAMED_PACKAGES).map(({ packageId }) => names.get(packageId) ?? packageId);
      const more = entries.length > NAMED_PACKAGES ? ' …' : '';
      return `${GAP}${printable(reason)}  ${paint.dim(`${number(entries.length)}: ${printable(shown.join(', '))}${more}`)}\n`;
    });
  const title = `Not assessed: ${number(ledger.notAssessed.length)} of ${plural(ledger.components, 'package')}`;
  return `\n${paint.yellow(title)}\n${lines.join('')}`;
}

function problemsText({ problems, layers }: ScanReport, paint: Paint): string {
  const unverified = layers.filter(
    ({ verification, digest }) => verification === 'not_verified' && digest !== '',
  ).length;
  const lines = problems.map(({ code, message }) => `${GAP}${printable(message)}  ${paint.dim(printable(code))}\n`);
  return [
    lines.length > 0 ? `\n${paint.yellow(plural(problems.length, 'problem'))}\n${lines.join('')}` : '',
    unverified > 0
      ? `\n${paint.dim(`${plural(unverified, 'layer')} read without comparing the digest (--verify=full compares)`)}\n`
      : '',
  ].join('');
}

function snapshotText({ snapshot }: ScanReport, now: Date): string {
  const ages = snapshot.sources.map(({ name, updatedAt }) => ({
    name,
    hours: (now.getTime() - Date.parse(updatedAt)) / 3_600_000,
  }));
  const newest = Math.min(...ages.map(({ hours }) => hours));
  const older = ages.filter(({ hours }) => hours - newest >= 24).map(({ name, hours }) => `${name} ${ageText(hours)}`);
  const age = ages.length > 0 ? `, updated ${ageText(newest)}${older.length > 0 ? ` (${older.join(', ')})` : ''}` : '';
  return printable(`Advisory database ${snapshot.id.slice(0, 12)}${age}`);
}

function ageText(hours: number): string {
  if (hours < 1) return 'less than an hour ago';
  return hours < 48 ? `${plural(Math.floor(hours), 'hour')} ago` : `${plural(Math.floor(hours / 24), 'day')} ago`;
}

/** With a comma before each three digits; the runtime's own way costs start-up time. */
const number = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

const plural = (count: number, one: string, many = `${one}s`): string => `${number(count)} ${count === 1 ? one : many}`;
