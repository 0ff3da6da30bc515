import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { SAMPLE_NOW, sampleReport } from '../../../test/sample-report.ts';
import type { ScanReport } from '../../model/scan-report.ts';
import { readReport } from '../read-report.ts';
import { reportSchema } from '../report-schema.ts';
import { jsonFormat } from './json.ts';

const reference = resolve(import.meta.dirname, '../../../docs/reference');
const context = { color: false, columns: undefined, now: SAMPLE_NOW };

const render = (report: ScanReport): string => [...(jsonFormat.render(report, context) as Iterable<string>)].join('');

const sample = sampleReport({ allStatements: true });

test('the schema of the reference is the one that reports are read by', async () => {
  const schema = `${JSON.stringify(z.toJSONSchema(reportSchema), undefined, 2)}\n`;
  await expect(schema).toMatchFileSnapshot(`${reference}/report.schema.json`);
});

test('a report follows the schema, and nothing in it goes beyond', () => {
  const validate = new Ajv2020({ strict: false }).compile(
    JSON.parse(readFileSync(`${reference}/report.schema.json`, 'utf8')),
  );
  validate(JSON.parse(render(sample)));
  expect(validate.errors).toBeNull();
});

test('every key is explained in the reference', () => {
  const text = readFileSync(`${reference}/report-json.md`, 'utf8');
  const { properties } = z.toJSONSchema(reportSchema);
  const keys = [...Object.keys(properties ?? {}), ...Object.keys(reportSchema.shape.findings.element.shape)];
  expect(keys.filter((key) => !text.includes(`\`${key}\``))).toEqual([]);
});

test('a report read back is the same', async () => {
  expect(await readReport(render(sample), 'report.json')).toEqual({ ...sample, schemaVersion: '1.0' });
});

test('the same report gives the same bytes, in whatever order its objects came to be', () => {
  const reversed = <T extends object>(item: T): T => Object.fromEntries(Object.entries(item).reverse()) as T;
  const report = { ...sample, packages: sample.packages.map(reversed), findings: sample.findings.map(reversed) };
  expect(render(reversed(report))).toBe(render(sample));
});

test('an empty report is whole too', () => {
  const empty = { ...sample, layers: [], packages: [], vulnerabilities: [], findings: [], problems: [] };
  expect(JSON.parse(render(empty))).toMatchObject({ packages: [], findings: [], problems: [] });
});

test('large reports come in pieces', () => {
  const findings = Array.from({ length: 500 }, () => sample.findings[0]!);
  const pieces = [...(jsonFormat.render({ ...sample, findings }, context) as Iterable<string>)];
  expect(pieces.length).toBeGreaterThan(3);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(80_000);
  expect(JSON.parse(pieces.join('')).findings).toHaveLength(500);
});

describe('what is no report is said', () => {
  for (const [text, message] of [
    ['<html>', 'r.json is no JSON document'],
    ['{}', 'r.json is no report of cvescan: schemaVersion:'],
    [JSON.stringify({ ...JSON.parse(render(sample)), schemaVersion: '2.0' }), 'schemaVersion:'],
    [JSON.stringify({ ...JSON.parse(render(sample)), findings: [{}] }), 'findings.0.fingerprint:'],
  ] as const) {
    test(message, () =>
      expect(readReport(text, 'r.json')).rejects.toMatchObject({
        code: 'report.malformed',
        message: expect.stringContaining(message),
      }),
    );
  }
});
