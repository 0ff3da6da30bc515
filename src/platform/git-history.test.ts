import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { GitRepository } from '../kernel/fixtures/git-repository.ts';
import {
  changedFiles,
  commitsBeyond,
  isAncestor,
  knownCommits,
  patchIds,
  readPatches,
  rootsBeyond,
  subjectsOf,
} from './git-history.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cvescan-git-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const git = { env: { PATH: process.env.PATH }, signal: new AbortController().signal, userAgent: 'cvescan/0' };

const repository = new GitRepository(join(scratch, 'a.git'));
const { directory } = repository;
const root = repository.commit({ subject: 'one', files: { 'a b\nc': '1\n', 'd/é': '1\n' } });
const second = repository.commit({ subject: 'two', parents: [root], files: { 'a b\nc': '2\n', 'd/é': '1\n' } });
const third = repository.commit({ subject: 'three', parents: [second], files: { 'a b\nc': '2\n', 'd/é': '3\n' } });
const other = repository.commit({ subject: 'elsewhere', files: { x: '' } });
const nothing = '0'.repeat(40);
repository.head(third);

test('files are those that a commit changes, whatever their names', async () => {
  expect([...(await changedFiles(directory, [third, second, root], git))]).toEqual([
    [third, ['d/é']],
    [second, ['a b\nc']],
    [root, ['a b\nc', 'd/é']],
  ]);
  expect((await changedFiles(directory, [], git)).size).toBe(0);
});

test('what the repository lacks is left out, and the rest is read', async () => {
  const lacking = repository.commit({ subject: 'gone', parents: [root], files: { 'lost/file': 'lost\n' } });
  const patches = new Map<string, string>();
  repository.remove(`${repository.blobOf('lost\n')}`);
  for await (const [commit, patch] of readPatches(directory, [second, lacking, third], git)) patches.set(commit, patch);
  expect([...patches.keys()]).toEqual([second, third]);
  repository.remove(repository.treeOf({ file: 'lost\n' }));
  expect([...(await changedFiles(directory, [second, lacking, third], git)).keys()]).toEqual([second, third]);
});

test('commits are known, have subjects, descend from each other', async () => {
  expect([...(await knownCommits(directory, [root.slice(0, 12), nothing, third], git))]).toEqual([
    [root.slice(0, 12), root],
    [third, third],
  ]);
  expect([...(await subjectsOf(directory, [third, root], git))]).toEqual([
    [third, 'three'],
    [root, 'one'],
  ]);
  expect(await isAncestor(directory, root, third, git)).toBe(true);
  expect(await isAncestor(directory, third, root, git)).toBe(false);
  expect(await isAncestor(directory, nothing, root, git)).toBe(false);
});

test('roots and commits beyond others are found', async () => {
  expect(await rootsBeyond(directory, { heads: [third], base: root }, git)).toEqual([]);
  expect(await rootsBeyond(directory, { heads: [third, other], base: root }, git)).toEqual([other]);
  expect(await commitsBeyond(directory, { head: third, others: [root], maxCount: 9 }, git)).toEqual([third, second]);
  expect(await commitsBeyond(directory, { head: third, others: [root], maxCount: 1 }, git)).toEqual([third]);
});

test('the same change has the same patch id', async () => {
  const again = repository.commit({ subject: 'again', parents: [root], files: { 'a b\nc': '1\n', 'd/é': '3\n' } });
  const ids = await patchIds(directory, [second, third, again], git);
  expect(ids.get(again)).toBe(ids.get(third));
  expect(ids.get(second)).not.toBe(ids.get(third));
});
