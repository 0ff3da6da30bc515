import { describe, expect, test } from 'vitest';
import type { KernelVulnerability } from '../model/kernel-vulnerability.ts';
import { type ExaminedBuild, examineBuild } from './examine-build.ts';
import { KERNEL, treeOf } from './fixtures/tree-of.ts';
import { judgeByConfig } from './judge-by-config.ts';

const FILES: Readonly<Record<string, string>> = {
  ...KERNEL,
  'drivers/Makefile': 'obj-y := on.o\nobj-$(CONFIG_OFF) += off.o sub/\n',
  'drivers/on.c': '#include "used.h"\n#include "part.c"\n',
  'drivers/used.h': '',
  'drivers/part.c': '',
  'drivers/off.c': '',
  'sound/pci/Makefile': 'obj-$(CONFIG_OFF) += ens1370.o\n',
  'sound/pci/ens1370.c': '',
  'drivers/off.h': '',
  'drivers/lonely.c': '',
  'drivers/module.rs': '',
  'drivers/sub/Makefile': 'obj-y := whole.o\nwhole-y := member.o\n',
  'drivers/sub/member.c': '',
  'arch/x86/kernel/only.c': '',
  'tools/perf.c': '',
};
const ARM = { srcArch: 'arm', symbols: { OFF: 'n' }, isComplete: true };

const whole = await examineBuild(treeOf(FILES), ARM);
const isMakefile = ([path]: readonly [string, string]) => path.endsWith('Makefile');
const makefiles = Object.fromEntries(Object.entries(FILES).filter(isMakefile));
const skeleton = await examineBuild(treeOf(makefiles, Object.keys(FILES)), ARM);

const judge = (files: readonly string[], build: ExaminedBuild, more = {}) =>
  judgeByConfig(vulnerabilityOf(files), build, { branch: '6.1', ...more });

function vulnerabilityOf(files: readonly string[], more: Partial<KernelVulnerability> = {}): KernelVulnerability {
  const about = { id: 'CVE-2024-0001', title: '', source: 'linux_cna', groups: [], mainlineFixes: [] } as const;
  return { ...about, breakFixes: [], files, ...more };
}

const cases: readonly (readonly [files: readonly string[], sources: string, makefilesAlone: string, shows: string])[] =
  [
    [['drivers/on.c'], 'open', 'open', 'compiled code'],
    [['drivers/on.c', 'drivers/off.c'], 'open', 'open', 'compiled in part'],
    [['drivers/off.c'], 'requires_configuration', 'requires_configuration', 'a symbol that is not set'],
    [['drivers/sub/member.c'], 'requires_configuration', 'requires_configuration', 'a member of a folder not entered'],
    [['drivers/off.c', 'drivers/off.h'], 'requires_configuration', 'requires_configuration', 'an unused header beside'],
    [['drivers/off.c', 'drivers/used.h'], 'open', 'requires_configuration', 'a used header beside'],
    [['drivers/off.h'], 'requires_configuration', 'open', 'an unused header alone'],
    [['drivers/used.h'], 'open', 'open', 'a used header alone'],
    [['drivers/part.c'], 'open', 'open', 'a source that is included only'],
    [['drivers/lonely.c'], 'requires_configuration', 'open', 'a source that no Makefile names'],
    [['sound/pci/ens1370.c'], 'requires_configuration', 'open', 'a source that is named, and that another includes'],
    [['drivers/module.rs'], 'requires_configuration', 'requires_configuration', 'Rust in a kernel without'],
    [['drivers/moved.c'], 'open', 'open', 'a path that the tree lacks'],
    [['drivers/off.c', 'drivers/moved.c'], 'open', 'open', 'one path of two that the tree lacks'],
    [['drivers/moved.h'], 'open', 'open', 'a header that the tree lacks'],
    [['arch/x86/kernel/only.c'], 'code_not_present', 'code_not_present', 'another architecture'],
    [['arch/x86/include/asm/io.h'], 'code_not_present', 'code_not_present', "another architecture's header"],
    [['arch/x86/kernel/only.c', 'drivers/on.c'], 'open', 'open', 'another architecture, and common code'],
    [
      ['arch/x86/kernel/only.c', 'drivers/off.c'],
      'requires_configuration',
      'requires_configuration',
      'neither of both',
    ],
    [['tools/perf.c'], 'code_not_present', 'code_not_present', 'a tool'],
    [['Documentation/x.rst', 'tools/perf.c'], 'code_not_present', 'code_not_present', 'a tool and its text'],
    [['drivers/Kconfig'], 'open', 'open', 'no code at all'],
    [['drivers/Kconfig', 'drivers/off.c'], 'requires_configuration', 'requires_configuration', 'a symbol and its code'],
    [['drivers/off.c', 'drivers/table.strange'], 'open', 'open', 'a file of an unknown kind'],
    [[], 'open', 'open', 'no files are known'],
  ];

for (const [name, build, column] of [
  ['with the sources', whole, 1],
  ['with the Makefiles alone', skeleton, 2],
] as const) {
  describe(name, () => {
    for (const row of cases) {
      const [files, , , shows] = row;
      test(`${row[column]}: ${shows}`, () => {
        const { verdict, justification, reason } = judge(files, build);
        expect(reason).not.toBe('');
        if (row[column] === 'open') expect(verdict).toBeUndefined();
        else expect([verdict, justification]).toEqual(['not_affected', row[column]]);
      });
    }
  });
}

test('the evidence leads from the file to the symbol', () => {
  const { evidence } = judge(['drivers/sub/member.c', 'drivers/off.h'], skeleton);
  expect(evidence).toEqual({
    files: [
      'drivers/sub/member.c <- whole-y (drivers/sub/Makefile) <- obj-y (drivers/sub/Makefile) <- obj-$(CONFIG_OFF) (drivers/Makefile) <- drivers-y (Makefile)',
    ],
    symbols: ['CONFIG_OFF is not set'],
    headersNotExamined: ['drivers/off.h'],
  });
});

test('strict headers keep a flaw open where they cannot be examined', () => {
  const files = ['drivers/off.c', 'drivers/off.h'];
  expect(judge(files, skeleton, { strictHeaders: true }).verdict).toBeUndefined();
  expect(judge(files, whole, { strictHeaders: true }).verdict).toBe('not_affected');
});

test("the paths of the branch's own fix count", () => {
  const vulnerability = vulnerabilityOf(['drivers/moved.c'], { stableFiles: { '6.1': ['drivers/off.c'] } });
  expect(judgeByConfig(vulnerability, skeleton, { branch: '6.1' }).verdict).toBe('not_affected');
  expect(judgeByConfig(vulnerability, skeleton, { branch: '5.10' }).verdict).toBeUndefined();
});

test('user-mode Linux has the code of its host', async () => {
  const um = {
    ...FILES,
    'arch/um/Makefile': 'core-y += arch/um/kernel/\n',
    'arch/um/kernel/Makefile': 'obj-y := process.o\n',
    'arch/um/kernel/process.c': '#include "../../x86/kernel/only.c"',
  };
  const build = await examineBuild(treeOf(um), { ...ARM, srcArch: 'um' });
  expect(judge(['arch/x86/kernel/only.c'], build).verdict).toBeUndefined();
  expect(judge(['arch/arm/kernel/setup.c'], build).verdict).toBe('not_affected');
});
