import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Annotation } from './annotation.ts';
import { ASSESSMENT_STATUSES, type Assessment, type AssessmentStatus } from './assessment.ts';
import { decideStatus } from './finding-status.ts';
import type { Status } from './status.ts';
import type { VexStatement } from './vex-statement.ts';

const assessment = (
  status: AssessmentStatus,
  evidence: Assessment['evidence'] = { patches: ['a.patch'] },
): Assessment => ({
  ...{ status, source: 'inventory', detail: '', evidence },
});
const vex = (author: string, status: Status): VexStatement => ({ author, status, document: 'a.json' });
const annotation = (isVulnerable: boolean, more: Partial<Annotation> = {}): Annotation => ({
  ...{ status: 'not exploitable', isVulnerable, log: [] },
  ...more,
});

const cases = [
  // matched               verdicts                                                             status            what the row shows
  ['affected', {}, 'affected', 'the match itself'],
  ['fixed', {}, 'fixed', 'what publishers clear'],
  ['affected', { assessments: [assessment('package patched')] }, 'fixed', 'a patch is a fix'],
  ['affected', { assessments: [assessment('package whitelisted')] }, 'not_affected', 'whoever made it decided'],
  ['under_investigation', { assessments: [assessment('rejected')] }, 'not_affected', 'there is nothing to investigate'],
  ['affected', { assessments: [assessment('patch available')] }, 'affected', 'a fix elsewhere clears nothing'],
  ['affected', { assessments: [assessment('package patched', {})] }, 'affected', 'no evidence'],
  ['affected', { assessments: [assessment('package patched', { patches: [] })] }, 'affected', 'empty evidence'],
  ['affected', { vex: [vex('ACME', 'not_affected')] }, 'not_affected', 'VEX clears'],
  ['affected', { vex: [vex('ACME', 'fixed')] }, 'fixed', 'VEX knows the fix'],
  ['affected', { vex: [vex('ACME', 'under_investigation')] }, 'affected', 'VEX does not know'],
  ['under_investigation', { vex: [vex('ACME', 'affected')] }, 'affected', 'VEX knows more than the advisory'],
  [
    'affected',
    { vex: [vex('ACME', 'fixed'), vex('B', 'under_investigation')] },
    'fixed',
    'not knowing is no contradiction',
  ],
  ['affected', { annotation: annotation(false) }, 'not_affected', 'a person clears'],
  ['affected', { annotation: annotation(false, { status: 'patched' }) }, 'fixed', 'a person has patched'],
  [
    'affected',
    { annotation: annotation(false, { isOutdated: true }) },
    'affected',
    'an outdated annotation decides nothing',
  ],
  ['fixed', { annotation: annotation(true, { status: 'exploitable' }) }, 'affected', 'a person knows better'],
  [
    'affected',
    { assessments: [assessment('package patched')], annotation: annotation(true) },
    'affected',
    'a person before all automatic verdicts',
  ],
] as const;

describe('decideStatus', () => {
  for (const [matched, verdicts, status, shows] of cases) {
    test(`${matched} -> ${status}: ${shows}`, () => expect(decideStatus(matched, verdicts).status).toBe(status));
  }

  test('authors who contradict each other clear nothing, and that is said', () =>
    expect(decideStatus('affected', { vex: [vex('ACME', 'not_affected'), vex('Zeta', 'affected')] })).toEqual({
      ...{ status: 'affected', automatic: 'affected' },
      contradiction: 'Zeta says that it is affected, ACME that it is not',
    }));

  test('an author who contradicts the evidence does so too', () =>
    expect(
      decideStatus('affected', { vex: [vex('Zeta', 'affected')], assessments: [assessment('package patched')] }),
    ).toMatchObject({ status: 'affected', contradiction: expect.stringContaining('Zeta') }));

  test('the automatic status is kept apart', () =>
    expect(
      decideStatus('affected', { assessments: [assessment('package patched')], annotation: annotation(true) }),
    ).toEqual({ status: 'affected', automatic: 'fixed' }));

  test('without evidence no automatic verdict changes anything', () => {
    const withoutEvidence = fc.record({
      status: fc.constantFrom(...ASSESSMENT_STATUSES),
      source: fc.string(),
      detail: fc.string(),
      evidence: fc.dictionary(fc.string(), fc.constant([])),
    });
    const matched = fc.constantFrom<Status>('affected', 'under_investigation', 'fixed', 'not_affected');
    fc.assert(
      fc.property(matched, fc.array(withoutEvidence), (status, assessments) => {
        expect(decideStatus(status, { assessments }).status).toBe(status);
      }),
    );
  });
});
