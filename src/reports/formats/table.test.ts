import { describe, expect, test } from 'vitest';
import { SAMPLE_NOW, sampleReport } from '../../../test/sample-report.ts';
import type { ScanReport } from '../../model/scan-report.ts';
import { printable } from '../../platform/terminal.ts';
import type { RenderContext } from '../report-format.ts';
import { tableFormat } from './table.ts';

function render(report: ScanReport, context: Partial<RenderContext> = {}): string {
  const pieces = tableFormat.render(report, { color: false, columns: undefined, now: SAMPLE_NOW, ...context });
  return [...(pieces as Iterable<string>)].join('');
}

test('the sample as a person sees it on a terminal of 100 columns', () => {
  expect(render(sampleReport(), { columns: 100 })).toMatchInlineSnapshot(`
    "shop.tar  image, debian:12, linux/amd64, 6 packages

      SEVERITY    VULNERABILITY   EPSS %  KEV  FIXED IN                    TITLE

    zlib 1:1.2.13.dfsg-1  zlib1g
      high        CVE-2023-44487    94.4  yes  under investigation; later  The HTTP/2 protocol allows a…
      critical    CVE-2023-45853               will not be fixed           MiniZip in zlib through 1.3 …

    openssl 3.0.11-1~deb12u2  libssl3, openssl
      critical    CVE-2024-5535      4.1       3.0.14-1~deb12u1            Issue summary: Calling the O…
      high        CVE-2025-9230                3.0.17-1~deb12u3
      negligible  CVE-2010-0928                no fix yet

    lodash 4.17.11  app/package-lock.json
      critical    CVE-2019-10744               4.17.12                     Prototype Pollution in lodash

    6 vulnerabilities in 4 of 6 packages: 3 critical, 2 high, 1 negligible; 4 with a fix, 1 exploited (KEV)

    Not assessed: 1 of 6 packages
      no version: it states no version  1: acme-agent

    1 problem
      var/lib/dpkg/status: no version in "Package: acme"  lister.incomplete-entry

    1 layer read without comparing the digest (--verify=full compares)

    Advisory database ffffffffffff, updated 42 hours ago
    "
  `);
});

test('what publishers clear is listed when it is asked for', () => {
  expect(render(sampleReport())).not.toContain('CVE-2022-0778');
  const text = render(sampleReport({ allStatements: true }));
  expect(text).toMatch(/CVE-2022-0778 .* has the fix/);
  expect(text).toMatch(/CVE-2021-4160 .* not affected/);
  expect(text).toContain('4 with a fix');
});

describe('a row fits the terminal', () => {
  for (const columns of [60, 80, 120, 200]) {
    test(`of ${columns} columns`, () => {
      const rows = render(sampleReport(), { columns })
        .split('\n')
        .filter((line) => /^ {2}(critical|high|SEVERITY)/.test(line));
      expect(rows.length).toBeGreaterThan(4);
      // Below 80 columns the fix is worth a broken line; the title is not.
      expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(Math.max(columns, 80));
    });
  }
});

test('text of strangers cannot command the terminal', () => {
  const report = sampleReport();
  const hostile = '\u001b]0;owned\u0007\nINJECTED \u202e';
  const text = render({
    ...report,
    target: { ...report.target, name: hostile },
    packages: report.packages.map((item) => ({
      ...item,
      name: hostile,
      version: hostile,
      source: { name: hostile, version: hostile },
    })),
    findings: report.findings.map((item) => ({ ...item, fixedVersions: [hostile] })),
    problems: [{ code: hostile, message: hostile }],
    ledger: {
      ...report.ledger,
      notAssessed: report.packages.map(({ id }) => ({ packageId: id, class: 'noFeed', reason: hostile })),
    },
  });
  expect(text.replaceAll('\n', '')).toBe(printable(text.replaceAll('\n', '')));
  expect(text).not.toMatch(/^INJECTED/m);
});

test('colours are there when they are wanted only', () => {
  expect(render(sampleReport(), { color: true })).toContain('\u001b[31mcritical');
  expect(render(sampleReport())).not.toContain('\u001b');
});

test('nothing found is said as what it is', () => {
  const report = { ...sampleReport(), findings: [], vulnerabilities: [] };
  const text = render(report);
  expect(text).toContain('No known vulnerabilities in what could be assessed.');
  expect(text).toContain('Not assessed: 1 of 6 packages');
  expect(render({ ...report, ledger: { ...report.ledger, matched: 0, clean: 0 } })).toContain(
    'Nothing could be assessed.',
  );
});

describe('the age of the database', () => {
  for (const [now, said] of [
    ['2026-07-30T06:30:00Z', 'updated less than an hour ago'],
    ['2026-07-30T07:30:00Z', 'updated 1 hour ago'],
    ['2026-08-30T06:00:00Z', 'updated 31 days ago'],
  ] as const) {
    test(said, () => expect(render(sampleReport(), { now: new Date(now) })).toContain(said));
  }

  test('names the sources that are older than the newest', () => {
    const report = sampleReport();
    const [debian] = report.snapshot.sources;
    const sources = [debian!, { ...debian!, name: 'nvd', updatedAt: '2026-07-20T06:00:00Z' }];
    expect(render({ ...report, snapshot: { ...report.snapshot, sources } })).toContain(
      'updated 42 hours ago (nvd 11 days ago)',
    );
  });
});
