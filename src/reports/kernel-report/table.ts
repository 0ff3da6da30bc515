import type { KernelVerdict, StageVerdict } from '../../model/kernel-verdict.ts';
import { printable, shorten } from '../../platform/terminal.ts';
import { type Paint, paintFor } from '../paint.ts';
import type { RenderContext } from '../report-format.ts';
import type { KernelReport } from './kernel-report.ts';

const count = (number: number): string => number.toLocaleString('en');

/** The answer for a person: the kernel, the funnel, what is open; of vulnerabilities that were asked for all evidence. */
export function* writeKernelTable(report: KernelReport, { color, columns }: RenderContext): Generator<string> {
  const paint = paintFor(color);
  yield* heading(report, paint);
  if (report.isDetailed) for (const verdict of report.verdicts) yield* details(verdict, paint);
  else yield* openOnes(report, { paint, columns });
}

function* heading({ kernel, funnel, stages, isDetailed }: KernelReport, paint: Paint): Generator<string> {
  const arch = kernel.arch === undefined ? '' : ` (${kernel.arch})`;
  yield `${paint.bold(`Linux ${printable(kernel.release ?? 'of unknown version')}${arch}`)}\n\n`;
  for (const { stage, isUsed, detail } of stages) {
    const line = `  ${isUsed ? '+' : '-'} ${stage.padEnd(10)} ${printable(detail)}`;
    yield `${isUsed ? line : paint.dim(line)}\n`;
  }
  yield '\n';
  if (isDetailed) return;
  for (const [words, left] of [
    ["of the kernel's CVE team", funnel.all],
    ['match the product and version', funnel.productMatch],
    ['open on this branch', funnel.branchAware],
    ['after commits and changelogs', funnel.afterCommits],
    ['after the configuration', funnel.afterConfig],
  ] as const) {
    yield `  ${count(left).padStart(7)}  ${words}\n`;
  }
  yield '\n';
}

interface Layout {
  readonly paint: Paint;
  readonly columns: number | undefined;
}

function* openOnes({ verdicts }: KernelReport, { paint, columns }: Layout): Generator<string> {
  const open = verdicts.filter(({ status }) => status === 'affected' || status === 'under_investigation');
  if (open.length === 0) {
    yield 'No vulnerability is open.\n';
    return;
  }
  const idWidth = Math.max(...open.map(({ id }) => id.length));
  const fixWidth = Math.max('FIXED IN'.length, ...open.map(({ available }) => available?.release.length ?? 0));
  yield `${paint.bold(`${'CVE'.padEnd(idWidth)}  ${'FIXED IN'.padEnd(fixWidth)}  TITLE`)}\n`;
  for (const { id, title, status, available } of open) {
    const words = `${status === 'under_investigation' ? '(not decided) ' : ''}${printable(title)}`;
    const line = `${id.padEnd(idWidth)}  ${(available?.release ?? '').padEnd(fixWidth)}  ${words}`.trimEnd();
    yield `${columns === undefined ? line : shorten(line, columns)}\n`;
  }
}

function* details(
  { id, title, status, justification, available, evidence }: KernelVerdict,
  paint: Paint,
): Generator<string> {
  yield `${paint.bold(id)}  ${status}${justification ? ` (${justification})` : ''}${title ? `  ${printable(title)}` : ''}\n`;
  for (const said of evidence) yield* stageLines(said);
  if (available) yield `  fixed in   ${available.release}: ${available.commits.map(linkOf).join(' ')}\n`;
  yield '\n';
}

function* stageLines({ stage, verdict, confidence, reason, evidence }: StageVerdict): Generator<string> {
  const said = verdict === undefined ? 'cannot tell' : `${verdict}${confidence ? `, ${confidence}` : ''}`;
  yield `  ${stage.padEnd(10)} ${said}: ${printable(reason)}\n`;
  for (const [kind, items] of Object.entries(evidence)) {
    for (const item of items) yield `             ${kind}: ${printable(item)}\n`;
  }
}

const linkOf = (commit: string): string => `https://git.kernel.org/stable/c/${commit}`;
