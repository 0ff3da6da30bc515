import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTree } from './tree.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cvescan-tree-'));
const git = { env: { PATH: process.env.PATH }, signal: new AbortController().signal, userAgent: 'cvescan/0' };
const files = { Makefile: 'VERSION = 6\n', 'init/main.c': 'main\n', 'init/Makefile': 'obj-y := main.o\n' };
const work = join(scratch, 'work');
const skeleton = join(scratch, 'skeleton');
const bare = join(scratch, 'linux.git');

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeAll(() => {
  for (const [path, text] of Object.entries(files)) write(work, path, text);
  write(work, '.git/HEAD', 'nothing of ours');
  symlinkSync('/etc/passwd', join(work, 'link'));
  write(skeleton, 'Makefile', files.Makefile);
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=master', bare]);
  const blobs = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\ndata ${text.length}\n${text}\n`);
  const commit = 'commit refs/heads/master\ncommitter a <a@localhost> 1767225600 +0000\ndata 1\na\n';
  execFileSync('git', ['-C', bare, 'fast-import', '--quiet'], { input: `${commit}${blobs.join('')}done\n` });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a tree', () => {
  test('of a directory has its files; a link is a name without content', async () => {
    using tree = await openTree({ directory: work }, git);
    expect(tree.paths).toEqual(['Makefile', 'init/Makefile', 'init/main.c', 'link']);
    expect(await tree.read('init/Makefile')).toBe(files['init/Makefile']);
    expect(await tree.read('link')).toBeUndefined();
    expect(await tree.read('../work/Makefile')).toBeUndefined();
  });

  test('of a bare repository is read through git', async () => {
    using tree = await openTree({ directory: bare }, git);
    expect(tree.paths).toEqual(['Makefile', 'init/Makefile', 'init/main.c']);
    expect(await Promise.all(tree.paths.map((path) => tree.read(path)))).toEqual([
      files.Makefile,
      files['init/Makefile'],
      files['init/main.c'],
    ]);
    expect(await tree.read('nothing')).toBeUndefined();
    expect(tree.identity).toMatch(/^git:[0-9a-f]{40}$/);
  });

  test('of Makefiles alone has the paths it is told', async () => {
    const paths = ['./init/main.c', './Makefile', ''];
    using tree = await openTree({ directory: skeleton, paths }, git);
    expect(tree.paths).toEqual(['Makefile', 'init/main.c']);
    expect(await tree.read('init/main.c')).toBeUndefined();
  });

  test('changes its identity with a file', async () => {
    const identity = async (paths: readonly string[]) => (await openTree({ directory: skeleton, paths }, git)).identity;
    const first = await identity(['init/main.c']);
    expect(await identity(['init/main.c'])).toBe(first);
    expect(await identity(['init/main.c', 'init/other.c'])).not.toBe(first);
    utimesSync(join(skeleton, 'Makefile'), 1, 1);
    expect(await identity(['init/main.c'])).not.toBe(first);
  });

  const refused: readonly (readonly [string, string, object])[] = [
    ['nowhere', 'kernel.not-found', {}],
    ['skeleton', 'kernel.not-found', {}],
    ['linux.git', 'feed.unreachable', { revision: 'v9.9' }],
  ];
  for (const [name, code, more] of refused) {
    test(`is not made of ${name}: ${code}`, async () => {
      await expect(openTree({ directory: join(scratch, name), ...more }, git)).rejects.toMatchObject({ code });
    });
  }

  test('has at most maxFiles files, and gives none above maxFileBytes', async () => {
    const limits = { maxFiles: 4, maxFileBytes: files['init/Makefile'].length };
    using tree = await openTree({ directory: work }, git, limits);
    expect(await tree.read('init/Makefile')).toBe(files['init/Makefile']);
    using smaller = await openTree({ directory: work }, git, { ...limits, maxFileBytes: limits.maxFileBytes - 1 });
    expect(await smaller.read('init/Makefile')).toBeUndefined();
    for (const directory of [work, bare]) {
      await expect(openTree({ directory }, git, { ...limits, maxFiles: 2 })).rejects.toMatchObject({
        code: 'kernel.limit-exceeded',
      });
    }
  });
});
