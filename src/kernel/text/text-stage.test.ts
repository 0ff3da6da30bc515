import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { KernelVulnerability } from '../../model/kernel-vulnerability.ts';
import { GitRepository } from '../fixtures/git-repository.ts';
import { treeOf } from '../fixtures/tree-of.ts';
import { judgeByText } from './text-stage.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cvescan-text-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const git = { env: { PATH: process.env.PATH }, signal: new AbortController().signal, userAgent: 'cvescan/0' };

const repository = new GitRepository(join(scratch, 'linux.git'));
const lines = Array.from({ length: 20 }, (_, at) => `\tstep_number_${at}(device);`);
const text = (...added: readonly number[]): string =>
  lines
    .flatMap((line, at) => (added.includes(at) ? [`\tcheck_before(${at});`, `\tlock_device(${at});`, line] : [line]))
    .join('\n');
const root = repository.commit({ subject: 'a', files: { 'drivers/a.c': text() } });
const first = repository.commit({ subject: 'b', parents: [root], files: { 'drivers/a.c': text(5) } });
const second = repository.commit({ subject: 'c', parents: [first], files: { 'drivers/a.c': text(5, 12) } });
repository.head(second);

const flaw = (
  id: string,
  mainlineFixes: readonly string[],
  more: Partial<KernelVulnerability> = {},
): KernelVulnerability => ({
  ...{ id, title: '', source: 'linux_cna', groups: [], files: ['drivers/a.c'], breakFixes: [] },
  mainlineFixes,
  ...more,
});

const judge = async (source: string, ...vulnerabilities: readonly KernelVulnerability[]) => {
  const { directory } = repository;
  const found = await judgeByText({ directory, git, tree: treeOf({ 'drivers/a.c': source }), vulnerabilities });
  return vulnerabilities.map(({ id }) => found.get(id)?.verdict ?? found.get(id)?.reason);
};

test('a fix that stands in the sources is there, and every fix is needed', async () => {
  const flaws = [flaw('A', [first]), flaw('B', [second]), flaw('C', [first, second])];
  const missing = 'its fix is not found in the sources, which proves nothing';
  expect(await judge(text(5), ...flaws)).toEqual(['fixed', missing, missing]);
  expect(await judge(text(5, 12), ...flaws)).toEqual(['fixed', 'fixed', 'fixed']);
  expect(await judge(text(), ...flaws)).toEqual([missing, missing, missing]);
});

test("a stable branch's own fix will do, and so will any of Ubuntu's alternatives", async () => {
  const unknown = 'd'.repeat(40);
  const groups = [{ fixes: [{ version: '6.1.7', commit: first }] }];
  const fixes = [unknown, first].map((commit) => ({ kind: 'commit', commit, isExact: true }) as const);
  expect(await judge(text(5), flaw('A', [unknown], { groups }))).toEqual(['fixed']);
  expect(await judge(text(5), flaw('A', [], { breakFixes: [{ breaks: [], fixes }] }))).toEqual(['fixed']);
});

test('without a diff nothing is said', async () => {
  expect(await judge(text(5), flaw('A', ['d'.repeat(40)]))).toEqual(['the diff of its fix is not at hand']);
  expect(await judge(text(5), flaw('A', []))).toEqual(['no fix is known']);
});
