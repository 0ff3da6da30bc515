import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BuildRecord } from './build-record.ts';
import { examineBuild, examineRecordedBuild } from './examine-build.ts';
import { KERNEL, treeOf } from './fixtures/tree-of.ts';
import { openResultCache } from './result-cache.ts';

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

test('a second look at the same tree and configuration reads the cache, whatever became of it', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cvescan-build-'));
  try {
    const cache = openResultCache(scratch);
    const first = await examineBuild(treeOf(KERNEL), ARM, cache);
    const unreadable = {
      ...treeOf(KERNEL),
      read: async (path: string) => (path === 'Makefile' ? KERNEL[path] : undefined),
    };
    expect((await examineBuild(unreadable, ARM, cache)).sources).toEqual(first.sources);
    for (const name of readdirSync(scratch)) writeFileSync(join(scratch, name), 'damaged');
    expect((await examineBuild(treeOf(KERNEL), ARM, cache)).headers).toEqual(first.headers);
    await expect(examineBuild(unreadable, { ...ARM, symbols: { OFF: 'y' } }, cache)).rejects.toMatchObject({
      code: 'kernel.implausible',
    });
  } finally {
    rmSync(scratch, { recursive: true });
  }
});

describe('what a build wrote down', () => {
  const LIMITS = { minSources: 5, minKnownShare: 0.8 };
  const compiled = Object.keys(KERNEL).filter((path) => path.endsWith('.c'));
  const recordOf = (paths: readonly string[], namesHeaders = false): BuildRecord => ({
    origin: 'list',
    paths,
    namesHeaders,
  });
  const files = { ...KERNEL, 'drivers/a.c': '', 'drivers/b.S': '' };
  const examine = (record: BuildRecord, limits = LIMITS) => examineRecordedBuild(treeOf(files), ARM, record, limits);

  test('is what was compiled, wherever the build was', async () => {
    for (const root of ['', './', '/build/linux-6.1/', '../']) {
      const { sources, headers } = await examine(recordOf([...compiled, 'drivers/a.c'].map((path) => root + path)));
      expect([...sources].sort()).toEqual([...compiled, 'drivers/a.c'].sort());
      expect([...(headers ?? [])]).toEqual(['include/linux/init.h']);
    }
  });

  test('tells of the kinds of files only that are in it', async () => {
    expect((await examine(recordOf(compiled))).endings).toEqual(['.c']);
    expect((await examine(recordOf([...compiled, 'drivers/b.S']))).endings).toEqual(['.c', '.S']);
  });

  test('names headers itself, if it does', async () => {
    const { headers } = await examine(recordOf([...compiled, 'include/linux/other.h'], true));
    expect([...(headers ?? [])]).toEqual(['include/linux/other.h']);
  });

  const refused: readonly (readonly [why: string, paths: readonly string[], limits: typeof LIMITS, message: RegExp])[] =
    [
      ['with too few files', compiled, { ...LIMITS, minSources: 6 }, /5 listed files are too few .*minSources 6/],
      [
        'without what every kernel has',
        [...compiled.slice(1), 'drivers/a.c', 'a.c'].filter((path) => path !== 'mm/memory.c'),
        LIMITS,
        /mm\/memory\.c or mm\/nommu\.c/,
      ],
      [
        'of another architecture',
        [...compiled.filter((path) => !path.startsWith('arch/')), 'drivers/a.c'],
        LIMITS,
        /no file of arch\/arm/,
      ],
      ['of another tree', [...compiled, 'other/a.c', 'other/b.c'], LIMITS, /of 7 listed files the tree has 5/],
      ['with two roots', ['a/', 'b/'].flatMap((root) => compiled.map((path) => root + path)), LIMITS, /init\/main\.c/],
    ];
  for (const [why, paths, limits, message] of refused) {
    test(`is refused ${why}`, async () => {
      await expect(examine(recordOf(paths), limits)).rejects.toMatchObject({
        code: 'kernel.implausible',
        message: expect.stringMatching(message),
      });
    });
  }

  test('a list of 365 files is refused', async () => {
    const many = Array.from({ length: 360 }, (_, at) => `drivers/d${at}.c`);
    await expect(examineRecordedBuild(treeOf(files), ARM, recordOf([...compiled, ...many]))).rejects.toMatchObject({
      code: 'kernel.implausible',
      message: expect.stringMatching(/365 listed files are too few/),
    });
  });
});
