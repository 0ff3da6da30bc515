import type { Annotation, AnnotationStatus } from '../model/annotation.ts';
import type { Assessment, AssessmentStatus } from '../model/assessment.ts';
import type { Finding } from '../model/finding.ts';
import { isConcern, type Status } from '../model/status.ts';
import { vexText } from './finding-words.ts';

/** CycloneDX's words for what is known of a vulnerability in a component. */
export interface VexAnalysis {
  readonly state:
    | 'resolved'
    | 'resolved_with_pedigree'
    | 'exploitable'
    | 'in_triage'
    | 'false_positive'
    | 'not_affected';
  readonly justification?: 'code_not_present' | 'code_not_reachable' | 'requires_configuration';
  readonly response?: readonly ('will_not_fix' | 'update')[];
  readonly detail?: string;
}

/** What each verdict of a person says. */
const BY_ANNOTATION: Readonly<Record<AnnotationStatus, VexAnalysis>> = {
  patched: { state: 'resolved' },
  'false positive': { state: 'false_positive' },
  'not exploitable': { state: 'not_affected', justification: 'code_not_reachable' },
  accepted: { state: 'exploitable', response: ['will_not_fix'] },
  ongoing: { state: 'exploitable', response: ['update'] },
  exploitable: { state: 'exploitable' },
  pending: { state: 'in_triage' },
  todo: { state: 'in_triage' },
};

/** What each automatic verdict says; the first of this order that was given decides. */
const BY_ASSESSMENT: readonly (readonly [AssessmentStatus, VexAnalysis])[] = [
  ['rejected', { state: 'false_positive' }],
  ['patch applied', { state: 'resolved_with_pedigree' }],
  ['package patched', { state: 'resolved_with_pedigree' }],
  ['code removed', { state: 'not_affected', justification: 'code_not_present' }],
  ['safe config', { state: 'not_affected', justification: 'requires_configuration' }],
  ['version mismatch', { state: 'not_affected', justification: 'code_not_present' }],
  ['package whitelisted', { state: 'not_affected' }],
  ['patch available', { state: 'exploitable', response: ['update'] }],
];

/**
 * What VEX says of a finding: an up-to-date annotation decides; an outdated one asks for triage, and so do authors who contradict each
 * other; else the automatic verdicts, then the VEX statements that were read, then the publisher's. docs/reference/vex.md has the tables.
 */
export function vexAnalysis(finding: Finding): VexAnalysis {
  const { annotation, assessments = [], contradiction, ignored } = finding;
  const analysis =
    (annotation && analysisOfAnnotation(annotation)) ??
    (contradiction === undefined ? undefined : inTriage(contradiction)) ??
    analysisOfAssessments(assessments) ??
    ofSuppliers(finding) ??
    ofPublisher(finding);
  const detail = [analysis.detail, ignored && `ignored: ${ignored.reason}`].filter(Boolean).join('\n');
  return { ...analysis, ...(detail !== '' && { detail }) };
}

/** Whether VEX leaves a finding out: it only says that a database names other versions of the same product. */
export function isMereMismatch({ status, annotation, assessments = [] }: Finding): boolean {
  return !isConcern(status) && annotation === undefined && assessments.some((one) => one.status === 'version mismatch');
}

function analysisOfAnnotation({ status, isOutdated, isLegacy, log }: Annotation): VexAnalysis | undefined {
  const decisive = log.filter(
    ({ from, to, changesVulnerable }) => from !== to || to === undefined || changesVulnerable,
  );
  const detail = decisive
    .map(({ comment }) => comment)
    .filter(Boolean)
    .join('\n');
  const said = detail === '' ? {} : { detail };
  if (isOutdated) return { state: 'in_triage', ...said };
  return isLegacy ? undefined : { ...BY_ANNOTATION[status], ...said };
}

function analysisOfAssessments(assessments: readonly Assessment[]): VexAnalysis | undefined {
  for (const [status, analysis] of BY_ASSESSMENT) {
    const details = assessments.filter((one) => one.status === status && hasEvidence(one)).map(({ detail }) => detail);
    if (details.length > 0) return { ...analysis, detail: [status, ...details.filter(Boolean)].join(': ') };
  }
  return undefined;
}

/** A verdict that rests on nothing decides nothing; see `decideStatus`. */
function hasEvidence({ evidence }: Assessment): boolean {
  return Object.values(evidence).some((values) => values.length > 0);
}

const inTriage = (detail: string): VexAnalysis => ({ state: 'in_triage', detail });

const BY_STATUS: Readonly<Record<Status, VexAnalysis['state']>> = {
  affected: 'exploitable',
  fixed: 'resolved',
  not_affected: 'not_affected',
  under_investigation: 'in_triage',
};

/** What VEX documents say, and in whose words; of several the one that the finding follows. */
function ofSuppliers({ vex = [], status, automaticStatus = status }: Finding): VexAnalysis | undefined {
  const decisive = vex.filter((statement) => statement.status === automaticStatus);
  const [first] = decisive.length > 0 ? decisive : vex;
  return first && { state: BY_STATUS[first.status], detail: vex.map(vexText).join('; ') };
}

function ofPublisher({ status, proof: { advisory, comparison } }: Finding): VexAnalysis {
  if (isConcern(status)) return { state: 'in_triage' };
  const detail = `${advisory.source}: ${advisory.note ?? comparison.reason}`;
  return { state: status === 'fixed' ? 'resolved' : 'not_affected', detail };
}
