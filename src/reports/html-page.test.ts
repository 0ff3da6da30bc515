import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reportPage } from '../../tools/build-report-page.ts';

test('the page of the HTML report is made from web/report as it is', async () => {
  const made = readFileSync(join(import.meta.dirname, 'html-page.ts'), 'utf8');
  expect(made === (await reportPage()), 'run node tools/build-report-page.ts').toBe(true);
});
