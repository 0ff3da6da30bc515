import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { realTiming } from '../../platform/http.ts';
import { cloneDirectory, LINUX_REPOSITORY } from '../clone-directory.ts';
import { createFeedGit } from '../feed-git.ts';
import { startPublisher } from '../publisher.contract.ts';
import { linuxUpdater } from './linux.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cvescan-linux-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('the clone has all branches under their names, and no record comes of it', async () => {
  await using publisher = await startPublisher(resolve(import.meta.dirname, 'fixtures/linux'), join(scratch, 'remote'));
  const git = createFeedGit({
    ...{ mirror: publisher.url, gitDirectory: join(scratch, 'git'), version: '0', env: { PATH: process.env.PATH } },
    ...{ signal: new AbortController().signal, timing: realTiming },
  });
  const update = (held?: string) =>
    Array.fromAsync(linuxUpdater.fetch({ git, previous: { revisionOf: () => held } } as never));
  const [fetched] = await update();
  if (fetched?.kind !== 'document') throw new Error('nothing was fetched');
  const { revision } = fetched.document;
  const clone = cloneDirectory(join(scratch, 'git'), LINUX_REPOSITORY);
  const branches = execFileSync('git', [
    '--git-dir',
    clone,
    'for-each-ref',
    '--format=%(refname) %(objectname)',
    'refs/heads',
  ]);
  expect(branches.toString().trim()).toBe(`refs/heads/master ${revision}`);
  const parts = await Array.fromAsync(linuxUpdater.parse(fetched.document, { problem: () => {} }));
  expect(parts).toEqual([{ part: 'head', revision, records: [] }]);
  expect(await update(revision)).toEqual([{ kind: 'unchanged', name: 'head' }]);
});
