import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { kernelReportSchema } from './schema.ts';

const reference = resolve(import.meta.dirname, '../../../docs/reference');

test('the reference has the schema, and explains every key', async () => {
  const schema = z.toJSONSchema(kernelReportSchema);
  await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot(
    `${reference}/kernel-report.schema.json`,
  );
  const text = readFileSync(`${reference}/kernel-report.md`, 'utf8');
  const { shape } = kernelReportSchema;
  const keys = [
    ...Object.keys(shape),
    ...Object.keys(shape.funnel.shape),
    ...Object.keys(shape.verdicts.element.shape),
  ];
  expect(keys.filter((key) => !text.includes(`\`${key}\``))).toEqual([]);
});
