import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readAnnotations } from '../../src/assessing/annotations.ts';
import { assessFindings } from '../../src/assessing/assess-findings.ts';
import { samplePackage } from '../../src/assessing/sample-finding.ts';
import { indexClaims } from '../../src/assessing/vex/find-statements.ts';
import { readVex } from '../../src/assessing/vex/read-vex.ts';
import { readReportText } from '../../src/cli/report-files.ts';
import { ScannerError } from '../../src/model/errors.ts';
import { writeCvescanReport } from '../../src/reports/cvescan-report/write.ts';
import { diffTable } from '../../src/reports/diff-text.ts';
import { jsonFormat } from '../../src/reports/formats/json.ts';
import { reportFormats } from '../../src/reports/formats/registry.ts';
import { readCvescanReport } from '../../src/reports/read-report.ts';
import { diffReports } from '../../src/reports/report-diff.ts';
import { assertHarmless, HOSTILE_TEXTS, renderText } from '../../src/reports/report-format.contract.ts';
import { readOpinions } from '../../src/scan/read-opinions.ts';
import { assessedReport } from '../assessed-report.ts';
import { listOf, nestedLists, withCuts, withTexts, withWrongTypes } from '../hostile-values.ts';
import { SAMPLE_NOW, sampleReport } from '../sample-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'cvescan-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PURL = 'pkg:deb/debian/libssl3';
const openVex = (statements: readonly object[], more: object = {}): object => ({
  ...{ '@context': 'https://openvex.dev/ns/v0.2.0', author: 'ACME', timestamp: '2024-07-01T00:00:00Z', ...more },
  statements,
});
const openVexStatement = { vulnerability: { name: 'CVE-2024-5535' }, products: [{ '@id': PURL }], status: 'fixed' };
const csaf = (ids: readonly string[], flags: readonly object[]): object => ({
  document: {
    ...{ category: 'csaf_vex', csaf_version: '2.0', title: 'x', publisher: { name: 'ACME' } },
    tracking: { id: 'A-1', status: 'final', current_release_date: '2024-07-01T00:00:00Z' },
  },
  product_tree: {
    full_product_names: ids.map((id) => ({
      ...{ product_id: id, name: id, product_identification_helper: { purl: PURL } },
    })),
  },
  vulnerabilities: [{ cve: 'CVE-2024-5535', product_status: { known_not_affected: ids }, flags }],
});
const cycloneDx = (aliases: readonly string[], refs: readonly string[]): object => ({
  ...{ bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { timestamp: '2024-07-01T00:00:00Z' } },
  vulnerabilities: [
    {
      ...{ id: 'CVE-2024-5535', references: aliases.map((id) => ({ id, source: { name: 'x' } })) },
      ...{ analysis: { state: 'not_affected', justification: 'code_not_present', detail: 'x' } },
      affects: refs.map((ref) => ({ ref, versions: [{ version: '1', status: 'affected' }] })),
    },
  ],
});
const annotation = {
  ...{ vulnerability_name: 'CVE-2024-5535', scope: '/shop/web', last_status: 'todo', last_vulnerable: true },
  logs: [
    {
      ...{ timestamp: '2024-07-01T00:00:00Z', status_change: { from: 'todo', to: 'todo' } },
      ...{ vulnerable_change: false, comment: 'x' },
    },
  ],
};
const annotations = (list: readonly object[]): object => ({
  ...{ version: '2.0.0', scopes: { transversals: ['a'], projects: [{ name: 'shop', components: ['web'] }] } },
  annotations: list,
});
const rule = { vulnerability: 'CVE-2024-5535', package: PURL, path: '/usr/**', reason: 'x', expires: '2030-01-01' };

/** One finding of each verdict, so that changing every value takes no minute. */
const { vulnerabilities, ...assessed } = assessedReport();
const small = { ...assessed, vulnerabilities: vulnerabilities.slice(0, 1), packages: assessed.packages.slice(0, 1) };
const own = { ...small, findings: small.findings.slice(0, 1) };
const ownJson = JSON.parse(
  [...(jsonFormat.render(own, { color: false, columns: undefined, now: SAMPLE_NOW }) as Iterable<string>)].join(''),
);
const documented = JSON.parse([...writeCvescanReport({ report: own, runs: [{ command: 'scan-inventory' }] })].join(''));
const context = {
  color: false,
  columns: undefined,
  now: SAMPLE_NOW,
  template: { name: 'x', text: '{{target.name}}\n' },
};

/** Formats that people look at; every format is tried with every text in the contract of formats. */
const SHOWN = reportFormats.filter(({ name }) => ['table', 'csv', 'markdown', 'github', 'template'].includes(name));

async function readVexText(text: string): Promise<void> {
  const { claims } = readVex(Buffer.from(text), 'x');
  const ask = indexClaims(claims, { target: { kind: 'sbom', name: 'x' }, packages: [samplePackage] });
  for (const { status } of ask(['CVE-2024-5535'], samplePackage)) expect(typeof status).toBe('string');
}

async function readReportOf(text: string): Promise<void> {
  const { report, runs } = await readCvescanReport(text, 'x');
  for (const format of SHOWN) assertHarmless(await renderText(format, report, context), format.mediaType);
  JSON.parse([...writeCvescanReport({ report, runs })].join(''));
  const diff = { before: report, after: report, diff: diffReports(report, report) };
  assertHarmless([...diffTable(diff, { color: false })].join(''), 'text/plain');
}

/** What people and suppliers say, and reports that come back: who reads each, a small document, and the codes of its errors. */
const kinds: Readonly<
  Record<string, readonly [read: (text: string) => Promise<unknown>, document: unknown, code: RegExp]>
