import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { assessedReport } from '../../../test/assessed-report.ts';
import { sampleReport } from '../../../test/sample-report.ts';
import { readCvescanReport } from '../read-report.ts';
import type { CvescanReport } from './cvescan-report.ts';
import { cvescanReportSchema } from './schema.ts';
import { writeCvescanReport } from './write.ts';

const reference = resolve(import.meta.dirname, '../../../docs/reference');
const runs = [{ command: 'scan-inventory', options: { inventory: 'inventory.json' }, version: '1.0.0' }];
const generatedAt = '2026-08-01T00:00:00.000Z';
const written = (read: CvescanReport): string => [...writeCvescanReport(read)].join('');
const read = (document: unknown) => readCvescanReport(JSON.stringify(document), 'report.json');

test('the schema of the reference is the one that reports are read by', async () => {
  const schema = `${JSON.stringify(z.toJSONSchema(cvescanReportSchema), undefined, 2)}\n`;
  await expect(schema).toMatchFileSnapshot(`${reference}/cvescan-report.schema.json`);
});

test('a report follows the schema', () => {
  const validate = new Ajv2020({ strict: false }).compile(z.toJSONSchema(cvescanReportSchema));
  validate(JSON.parse(written({ report: assessedReport(), generatedAt, runs })));
  expect(validate.errors).toBeNull();
});

test('every key is explained in the reference', () => {
  const text = readFileSync(`${reference}/cvescan-report.md`, 'utf8');
  const { shape } = cvescanReportSchema;
  const keys = [...Object.keys(shape), 'automatic_vulnerable', 'automatic_assessments', 'vulnerable', 'generated_at'];
  expect(keys.filter((key) => !text.includes(`\`${key}\``))).toEqual([]);
});

for (const [shows, report] of [
  ['with all statements', sampleReport({ allStatements: true })],
  ['with verdicts', assessedReport()],
] as const) {
  test(`a report read back is the same: ${shows}`, async () => {
    const text = written({ report, generatedAt, runs });
    const back = await readCvescanReport(text, 'report.json');
    expect(back).toMatchObject({ generatedAt, runs });
    const aliases = new Map(report.vulnerabilities.map((item) => [item.id, item.aliases]));
    const named = report.findings.map((finding) => {
      const { id } = finding.vulnerability;
      return { ...finding, vulnerability: { id, aliases: aliases.get(id)! } };
    });
    expect(back.report.findings).toEqual(named);
    expect(back.report.vulnerabilities).toEqual(report.vulnerabilities);
    expect(JSON.parse(written(back))).toEqual(JSON.parse(text));
  });
}

describe('what is written of a finding', () => {
  const [first] = assessedReport().findings;
  const entryOf = async (finding: object) => {
    const report = { ...assessedReport(), findings: [{ ...first!, ...finding }] };
    return JSON.parse(written({ report, generatedAt, runs })).vulnerabilities[0];
  };
  const annotation = { status: 'exploitable', isVulnerable: true, log: [] };

  for (const [finding, vulnerable, automatic, shows] of [
    [{ status: 'affected' }, true, true, 'affected'],
    [{ status: 'under_investigation' }, true, true, 'nothing is known: it starts true'],
    [{ status: 'fixed' }, false, false, 'fixed'],
    [{ status: 'affected', automaticStatus: 'not_affected', annotation }, true, false, 'a person says so'],
  ] as const) {
    test(`${shows}: vulnerable ${vulnerable}, automatically ${automatic}`, async () =>
      expect(await entryOf(finding)).toMatchObject({ vulnerable, automatic_vulnerable: automatic }));
  }
});

describe("other programs' reports", () => {
  const documented = {
    packages: [{ id: 'openssl', bpn: 'openssl', cve_version: '3.0.11', cve_product: ['openssl:openssl'] }],
    runtimes: [{ command: 'scan-inventory' }],
    vulnerabilities: [
      {
        ...{ id: 'CVE-2024-5535', package: 'openssl', vulnerable: false, automatic_vulnerable: false },
        automatic_assessments: [{ status: 'Version mismatch' }],
      },
    ],
  };

  test('the documented part is enough', async () => {
    const { report } = await read(documented);
    expect(report.packages).toMatchObject([{ id: 'openssl', name: 'openssl', version: '3.0.11' }]);
    expect(report.findings).toMatchObject([
      {
        ...{ vulnerability: { id: 'CVE-2024-5535', aliases: [] }, packageId: 'openssl', status: 'not_affected' },
        assessments: [{ status: 'version mismatch' }],
      },
    ]);
    expect(report.ledger).toMatchObject({ components: 1, matched: 1 });
    expect(written({ report, runs: [] })).toContain('"vulnerable":false');
  });

  test('a manual value is kept apart from the automatic one', async () => {
    const annotation = { last_status: 'false positive', last_vulnerable: false, logs: [] };
    const entry = { id: 'CVE-1', package: 'openssl', vulnerable: false, automatic_vulnerable: true, annotation };
    const { report } = await read({ ...documented, vulnerabilities: [entry] });
    expect(report.findings).toMatchObject([
      { status: 'not_affected', automaticStatus: 'affected', annotation: { status: 'false positive' } },
    ]);
  });

  for (const [change, message] of [
    [{ vulnerabilities: undefined }, 'report.json is no report of cvescan: vulnerabilities'],
    [{ vulnerabilities: [{ id: 'CVE-1' }] }, 'vulnerabilities.0.vulnerable'],
    [{ packages: {} }, 'packages'],
    [
      { vulnerabilities: [{ id: 'CVE-1', vulnerable: true, automatic_assessments: [{ status: 'lucky' }] }] },
      'there is no automatic assessment "lucky"',
    ],
  ] as const) {
    test(`refused: ${message}`, () => expect(read({ ...documented, ...change })).rejects.toThrow(message));
  }
});
