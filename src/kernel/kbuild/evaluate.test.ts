import { describe, expect, test } from 'vitest';
import { treeOf } from '../fixtures/tree-of.ts';
import { compiledSources } from './evaluate.ts';

const TOP = {
  Makefile: 'drivers-y := drivers/\ninclude $(srctree)/arch/$(SRCARCH)/Makefile\n',
  'arch/arm/Makefile': '',
};

const cases: readonly (readonly [
  makefile: string,
  sources: readonly string[],
  compiled: readonly string[],
  shows: string,
])[] = [
  ['obj-$(CONFIG_ON) += a.o\nobj-$(CONFIG_OFF) += b.o', ['a.c', 'b.c'], ['a.c'], 'a symbol switches an object'],
  [
    'obj-m := x.o\nx-objs := a.o\nx-$(CONFIG_ON) += b.o',
    ['a.c', 'b.S', 'x.c'],
    ['a.c', 'b.S'],
    'members of a composite',
  ],
  ['obj-y := x.o\nx-y := x.o a.o', ['a.c', 'x.c'], ['a.c', 'x.c'], 'a list that names its own object'],
  ['obj-$(subst m,y,$(CONFIG_MOD)) += a.o', ['a.c'], ['a.c'], 'a left side with a function'],
  ['obj-y := x.o\nx-$(CONFIG_MOD:m=y) += a.o', ['a.c'], ['a.c'], 'a left side with a substitution'],
  ['ifeq ($(CONFIG_ON),y)\nobj-y := a.o\nelse\nobj-y := b.o\nendif', ['a.c', 'b.c'], ['a.c'], 'a condition'],
  ['obj-y := ../virt/a.o', ['../virt/a.c'], ['../virt/a.c'], 'a path that leads out of the folder'],
  ['obj-y := a.o\n$(obj)/a.o: $(srctree)/drivers/b.c', ['b.c'], ['b.c'], 'an explicit rule'],
  ['obj-y := $(addsuffix .o,$(filter-out b,a b))', ['a.c', 'b.c'], ['a.c'], 'functions'],
  [
    'obj-$(CONFIG_OFF) += core.o\ncore-objs := $(core-y)\ncore-y := a.o',
    ['a.c'],
    [],
    'a list that only another list uses',
  ],
  ['vobjs-y := a.o\nvobjs := $(vobjs-y)\n$(obj)/x.so: $(vobjs)', ['a.c'], ['a.c'], 'a list that a rule uses'],
  ['omap-y$(CONFIG_ON) := a.o\nomap-y := b.o', ['a.c', 'b.c'], [], 'a list that nothing uses'],
  ['ifeq ($(CONFIG_TEXT),"")\nobj-y := a.o\nelse\nobj-y := b.o\nendif', ['a.c', 'b.c'], ['a.c'], 'an empty text'],
  [
    'ifeq ($(shell x),y)\nobj-y += a.o\nelse\nobj-y += b.o\nendif',
    ['a.c', 'b.c'],
    ['a.c', 'b.c'],
    'a shell may say anything',
  ],
];

describe('compiledSources', () => {
  for (const [makefile, sources, compiled, shows] of cases) {
    test(shows, async () => {
      const at = (path: string) => (path.startsWith('../') ? path.slice(3) : `drivers/${path}`);
      const files = Object.fromEntries(sources.map((path) => [at(path), '']));
      const tree = treeOf({ ...TOP, ...files, 'drivers/Makefile': `${makefile}\n` });
      const build = { srcArch: 'arm', symbols: { ON: 'y', MOD: 'm', OFF: 'n', TEXT: '' }, isComplete: true };
      expect(await compiledSources(tree, build)).toEqual(compiled.map(at));
    });
  }

  test('a symbol that a partial list does not name counts as set', async () => {
    const tree = treeOf({
      ...TOP,
      'drivers/Makefile': 'obj-$(CONFIG_ANY) += a.o\nobj-$(CONFIG_OFF) += b.o',
      'drivers/a.c': '',
      'drivers/b.c': '',
    });
    expect(await compiledSources(tree, { srcArch: 'arm', symbols: { OFF: 'n' }, isComplete: false })).toEqual([
      'drivers/a.c',
    ]);
  });

  test('expanding has a limit', async () => {
    const tree = treeOf({ ...TOP, 'drivers/Makefile': 'obj-y := $(A)$(A)\n' });
    const build = { srcArch: 'arm', symbols: {}, isComplete: true };
    const limits = { maxSteps: 1, maxTextChars: 100, maxDepth: 10 };
    await expect(compiledSources(tree, build, limits)).rejects.toMatchObject({ code: 'kernel.limit-exceeded' });
  });
});

test.each([
  ['is listed and cannot be read', { 'drivers/net/e.c': '', 'drivers/net/Makefile': '' }],
  ['is not there, and others hang on it', { 'drivers/net/x/e.c': '', 'drivers/net/x/Makefile': 'obj-y := e.o' }],
])('a folder whose makefile %s leaves nothing to be told', async (_, files) => {
  const whole = treeOf({ ...TOP, 'drivers/Makefile': 'obj-y += net/', ...files });
  const listed = {
    ...whole,
    read: async (path: string) => (path === 'drivers/net/Makefile' ? undefined : whole.read(path)),
  };
  const build = { srcArch: 'arm', symbols: {}, isComplete: true };
  await expect(compiledSources(listed, build)).rejects.toThrow(expect.objectContaining({ code: 'kernel.implausible' }));
});

test('a folder without any makefile has nothing to compile', async () => {
  const tree = treeOf({ ...TOP, 'drivers/Makefile': 'obj-y += net/ a.o', 'drivers/a.c': '', 'drivers/net/e.c': '' });
  expect(await compiledSources(tree, { srcArch: 'arm', symbols: {}, isComplete: true })).toEqual(['drivers/a.c']);
});