> = {
  OpenVEX: [readVexText, openVex([openVexStatement]), /^vex\.malformed$/],
  'CSAF VEX': [readVexText, csaf(['a'], [{ label: 'component_not_present', product_ids: ['a'] }]), /^vex\.malformed$/],
  'CycloneDX VEX': [readVexText, cycloneDx(['GHSA-1'], [PURL]), /^vex\.malformed$/],
  annotations: [async (text) => readAnnotations(text, 'x', {}), annotations([annotation]), /^annotations\.malformed$/],
  'ignore rules': [
    async (text) => {
      const ignoreFile = join(folder, 'ignore.yml');
      writeFileSync(ignoreFile, text);
      return readOpinions({ ignoreFile }, {});
    },
    [rule],
    /^ignore\.malformed$/,
  ],
  'our report': [readReportOf, ownJson, /^report\.malformed$/],
  "CVEScan's report": [readReportOf, documented, /^report\.malformed$/],
};

for (const [name, [read, document, code]] of Object.entries(kinds)) {
  const readOrRefuse = async (text: string): Promise<boolean> => {
    try {
      await read(text);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(ScannerError);
      expect((error as ScannerError).code).toMatch(code);
      return false;
    }
  };
  const text = JSON.stringify(document);

  describe(name, () => {
    test('the document itself is read', async () => expect(await readOrRefuse(text)).toBe(true));

    test('cut anywhere it is refused with a reason', async () => {
      for (const cut of withCuts(Buffer.from(text))) await readOrRefuse(cut.toString());
    });

    test('values of another type are refused with a reason, or have no effect', async () => {
      for (const changed of withWrongTypes(document)) await readOrRefuse(JSON.stringify(changed));
    }, 120_000);

    test('nested 10,000 deep it is refused', async () => {
      expect(await readOrRefuse(nestedLists(10_000))).toBe(false);
      for (const changed of withTexts(document, 'NESTED'))
        await readOrRefuse(JSON.stringify(changed).replace('"NESTED"', nestedLists(10_000)));
    }, 120_000);

    for (const hostile of [...HOSTILE_TEXTS, 'constructor'])
      test(`${JSON.stringify(hostile)} anywhere is text`, async () => {
        for (const changed of withTexts(document, hostile)) await readOrRefuse(JSON.stringify(changed));
      });
  });
}

describe('time in proportion', () => {
  const COUNT = 50_000;
  const ids = listOf(COUNT, (n) => `p${n}`);
  const cases: Readonly<Record<string, () => Promise<unknown>>> = {
    'OpenVEX, statements on the products of the document': () =>
      readVexText(
        JSON.stringify(
          openVex(
            listOf(COUNT, () => ({ vulnerability: 'CVE-1', status: 'fixed' })),
            { products: ids },
          ),
        ),
      ),
    'CSAF, a flag for each product': () =>
      readVexText(
        JSON.stringify(
          csaf(
            ids,
            ids.map((id) => ({ label: 'component_not_present', product_ids: [id] })),
          ),
        ),
      ),
    'CycloneDX, as many aliases as components': () => readVexText(JSON.stringify(cycloneDx(ids, ids))),
    'statements of one author on one package': () =>
      readVexText(JSON.stringify(openVex(listOf(COUNT * 4, () => openVexStatement)))),
    annotations: async () =>
      readAnnotations(
        JSON.stringify(annotations(ids.map((id) => ({ ...annotation, vulnerability_name: id })))),
        'x',
        {},
      ),
    'findings and statements of one package, and ignore rules': async () => {
      const { packages, findings } = sampleReport();
      const [finding] = findings;
      const many = ids.map((id) => ({ ...finding!, vulnerability: { id, aliases: [] } }));
      const statements = ids.map((id) => ({ vulnerabilityId: id, kind: 'patched' as const, source: 'x' }));
      const holding = packages.map((item) => (item.id === finding!.packageId ? { ...item, statements } : item));
      const rules = await readOpinions(
        { ignore: { rules: ids.map((vulnerability) => ({ vulnerability, reason: 'x' })), place: 'x' } },
        {},
      );
      const assessedFindings = assessFindings(many, {
        ...{ inventory: { target: { kind: 'sbom', name: 'x' }, packages: holding }, vulnerabilities: new Map() },
        ...{ opinions: rules, now: SAMPLE_NOW },
      }).findings;
      expect(assessedFindings.every(({ ignored, assessments }) => ignored && assessments?.length === 1)).toBe(true);
    },
  };
  for (const [shows, run] of Object.entries(cases))
    test(`50,000: ${shows}`, async () => {
      const start = performance.now();
      await run().catch((error: unknown) =>
        expect(error).toMatchObject({ code: 'vex.malformed', message: expect.stringContaining('maxStatements') }),
      );
      expect(performance.now() - start).toBeLessThan(15_000);
    }, 60_000);
});

describe('maxReportBytes', () => {
  for (const [maxReportBytes, isRead] of [
    [4, true],
    [3, false],
  ] as const)
    test(`a report of 4 bytes is ${isRead ? 'read' : 'refused'} where ${maxReportBytes} may be`, async () => {
      const file = join(folder, 'four.json');
      writeFileSync(file, '{  }');
      const reading = readReportText(file, { stdin: process.stdin }, { maxReportBytes });
      if (isRead) expect(await reading).toBe('{  }');
      else
        await expect(reading).rejects.toMatchObject({
          code: 'report.malformed',
          message: expect.stringContaining('maxReportBytes 3'),
        });
    });
});
