import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGitObjects } from './git-objects.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cvescan-git-objects-'));
const repository = join(scratch, 'linux.git');
const options = { env: { PATH: process.env.PATH }, signal: new AbortController().signal, userAgent: 'cvescan/0' };

beforeAll(() => {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=master', repository]);
  const files = ['Makefile', 'a missing', 'b 2'].map(
    (path) => `M 100644 inline "${path}"\ndata 3\n${path.slice(0, 2)}\n\n`,
  );
  const commit = 'commit refs/heads/master\ncommitter a <a@localhost> 1767225600 +0000\ndata 1\na\n';
  execFileSync('git', ['-C', repository, 'fast-import', '--quiet'], { input: `${commit}${files.join('')}done\n` });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('objects of a repository', () => {
  test('are read by any name that git resolves, several at once', async () => {
    using objects = openGitObjects(repository, options);
    const names = [
      'HEAD:Makefile',
      'HEAD',
      'HEAD:nothing',
      '0'.repeat(40),
      'HEAD:a missing',
      'HEAD^{tree}',
      'HEAD:b 2',
    ];
    const read = await Promise.all(names.map((name) => objects.read(name)));
    expect(read.map((object) => object?.kind)).toEqual([
      'blob',
      'commit',
      undefined,
      undefined,
      'blob',
      'tree',
      'blob',
    ]);
    expect(read[0]?.content.toString()).toBe('Ma\n');
    expect(read[6]?.content.toString()).toBe('b \n');
    expect((await objects.read(read[0]!.id))?.content.toString()).toBe('Ma\n');
  });

  test('a name of two lines is no name, and later answers stay in step', async () => {
    using objects = openGitObjects(repository, options);
    expect(await objects.read('HEAD\nHEAD')).toBeUndefined();
    expect((await objects.read('HEAD:b 2'))?.kind).toBe('blob');
  });

  test('are not to be had where there is no repository', async () => {
    using objects = openGitObjects(join(scratch, 'none'), options);
    await expect(objects.read('HEAD')).rejects.toMatchObject({ code: 'feed.unreachable' });
  });
});
