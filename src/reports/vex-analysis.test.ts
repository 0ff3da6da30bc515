import { describe, expect, test } from 'vitest';
import { sampleReport } from '../../test/sample-report.ts';
import { ANNOTATION_STATUSES, type Annotation, type AnnotationStatus } from '../model/annotation.ts';
import { ASSESSMENT_STATUSES, type Assessment, type AssessmentStatus } from '../model/assessment.ts';
import type { Finding } from '../model/finding.ts';
import { isMereMismatch, vexAnalysis } from './vex-analysis.ts';

const [affected] = sampleReport().findings as readonly [Finding];

const annotated = (status: AnnotationStatus, more: Partial<Annotation> = {}): Finding => ({
  ...affected,
  annotation: { status, isVulnerable: true, log: [], ...more },
});
const assessed = (...statuses: readonly AssessmentStatus[]): Finding => ({
  ...affected,
  assessments: statuses.map(
    (status): Assessment => ({ ...{ status, source: 'x', detail: '' }, evidence: { files: ['y'] } }),
  ),
});

const manual = [
  ['patched', 'resolved', undefined, undefined],
  ['false positive', 'false_positive', undefined, undefined],
  ['not exploitable', 'not_affected', 'code_not_reachable', undefined],
  ['accepted', 'exploitable', undefined, ['will_not_fix']],
  ['ongoing', 'exploitable', undefined, ['update']],
  ['exploitable', 'exploitable', undefined, undefined],
  ['pending', 'in_triage', undefined, undefined],
  ['todo', 'in_triage', undefined, undefined],
] as const;

describe('what a person says', () => {
  for (const [status, state, justification, response] of manual) {
    test(`${status} -> ${state}`, () =>
      expect(vexAnalysis(annotated(status))).toEqual({
        state,
        ...(justification && { justification }),
        ...(response && { response }),
      }));
  }

  test('every status has its row', () =>
    expect(manual.map(([status]) => status).sort()).toEqual([...ANNOTATION_STATUSES].sort()));

  test('the detail is the log entries that changed something', () => {
    const log = [
      { at: '', comment: 'first', from: 'todo', to: 'pending' },
      { at: '', comment: 'a remark', from: 'pending', to: 'pending' },
      { at: '', comment: 'last', from: 'pending', to: 'accepted' },
    ] as const;
    expect(vexAnalysis(annotated('accepted', { log }))).toMatchObject({ detail: 'first\nlast' });
  });

  test('what is outdated asks for triage, with its detail', () => {
    const log = [{ at: '', comment: 'why', from: 'todo', to: 'patched' }] as const;
    expect(vexAnalysis(annotated('patched', { isOutdated: true, log }))).toEqual({ state: 'in_triage', detail: 'why' });
  });

  test('what is legacy leaves it to the automatic verdicts', () => {
    const legacy = { ...annotated('patched', { isLegacy: true }), assessments: assessed('rejected').assessments! };
    expect(vexAnalysis(legacy).state).toBe('false_positive');
  });
});

const automatic = [
  ['rejected', 'false_positive', undefined],
  ['patch applied', 'resolved_with_pedigree', undefined],
  ['package patched', 'resolved_with_pedigree', undefined],
  ['code removed', 'not_affected', 'code_not_present'],
  ['safe config', 'not_affected', 'requires_configuration'],
  ['version mismatch', 'not_affected', 'code_not_present'],
  ['package whitelisted', 'not_affected', undefined],
  ['patch available', 'exploitable', undefined],
] as const;

describe('what assessments say', () => {
  for (const [index, [status, state, justification]] of automatic.entries()) {
    test(`${status} -> ${state}, before all that follow`, () => {
      const others = automatic.slice(index + 1).map(([other]) => other);
      const analysis = vexAnalysis(assessed(...others.toReversed(), status));
      expect(analysis).toMatchObject({ state, detail: status, ...(justification && { justification }) });
    });
  }

  test('every verdict has its row', () =>
    expect(automatic.map(([status]) => status).sort()).toEqual([...ASSESSMENT_STATUSES].sort()));

  test('without evidence they say nothing', () => {
    const [one] = assessed('package patched').assessments!;
    expect(vexAnalysis({ ...affected, assessments: [{ ...one!, evidence: {} }] }).state).toBe('in_triage');
  });
});

describe('what publishers say', () => {
  for (const [status, state] of [
    ['affected', 'in_triage'],
    ['under_investigation', 'in_triage'],
    ['fixed', 'resolved'],
    ['not_affected', 'not_affected'],
  ] as const) {
    test(`${status} -> ${state}`, () => expect(vexAnalysis({ ...affected, status }).state).toBe(state));
  }

  test('an ignore rule is a detail, and no verdict', () =>
    expect(vexAnalysis({ ...affected, ignored: { reason: 'later' } })).toEqual({
      state: 'in_triage',
      detail: 'ignored: later',
    }));
});

describe('a finding is left out', () => {
  const mismatch: Finding = { ...assessed('version mismatch'), status: 'not_affected' };
  for (const [finding, isLeftOut, shows] of [
    [mismatch, true, 'when it is about other versions only'],
    [{ ...mismatch, annotation: annotated('todo').annotation! }, false, 'not when a person has said something'],
    [{ ...mismatch, status: 'affected' }, false, 'not when it stands'],
    [{ ...assessed('rejected'), status: 'not_affected' }, false, 'not for another verdict'],
  ] as const) {
    test(shows, () => expect(isMereMismatch(finding)).toBe(isLeftOut));
  }
});
