import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchRepository, listTree, readBlobs, resolveCommit } from './git.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cvescan-git-'));
const repository = join(scratch, 'feed.git');
const options = { env: { PATH: process.env.PATH }, signal: new AbortController().signal, userAgent: 'cvescan/0' };

const big = 'x'.repeat(300_000);
const files = { 'active/CVE-2022-0778': 'openssl', 'active/CVE-2021-3449': '', 'ignored/größe': 'ü\n', 'big.txt': big };

beforeAll(() => {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=master', repository]);
  const commit = 'commit refs/heads/master\ncommitter a <a@localhost> 1767225600 +0000\ndata 1\na\n';
  const blobs = Object.entries(files).map(
    ([path, text]) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`,
  );
  execFileSync('git', ['-C', repository, 'fast-import', '--quiet'], { input: `${commit}${blobs.join('')}done\n` });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a repository', () => {
  test('lists its files below a folder, sorted, with names as they are', async () => {
    const head = await resolveCommit(repository, 'HEAD', options);
    const pathsOf = async (folder?: string) =>
      (await listTree(repository, head, folder, options)).map(({ path }) => path);
    expect(await pathsOf()).toEqual(['active/CVE-2021-3449', 'active/CVE-2022-0778', 'big.txt', 'ignored/größe']);
    expect(await pathsOf('active')).toEqual(['active/CVE-2021-3449', 'active/CVE-2022-0778']);
    expect(await pathsOf('nowhere')).toEqual([]);
  });

  test('gives its blobs in the order asked, and survives missing ones', async () => {
    const head = await resolveCommit(repository, 'HEAD', options);
    const revisions = (await listTree(repository, head, undefined, options)).map(({ revision }) => revision);
    const asked = [revisions[2]!, '0'.repeat(40), revisions[0]!, ...Array.from({ length: 2000 }, () => revisions[1]!)];
    const read = await Array.fromAsync(readBlobs(repository, asked, options), (blob) => blob?.toString());
    expect(read.slice(0, 4)).toEqual([big, undefined, '', 'openssl']);
    expect(read).toHaveLength(asked.length);
  });

  test('may be read in part', async () => {
    const head = await resolveCommit(repository, 'HEAD', options);
    const [first] = await listTree(repository, head, 'active', options);
    for await (const blob of readBlobs(
      repository,
      Array.from({ length: 100 }, () => first!.revision),
      options,
    )) {
      expect(blob?.toString()).toBe('');
      break;
    }
  });

  test('is asked for ids only', async () => {
    await expect(Array.fromAsync(readBlobs(repository, ['HEAD'], options))).rejects.toMatchObject({
      code: 'feed.unreachable',
    });
  });
});

describe('what a URL may be', () => {
  for (const url of [
    repository,
    `file://${scratch}/feed.git`,
    'ext::sh -c "touch owned"',
    '--upload-pack=touch owned',
  ]) {
    test(`not ${url.replace(scratch, '…')}: only http and https are spoken`, async () => {
      const fetched = fetchRepository(join(scratch, 'clone.git'), url, {}, options);
      await expect(fetched).rejects.toMatchObject({ code: 'feed.unreachable' });
    });
  }

  test('a folder that is no repository says so', async () => {
    writeFileSync(join(scratch, 'HEAD'), 'no');
    await expect(resolveCommit(scratch, 'HEAD', options)).rejects.toThrow(/git rev-parse: .*not a git repository/);
  });
});
