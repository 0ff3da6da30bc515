import { describe, expect, test } from 'vitest';
import { sampleReport } from '../../test/sample-report.ts';
import type { Finding } from '../model/finding.ts';
import type { ScanReport } from '../model/scan-report.ts';
import { diffJson, diffTable } from './diff-text.ts';
import { diffReports } from './report-diff.ts';

const before = sampleReport();
const other = { ...before.snapshot, id: 'abcd'.repeat(16) };
const [first, ...rest] = before.findings as [Finding, ...Finding[]];
const withFirst = (change: Partial<Finding>): ScanReport => ({
  ...before,
  findings: [{ ...first, ...change }, ...rest],
});

/** The first finding's package, upgraded. */
function upgraded(report: ScanReport, version: string, finding: Partial<Finding> = {}): ScanReport {
  const { proof } = first;
  const later = {
    ...first,
    fingerprint: 'f'.repeat(32),
    ...finding,
    proof: { ...proof, package: { ...proof.package, version } },
  };
  return {
    ...report,
    packages: report.packages.map((item) => (item.id === first.packageId ? { ...item, version } : item)),
    findings: [later, ...rest],
  };
}

const cases: readonly (readonly [before: ScanReport, after: ScanReport, string, string])[] = [
  [before, before, '', 'nothing changed'],
  [{ ...before, findings: rest }, before, 'added opinions', 'told otherwise by the same database'],
  [{ ...before, findings: rest }, { ...before, snapshot: other }, 'added knowledge', 'another database knows more'],
  [{ ...before, findings: [], packages: [] }, before, 'added contents', 'a package that came'],
  [before, { ...before, findings: rest, snapshot: other }, 'gone knowledge', 'another database knows better'],
  [before, { ...before, findings: [], packages: [] }, 'gone contents', 'a package that went'],
  [before, withFirst({ status: 'not_affected' }), 'gone opinions', 'cleared'],
  [before, withFirst({ ignored: { reason: 'No network' } }), 'gone opinions', 'ignored'],
  [withFirst({ ignored: { reason: 'No network' } }), before, 'added opinions', 'no longer ignored'],
  [withFirst({ status: 'fixed' }), withFirst({ status: 'not_affected' }), '', 'closed before and after'],
  [before, upgraded(before, '99'), 'changed contents (version)', 'an upgrade that does not help'],
  [
    before,
    { ...withFirst({ fixedVersions: ['99'] }), snapshot: other },
    'changed knowledge (fixed versions)',
    'a fix is known',
  ],
  [
    before,
    {
      ...withFirst({
        issueKey: 'e'.repeat(32),
        vulnerability: { id: 'CVE-2026-1', aliases: [first.vulnerability.id] },
      }),
      snapshot: other,
    },
    'changed knowledge (vulnerability)',
    'a CVE was assigned',
  ],
];

describe('diffReports', () => {
  for (const [one, two, expected, shows] of cases) {
    test(`${shows}: ${expected || 'no difference'}`, () => {
      const { added, gone, changed } = diffReports(one, two);
      const about = first.proof.package.name;
      const told = Object.entries({ added, gone, changed }).flatMap(([kind, changes]) =>
        changes
          .filter((change) => (change.after ?? change.before)!.proof.package.name === about)
          .slice(0, 1)
          .map(
            ({ cause, fields }) =>
              `${kind} ${cause}${fields.length > 0 ? ` (${fields.map(({ field }) => field)})` : ''}`,
          ),
      );
      expect(told.join()).toBe(expected);
    });
  }

  test('a report has no difference from itself, whatever its order', () => {
    const { added, gone, changed } = diffReports(before, { ...before, findings: before.findings.toReversed() });
    expect([...added, ...gone, ...changed]).toEqual([]);
  });
});

describe('what is written', () => {
  const after = { ...withFirst({ ignored: { reason: 'No \u001b[2Jnetwork' } }), snapshot: other };
  const compared = { before, after, diff: diffReports(before, after) };

  test('a table', () => {
    const text = [...diffTable(compared, { color: false })].join('');
    expect(text).toContain('Gone (1): only what is known changed');
    expect(text).toContain('ignored: No \\x1b[2Jnetwork');
  });
  test('a table without differences', () => {
    const text = [...diffTable({ before, after: before, diff: diffReports(before, before) }, { color: false })].join(
      '',
    );
    expect(text).toContain('The findings are the same.');
  });
  test('json', () => {
    const json = JSON.parse([...diffJson(compared)].join(''));
    expect(json).toMatchObject({
      ...{ schemaVersion: '1.0', before: { snapshot: before.snapshot.id }, after: { snapshot: other.id } },
      ...{ new: [], changed: [], gone: [{ cause: 'knowledge', before: { issueKey: first.issueKey } }] },
    });
  });
});
