import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';

const directory = mkdtempSync(join(tmpdir(), 'cvescan-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

function written(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

test('config check takes what Clair takes, and warns of what it would ignore', async () => {
  const file = written('warned.yml', 'clair:\n  api:\n    prot: 6060\n');
  expect(await runCommandLine(['config', 'check', file])).toEqual({
    code: 0,
    stdout: `${file} is a configuration that cvescan takes\n`,
    stderr: `warning: ${file}: unknown key clair.api.prot; did you mean clair.api.port?\n`,
  });
});

test('config check says what is wrong', async () => {
  const file = written('wrong.yml', 'clair:\n  api:\n    timeout: 900\n');
  const { code, stderr } = await runCommandLine(['config', 'check', file]);
  expect([code, stderr]).toEqual([
    2,
    `cvescan: ${file}: clair.api.timeout is a duration with its unit, e.g. 900s or 2h\n`,
  ]);
  expect((await runCommandLine(['config', 'check'])).stderr).toBe('cvescan: give one FILE\n');
});

test('config print shows the file with the defaults, without secrets', async () => {
  const file = written('printed.yml', 'clair: {api: {port: 7070}}\nnotifications: {secret: hush}\n');
  const { code, stdout } = await runCommandLine(['config', 'print', file]);
  expect(code).toBe(0);
  expect((await runCommandLine(['config', 'print', '--config', file])).stdout).toBe(stdout);
  expect(await runCommandLine(['config', 'print', file, file])).toMatchObject({ code: 2, stdout: '' });
  expect(stdout).toMatch(new RegExp(`^# ${file}\n`));
  expect(stdout).toContain('port: 7070');
  expect(stdout).toContain('drain_seconds: 10');
  expect(stdout).not.toContain('hush');
});
