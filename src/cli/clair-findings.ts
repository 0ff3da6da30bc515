import { printable } from '../platform/terminal.ts';
import { type Paint, paintFor } from '../reports/paint.ts';
import type { ClairLayer } from '../wire/clair-v1/types.ts';

/** Clair's severities in rising order. */
export const CLAIR_SEVERITIES = ['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical', 'Defcon1'] as const;

/** A vulnerability of a package of an image, as a server with Clair's API tells it. */
export interface ClairFinding {
  readonly name: string;
  readonly severity: string;
  readonly description?: string;
  readonly link?: string;
  readonly fixedBy?: string;
  readonly package: string;
  readonly version: string;
  /** Name of the layer that brought the package. */
  readonly layer: string;
  /** Name of the layer that removed it: the image does not have it, though who has the image has the lower layer. */
  readonly removedBy?: string;
}

/** A severity's place in the order; one that Clair does not know counts as `Unknown`. */
export const severityRank = (severity: string): number =>
  Math.max(0, (CLAIR_SEVERITIES as readonly string[]).indexOf(severity));

/**
 * The vulnerabilities of a layer's packages.
 *
 * @param layers names of the image's layers, the lowest first.
 * @returns the worst first, then by layer, package and name.
 */
export function findingsOf({ Features = [] }: ClairLayer, layers: readonly string[]): readonly ClairFinding[] {
  const findings = Features.flatMap(({ Name, Version, AddedBy, RemovedBy, Vulnerabilities = [] }) =>
    Vulnerabilities.map((vulnerability): ClairFinding => {
      const { Description: description, Link: link, FixedBy: fixedBy } = vulnerability;
      return {
        name: vulnerability.Name ?? '',
        severity: vulnerability.Severity ?? 'Unknown',
        ...(description !== undefined && { description }),
        ...(link !== undefined && { link }),
        ...(fixedBy !== undefined && { fixedBy }),
        package: Name ?? '',
        version: Version ?? '',
        layer: AddedBy ?? '',
        ...(RemovedBy !== undefined && { removedBy: RemovedBy }),
      };
    }),
  );
  return findings.sort(
    (a, b) =>
      severityRank(b.severity) - severityRank(a.severity) ||
      layers.indexOf(a.layer) - layers.indexOf(b.layer) ||
      compare(a.package, b.package) ||
      compare(a.version, b.version) ||
      compare(a.name, b.name),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What `analyze-local-images` found. */
export interface ImageFindings {
  readonly image: string;
  readonly at: Date;
  readonly packageCount: number;
  readonly minimumSeverity: string;
  /** All, also those below the minimum. */
  readonly findings: readonly ClairFinding[];
}

/** Those at or above the minimum that the image has, and those of removed packages. */
export function visibleFindings({ findings, minimumSeverity }: Pick<ImageFindings, 'findings' | 'minimumSeverity'>) {
  const visible = findings.filter(({ severity }) => severityRank(severity) >= severityRank(minimumSeverity));
  return {
    present: visible.filter(({ removedBy }) => removedBy === undefined),
    removed: visible.filter(({ removedBy }) => removedBy !== undefined),
  };
}

/** The report as Clair's own tool prints it, with a section for what only lower layers hold. */
export function* printFindings(result: ImageFindings, color: boolean): Generator<string> {
  const paint = paintFor(color);
  yield `Clair report for image ${printable(result.image)} (${result.at.toISOString()})\n`;
  if (result.packageCount === 0) {
    yield `${paint.yellow('NOTE:')} No features have been detected in the image. This usually means that the image isn't supported.\n`;
    return;
  }
  const { present, removed } = visibleFindings(result);
  for (const finding of present) yield printFinding(finding, paint);
  yield conclusion(result, present.length, paint);
  if (removed.length === 0) return;
  yield '\nIn lower layers only: a layer above removed these packages, but whoever has the image can read them.\n\n';
  for (const finding of removed) yield printFinding(finding, paint);
}

function conclusion({ findings }: ImageFindings, visibleCount: number, paint: Paint): string {
  if (visibleCount > 0) {
    const count = visibleCount === 1 ? '1 vulnerability has' : `${visibleCount} vulnerabilities have`;
    return `A total of ${count} been detected in your image\n`;
  }
  return findings.every(({ removedBy }) => removedBy !== undefined)
    ? `${paint.green('Success!')} No vulnerabilities were detected in your image\n`
    : `${paint.yellow('NOTE:')} No vulnerabilities matching the minimum severity level were detected in your image\n`;
}

const TEXT_COLUMNS = 80;

function printFinding(finding: ClairFinding, paint: Paint): string {
  const { name, severity, description, link, fixedBy, layer, removedBy } = finding;
  const text = description === undefined ? '' : `${indented(description)}\n\n`;
  const rows = [
    ['Package:', `${finding.package} @ ${finding.version}`],
    ['Fixed version:', fixedBy],
    ['Link:', link],
    ['Layer:', layer],
    ['Removed by:', removedBy],
  ] as const;
  const lines = rows.flatMap(([label, value]) =>
    value === undefined ? [] : [`\t${label.padEnd(14)} ${printable(value)}\n`],
  );
  return `${printable(name)} (${painted(severity, paint)})\n${text}${lines.join('')}\n`;
}

function painted(severity: string, paint: Paint): string {
  if (severityRank(severity) >= severityRank('High')) return paint.red(printable(severity));
  return severity === 'Medium' ? paint.yellow(severity) : printable(severity);
}

/** Words in lines of at most 80 columns, each behind a tab; a longer word has a line of its own. */
function indented(text: string): string {
  const lines = [''];
  for (const word of printable(text.replace(/\s+/g, ' ').trim()).split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > TEXT_COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => `\t${line}`).join('\n');
}
