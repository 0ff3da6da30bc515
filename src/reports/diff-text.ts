import type { Finding } from '../model/finding.ts';
import type { ScanReport } from '../model/scan-report.ts';
import { printable } from '../platform/terminal.ts';
import { fixText, reasonText } from './finding-words.ts';
import { jsonPieces } from './json-pieces.ts';
import { type Paint, paintFor } from './paint.ts';
import type { DiffCause, FindingChange, ReportDiff } from './report-diff.ts';

/** Two reports, and what is between them. */
export interface ComparedReports {
  readonly before: ScanReport;
  readonly after: ScanReport;
  readonly diff: ReportDiff;
}

const CAUSE_WORDS: Readonly<Record<DiffCause, string>> = {
  contents: 'the contents changed',
  knowledge: 'only what is known changed',
  opinions: 'only what people and suppliers say, or the options, changed',
};

/** A diff for people: what came, went and changed, by cause. */
export function* diffTable(
  { before, after, diff }: ComparedReports,
  { color }: { readonly color: boolean },
): Generator<string> {
  const paint = paintFor(color);
  yield `${paint.bold(printable(before.target.name))} -> ${paint.bold(printable(after.target.name))}\n`;
  yield paint.dim(`${snapshotLine({ before, after, diff })}\n`);
  yield* section('New', diff.added, paint, (change) => openText(change.after));
  yield* section('Gone', diff.gone, paint, goneText);
  yield* section('Changed', diff.changed, paint, changedText);
  if (diff.added.length + diff.gone.length + diff.changed.length === 0) yield '\nThe findings are the same.\n';
}

function snapshotLine({ before, after, diff }: ComparedReports): string {
  const [first, second] = [before, after].map(({ snapshot }) => printable(snapshot.id.slice(0, 12)) || 'unknown');
  return diff.isSameSnapshot ? `One advisory database: ${first}` : `Advisory databases: ${first} -> ${second}`;
}

function* section(
  title: string,
  changes: readonly FindingChange[],
  paint: Paint,
  text: (change: FindingChange) => string,
): Generator<string> {
  const byCause = Map.groupBy(changes, ({ cause }) => cause);
  for (const cause of ['contents', 'knowledge', 'opinions'] as const) {
    const group = byCause.get(cause);
    if (!group) continue;
    yield `\n${paint.bold(`${title} (${group.length})`)}${paint.dim(`: ${CAUSE_WORDS[cause]}`)}\n`;
    for (const change of group) yield `  ${nameText(change)}  ${printable(text(change))}\n`;
  }
}

function nameText({ before, after }: FindingChange): string {
  const { severity, vulnerability, proof } = (after ?? before)!;
  return printable(`${severity.word.padEnd(10)} ${vulnerability.id}  ${proof.package.name} ${proof.package.version}`);
}

function openText(finding: Finding | undefined): string {
  return finding ? fixText(finding) : '';
}

function goneText({ after }: FindingChange): string {
  if (!after) return 'not found any more';
  return after.ignored
    ? `ignored: ${after.ignored.reason}`
    : `now ${after.status.replaceAll('_', ' ')}: ${reasonText(after)}`;
}

function changedText({ fields }: FindingChange): string {
  return fields.map(({ field, before, after }) => `${field} ${before} -> ${after}`).join('; ');
}

/** The same for programs; docs/how-to/compare-reports.md describes it. */
export function diffJson({ before, after, diff }: ComparedReports): Iterable<string> {
  const sideOf = ({ target, snapshot }: ScanReport) => ({ target, snapshot: snapshot.id });
  return jsonPieces({
    schemaVersion: '1.0',
    before: sideOf(before),
    after: sideOf(after),
    new: diff.added.values().map(changeOf),
    gone: diff.gone.values().map(changeOf),
    changed: diff.changed.values().map(changeOf),
  });
}

function changeOf({ cause, before, after, fields }: FindingChange) {
  return {
    cause,
    ...(before && { before: findingOf(before) }),
    ...(after && { after: findingOf(after) }),
    ...(fields.length > 0 && { fields }),
  };
}

function findingOf({
  fingerprint,
  issueKey,
  vulnerability,
  packageId,
  severity,
  status,
  fixedVersions,
  ignored,
  proof,
}: Finding) {
  const { name, version, arch, namespace } = proof.package;
  return {
    ...{ fingerprint, issueKey, vulnerability, packageId, package: { name, version, arch, namespace } },
    ...{ severity, status, fixedVersions, ignored },
  };
}
