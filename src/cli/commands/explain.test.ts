import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';
import { SAMPLE_NOW, sampleReport } from '../../../test/sample-report.ts';
import type { Finding } from '../../model/finding.ts';
import { jsonFormat } from '../../reports/formats/json.ts';

const report = sampleReport({ allStatements: true });
const directory = mkdtempSync(join(tmpdir(), 'cvescan-explain-'));
const file = join(directory, 'report.json');

function write(name: string, findings: readonly Finding[]): string {
  const path = join(directory, name);
  const pieces = jsonFormat.render({ ...report, findings }, { color: false, columns: undefined, now: SAMPLE_NOW });
  writeFileSync(path, [...(pieces as Iterable<string>)].join(''));
  return path;
}

beforeAll(() => {
  write('report.json', report.findings);
});
afterAll(() => rmSync(directory, { recursive: true }));

const openssl = report.findings.find(({ vulnerability }) => vulnerability.id === 'CVE-2024-5535')!;

test('a finding is explained in words', async () => {
  const { code, stdout, stderr } = await runCommandLine(['explain', openssl.fingerprint, file]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatchInlineSnapshot(`
    "CVE-2024-5535 in libssl3 3.0.11-1~deb12u2: affected
      severity       critical, says nvd@nist.gov
      found in       var/lib/dpkg/status
      brought by     layer 0, sha256:aa: debootstrap bookworm
      asked as       openssl 3.0.11-1~deb12u2, by its source package
      advisory       CVE-2024-5535 of debian (part data.json, revision r1)
      it says        affected: before 3.0.14-1~deb12u1
      comparison     3.0.11-1~deb12u2 < 3.0.14-1~deb12u1 (dpkg)
      fix            3.0.14-1~deb12u1
      database       ffffffffffff
      fingerprint    3bfdd79a20abd4dbb7c6f96180751280

      Judged again from this proof alone: the same verdict.
    "
  `);
});

test('all findings of a vulnerability are, by any of its ids', async () => {
  const { stdout } = await runCommandLine(['explain', 'CVE-2024-5535', file]);
  expect(stdout.match(/^CVE-2024-5535 in /gm)).toHaveLength(2);
  expect((await runCommandLine(['explain', 'GHSA-jf85-cpcp-j695', file])).stdout).toContain('CVE-2019-10744 in lodash');
});

test('the beginning of a fingerprint is enough', async () => {
  const { stdout } = await runCommandLine(['explain', openssl.fingerprint.slice(0, 12), file]);
  expect(stdout).toContain(openssl.fingerprint);
});

test('as JSON, from standard input', async () => {
  const { code, stdout } = await runCommandLine(['explain', '-o', 'json', openssl.fingerprint, '-'], {
    stdin: JSON.stringify({ schemaVersion: '1.0', ...report, findings: [openssl] }),
  });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    explanations: [{ finding: openssl, replay: { status: 'affected', agrees: true, differences: [] } }],
  });
});

test('a report that was changed is said to be', async () => {
  const changed = write('changed.json', [{ ...openssl, status: 'not_affected' }]);
  const { code, stdout } = await runCommandLine(['explain', openssl.fingerprint, changed]);
  expect(code).toBe(3);
  expect(stdout).toContain('the status is "not_affected" in the report, "affected" by its proof');
});

describe('what cannot be explained', () => {
  for (const [argv, code, message] of [
    [['explain'], 2, 'give a fingerprint and a report'],
    [['explain', '0000000', file], 3, 'has the fingerprint 0000000'],
    [['explain', 'abcd', '/none.json'], 3, 'cannot read /none.json: it does not exist (ENOENT)'],
    [['explain', 'abcd', import.meta.filename], 3, 'is no JSON document'],
    [['explain', '-o', 'sarif', 'abcd', file], 2, '-o sarif: it is one of text, json'],
  ] as const) {
    test(message, async () => {
      const answer = await runCommandLine(argv);
      expect(answer).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
    });
  }
});
