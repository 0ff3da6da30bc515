import type { Finding } from '../model/finding.ts';
import type { ReportedVulnerability } from '../model/scan-report.ts';
import { isConcern } from '../model/status.ts';
import type { VexStatement } from '../model/vex-statement.ts';
import type { Cvss } from '../model/vulnerability.ts';

/** A title is at most this long; descriptions, which stand in for it, are cut. */
const MAX_TITLE_LENGTH = 200;

/** What a flaw is, on one line: its summary, else how its description begins; `` when nobody has described it. As its publisher wrote it. */
export function titleOf(vulnerability: Pick<ReportedVulnerability, 'summary' | 'description'>): string {
  // Texts are read when they are asked for: most need no description.
  return (vulnerability.summary || vulnerability.description || '')
    .slice(0, MAX_TITLE_LENGTH * 2)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_TITLE_LENGTH);
}

const FIX_WORDS: Readonly<Record<Finding['fixState'], string>> = {
  fixed: 'fixed',
  not_fixed: 'no fix yet',
  will_not_fix: 'will not be fixed',
  deferred: 'fix deferred',
  end_of_life: 'end of life',
  unknown: 'no fix known',
};

/** What there is to be done: the fixed versions, else what the publisher does about it, else why nothing needs to be done. */
export function fixText({ status, fixState, fixedVersions, ignored }: Finding): string {
  if (ignored) return `ignored: ${ignored.reason}`;
  if (status === 'not_affected') return 'not affected';
  if (status === 'fixed') return 'has the fix';
  const fixes = fixedVersions.join(', ');
  if (status === 'under_investigation') return `under investigation${fixes && `; ${fixes}`}`;
  return fixes || FIX_WORDS[fixState];
}

/** The same as a sentence to whoever has the package. */
export function actionText(finding: Finding, packageName: string): string {
  const { fixedVersions, fixState } = finding;
  if (fixedVersions.length > 0) return `Update ${packageName} to ${fixedVersions.join(' or ')}.`;
  if (fixState === 'fixed') return `Update ${packageName}: its publisher has a fix.`;
  const word = FIX_WORDS[fixState];
  return `${packageName}: ${word}, says ${finding.proof.advisory.source}.`;
}

/** The score that is shown where there is room for one. */
export function shownScore({
  cvss,
}: Pick<ReportedVulnerability, 'cvss'>): (Cvss & { readonly score: number }) | undefined {
  return cvss.find((one): one is Cvss & { readonly score: number } => one.score !== undefined);
}

/** Percent of likelihood within 30 days, without the sign; `` where nobody has forecast it. */
export function epssPercent({ epss }: Pick<ReportedVulnerability, 'epss'>): string {
  if (!epss) return '';
  const percent = epss.score * 100;
  return percent < 0.1 ? '<0.1' : percent.toFixed(1);
}

/** Why a finding is not open: what people, assessments or publishers say; `` of an open one without words. */
export function reasonText(finding: Finding): string {
  const { annotation, assessments = [], vex = [], contradiction, ignored, proof, status } = finding;
  const reasons = [
    annotation && `annotated as ${annotation.status}${annotation.isOutdated ? ' (outdated)' : ''}`,
    ...(annotation?.log.map(({ comment }) => comment) ?? []),
    ...assessments.map((one) => `${one.status}: ${one.detail}`),
    ...vex.map(vexText),
    contradiction,
    ignored && `ignored: ${ignored.reason}${ignored.expires === undefined ? '' : ` (until ${ignored.expires})`}`,
  ].filter((reason) => reason !== undefined && reason !== '');
  if (reasons.length > 0) return reasons.join('; ');
  if (isConcern(status)) return '';
  return proof.advisory.note ?? `${proof.advisory.source}: ${proof.comparison.reason}`;
}

/** A VEX statement on one line: who says what, and why. */
export function vexText({ author, status, justification, detail }: VexStatement): string {
  const words = [status.replaceAll('_', ' '), justification, detail].filter((word) => word !== undefined);
  return `${author}: ${words.join(', ')}`;
}
