import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';
import { SAMPLE_NOW, sampleReport } from '../../../test/sample-report.ts';
import { writeCvescanReport } from '../../reports/cvescan-report/write.ts';
import { jsonFormat } from '../../reports/formats/json.ts';

const directory = mkdtempSync(join(tmpdir(), 'cvescan-diff-'));
afterAll(() => rmSync(directory, { recursive: true }));
const written = (name: string, pieces: Iterable<string>): string => {
  const file = join(directory, name);
  writeFileSync(file, [...pieces].join(''));
  return file;
};
const context = { color: false, columns: undefined, now: SAMPLE_NOW };
const render = (report: ReturnType<typeof sampleReport>) => jsonFormat.render(report, context) as Iterable<string>;

const report = sampleReport();
const full = written('full.json', render(report));
const empty = written('empty.json', render({ ...report, findings: [], vulnerabilities: [] }));
const inventory = written('inventory.json', writeCvescanReport({ report, runs: [{ command: 'scan-inventory' }] }));

describe('diff', () => {
  for (const [argv, code, out, shows] of [
    [[full, full], 0, 'The findings are the same.', 'the same report'],
    [[full, inventory], 0, 'The findings are the same.', 'the same report in another shape'],
    [[empty, full], 0, /New \(\d+\)/, 'new ones'],
    [['--fail-on-new', empty, full], 10, /New \(\d+\)/, 'a gate'],
    [['--fail-on-new', full, empty], 0, /Gone \(\d+\)/, 'nothing new'],
    [['-o', 'json', full, full], 0, '"new":[]', 'for programs'],
  ] as const) {
    test(`${code}: ${shows}`, async () => {
      const answer = await runCommandLine(['diff', ...argv]);
      expect(answer.code).toBe(code);
      expect(answer.stdout).toMatch(out);
    });
  }

  for (const [argv, code, message] of [
    [[full], 2, 'give two reports'],
    [[full, full, full], 2, 'give two reports'],
    [['-o', 'csv', full, full], 2, '-o csv: it is one of table, json'],
    [[full, '/none.json'], 3, 'cannot read /none.json: it does not exist (ENOENT)'],
    [[full, written('bad.json', ['{}'])], 3, 'bad.json is no report of cvescan'],
  ] as const) {
    test(`${code}: ${message}`, async () =>
      expect(await runCommandLine(['diff', ...argv])).toMatchObject({
        code,
        stderr: expect.stringContaining(message),
      }));
  }
});
