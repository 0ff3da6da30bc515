import { describe, expect, test } from 'vitest';
import { examineBuild } from './examine-build.ts';
import { KERNEL, treeOf } from './fixtures/tree-of.ts';

const ARM = { srcArch: 'arm', symbols: { OFF: 'n' }, isComplete: true, release: '6.1.99' };

test('a build has the sources and headers that it compiles', async () => {
  const { sources, headers } = await examineBuild(treeOf(KERNEL), ARM);
  expect([...sources]).toEqual([
    'arch/arm/kernel/setup.c',
    'init/main.c',
    'kernel/fork.c',
    'lib/bitmap.c',
    'mm/memory.c',
  ]);
  expect([...(headers ?? [])]).toEqual(['include/linux/init.h']);
});

test('without contents nothing is known of headers', async () => {
  const isRead = (path: string) => /(Makefile|Kbuild)$/.test(path);
  const files = Object.fromEntries(Object.entries(KERNEL).filter(([path]) => isRead(path)));
  const { headers } = await examineBuild(treeOf(files, Object.keys(KERNEL)), ARM);
  expect(headers).toBeUndefined();
});

test('a kernel without memory management has mm/nommu.c instead', async () => {
  const files = { ...KERNEL, 'mm/Makefile': 'obj-y := nommu.o\n', 'mm/nommu.c': '' };
  expect((await examineBuild(treeOf(files), ARM)).sources.has('mm/nommu.c')).toBe(true);
});

describe('no answer is given', () => {
  const cases: readonly (readonly [why: string, files: object, build: object, message: RegExp])[] = [
    ['of an architecture that the tree lacks', {}, { srcArch: 'arm64' }, /no architecture arm64/],
    ['of a configuration of another series', {}, { release: '5.10.7' }, /one of Linux 5.10, the tree is Linux 6.1/],
    ['where init/main.c is not compiled', { 'init/Makefile': '' }, {}, /init\/main\.c is in every kernel/],
    ['where mm/memory.c is not compiled', { 'mm/Makefile': '' }, {}, /mm\/memory\.c or mm\/nommu\.c/],
    ['where lib/ was not entered', { 'lib/Makefile': '' }, {}, /lib\/bitmap\.c/],
    ['where the architecture was not entered', { 'arch/arm/Makefile': '' }, {}, /no file of arch\/arm/],
  ];
  for (const [why, files, build, message] of cases) {
    test(why, async () => {
      const answer = examineBuild(treeOf({ ...KERNEL, ...files }), { ...ARM, ...build });
      await expect(answer).rejects.toMatchObject({
        code: 'kernel.implausible',
        message: expect.stringMatching(message),
      });
    });
  }
});
