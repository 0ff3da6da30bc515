import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCommandLine } from '../../test/command-line.ts';
import { readSourceOptions } from './source-options.ts';

const judging = { detection: 'nvd,!distribution', 'min-confidence': 'product' };

test('what the options do not say, the configuration does', () => {
  expect(readSourceOptions({}, {})).toEqual({});
  const configured = readSourceOptions({}, { judging });
  expect(configured).toEqual(readSourceOptions({ detection: 'nvd,!distribution', 'min-confidence': 'product' }, {}));
  expect(readSourceOptions({ 'min-confidence': 'exact' }, { judging })).toEqual({
    ...configured,
    minConfidence: 'exact',
  });
});

test('a source of the configuration that there is not is refused by scan and scan-inventory', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-sources-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'config.yml');
  writeFileSync(file, 'detection: [mitre]\n');
  const inventory = join(directory, 'purls.txt');
  writeFileSync(inventory, 'pkg:npm/lodash@1.0.0\n');
  for (const command of ['scan', 'scan-inventory']) {
    const { code, stderr } = await runCommandLine([command, '--config', file, inventory]);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('mitre');
  }
});
