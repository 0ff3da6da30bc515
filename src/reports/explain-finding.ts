import type { AffectedRange } from '../model/advisory.ts';
import type { Finding } from '../model/finding.ts';
import type { ProofAdvisory, Voice } from '../model/match.ts';
import type { ScanReport } from '../model/scan-report.ts';
import { printable } from '../platform/terminal.ts';
import type { Paint } from './paint.ts';

/** What an explanation is made from, beside the finding. */
export interface Explanation {
  readonly report: ScanReport;
  /** What judging the proof again came to. */
  readonly replay: { readonly differences: readonly string[] };
  readonly paint: Paint;
}

/** A finding's proof in words, for a person: what was found where, who says what of it, which comparison decided. */
export function explainFinding(finding: Finding, { report, replay, paint }: Explanation): string {
  const { vulnerability, proof, severity, status, fingerprint } = finding;
  const title = report.vulnerabilities.find(({ id }) => id === vulnerability.id);
  const subject = printable(`${proof.package.name} ${proof.package.version}`);
  const heading = `${paint.bold(printable(vulnerability.id))} in ${paint.bold(subject)}: ${status}`;
  const rows: readonly Row[] = [
    ['', title?.summary ?? ''],
    ['also known as', vulnerability.aliases.join(', ')],
    ['severity', `${severity.word}, says ${severity.source}`],
    ['found in', proof.package.locations.map(({ path }) => path).join(', ')],
    ['brought by', introductionOf(finding)],
    ['asked as', identityOf(proof)],
    ...adviceOf(proof.advisory),
    ['comparison', `${proof.comparison.reason} (${proof.comparison.scheme})`],
    ['fix', finding.fixedVersions.join(', ') || finding.fixState.replaceAll('_', ' ')],
    ...(proof.others ?? []).map(voiceRow),
    ['database', report.snapshot.id.slice(0, 12)],
    ['fingerprint', fingerprint],
  ];
  return `${heading}\n${rowsText(rows, paint)}\n${verdictText(replay.differences, paint)}`;
}

type Row = readonly [label: string, text: string];

const LABEL_WIDTH = 'also known as'.length;

function rowsText(rows: readonly Row[], paint: Paint): string {
  return rows
    .filter(([, text]) => text !== '')
    .map(([label, text]) => `  ${paint.dim(label.padEnd(LABEL_WIDTH))}  ${printable(text)}\n`)
    .join('');
}

function introductionOf({ introducedBy }: Finding): string {
  if (!introducedBy) return '';
  const { layer, index, createdBy } = introducedBy;
  return `layer ${index}, ${layer}${createdBy === undefined ? '' : `: ${createdBy}`}`;
}

function identityOf({ identity }: Finding['proof']): string {
  const how = identity.by === 'name' ? 'by its own name' : `by its ${identity.by}`;
  return `${identity.name} ${identity.version}, ${how}`;
}

function adviceOf({
  advisoryId,
  source,
  part,
  revision,
  status,
  affected,
  versions,
  qualifiers,
  note,
  link,
}: ProofAdvisory): Row[] {
  const listed = versions?.length ? [`${versions.length} listed versions`] : [];
  return [
    ['advisory', `${advisoryId} of ${source} (part ${part}, revision ${revision})`],
    ['it says', `${status}: ${[...affected.map(rangeText), ...listed].join(' or ') || 'all versions'}`],
    [
      'only for',
      qualifiers
        ? Object.entries(qualifiers)
            .map(([name, value]) => `${name} ${value}`)
            .join('; ')
        : '',
    ],
    ['note', note ?? ''],
    ['link', link ?? ''],
  ];
}

function rangeText({ introduced, fixed, lastAffected }: AffectedRange): string {
  const from = introduced === '0' ? '' : `from ${introduced} `;
  if (fixed !== undefined) return `${from}before ${fixed}`;
  return lastAffected === undefined ? from.trim() || 'all versions' : `${from}up to ${lastAffected}`;
}

function voiceRow({ advisory, status, comparison }: Voice): Row {
  return ['also', `${advisory.advisoryId} of ${advisory.source} says ${status}: ${comparison.reason}`];
}

function verdictText(differences: readonly string[], paint: Paint): string {
  if (differences.length === 0) return `  ${paint.green('Judged again from this proof alone: the same verdict.')}\n`;
  const lines = differences.map((difference) => `    ${printable(difference)}\n`);
  return `  ${paint.red('The report does not follow from its proof; it was changed, or made by another version:')}\n${lines.join('')}`;
}
