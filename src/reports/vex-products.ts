import type { AnnotationStatus } from '../model/annotation.ts';
import type { AssessmentStatus } from '../model/assessment.ts';
import type { Finding } from '../model/finding.ts';
import { reasonText } from './finding-words.ts';

/** The justifications that OpenVEX and CSAF share (CISA's "Status Justifications"). */
const JUSTIFICATIONS = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;

type VexJustification = (typeof JUSTIFICATIONS)[number];

const BY_ASSESSMENT: Readonly<Partial<Record<AssessmentStatus, VexJustification>>> = {
  'version mismatch': 'vulnerable_code_not_present',
  'code removed': 'vulnerable_code_not_present',
  'safe config': 'vulnerable_code_not_present',
  'package patched': 'inline_mitigations_already_exist',
  'patch applied': 'inline_mitigations_already_exist',
};

const BY_ANNOTATION: Readonly<Partial<Record<AnnotationStatus, VexJustification>>> = {
  'not exploitable': 'vulnerable_code_not_in_execute_path',
  patched: 'inline_mitigations_already_exist',
};

/** Why a package is not affected, in one of the words made for it; undefined where only a sentence (`impactText`) says it. */
export function justificationOf({ annotation, assessments = [], vex = [] }: Finding): VexJustification | undefined {
  if (annotation && !annotation.isOutdated && !annotation.isLegacy) return BY_ANNOTATION[annotation.status];
  const ours = assessments.map(({ status }) => BY_ASSESSMENT[status]);
  const theirs = vex.map(({ justification }) => JUSTIFICATIONS.find((word) => word === justification));
  return [...ours, ...theirs].find((word) => word !== undefined);
}

/** Why a package is not affected, as a sentence. */
export function impactText(finding: Finding): string {
  return reasonText(finding) || `${finding.proof.advisory.source} says so`;
}
