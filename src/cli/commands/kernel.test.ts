import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { runCommandLine } from '../../../test/command-line.ts';
import { fakeUpdater, updateFakes } from '../../../test/fake-feeds.ts';
import type { KernelRecord } from '../../feeds/record.ts';
import { GitRepository } from '../../kernel/fixtures/git-repository.ts';
import { KERNEL } from '../../kernel/fixtures/tree-of.ts';
import { kernelReportSchema } from '../../reports/kernel-report/schema.ts';

const root = mkdtempSync(join(tmpdir(), 'cvescan-kernel-'));
const [db, tree, config, changelog] = ['db', 'linux', 'config', 'changelog'].map((name) => join(root, name)) as [
  string,
  string,
  string,
  string,
];
afterAll(() => rmSync(root, { recursive: true }));

const [BREAK, FIX] = ['a'.repeat(40), 'b'.repeat(40)];

function record(id: string, files: readonly string[], more: Partial<KernelRecord> = {}): KernelRecord {
  const groups = [{ break: { version: '5.4', commit: BREAK! }, fixes: [{ version: '6.1.9', commit: FIX! }] }];
  return { kind: 'kernel', vulnerabilityId: id, title: `fix ${id}`, groups, mainlineFixes: [FIX!], files, ...more };
}

const SUB = `static int sub(int length)
{
\tchar buffer[16];

\tread_all_of_it(buffer, length);
\treturn check_what_was_read(buffer);
}
`;
const SUB_FIXED = SUB.replace(
  '\tread_all_of_it',
  '\tif (length > sizeof(buffer))\n\t\tlength = shorten_to_fit(length);\n\tif (length < header_size())\n\t\treturn refuse_short_message(length);\n\tread_all_of_it',
);

const RECORDS = [
  record('CVE-2024-10000', ['kernel/fork.c']),
  record('CVE-2024-9000', ['drivers/off.c']),
  record('CVE-2024-1000', ['arch/mips/kernel/setup.c']),
  record('CVE-2024-2000', ['kernel/fork.c'], { groups: [{ fixes: [{ version: '6.1.3', commit: FIX! }] }] }),
  record('CVE-2024-3000', ['kernel/fork.c'], { isRejected: true }),
];

beforeAll(async () => {
  const cna = Object.fromEntries(RECORDS.map((one) => [one.vulnerabilityId, { revision: '1', records: [one] }]));
  await updateFakes(db, [fakeUpdater('linux_cna', { cna: { parts: cna } })]);
  const files = { ...KERNEL, 'drivers/Makefile': 'obj-$(CONFIG_OFF) += off.o\n', 'drivers/off.c': '' };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  writeFileSync(
    config,
    '# Linux/arm 6.1.7 Kernel Configuration\nCONFIG_INIT_ENV_ARG_LIMIT=32\n# CONFIG_OFF is not set\n# end of Kernel hacking\n',
  );
  writeFileSync(changelog, 'linux (6.1.7-2) stable; urgency=low\n\n  * fork: fix it (CVE-2024-10000)\n');
});

async function judge(...args: string[]) {
  const { code, stdout, stderr } = await runCommandLine(['kernel', ...args, '--db', db, '-o', 'json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as z.infer<typeof kernelReportSchema>;
}

const statuses = ({ verdicts }: z.infer<typeof kernelReportSchema>) =>
  verdicts.map(({ id, status, justification }) => [id, status, justification].filter(Boolean).join(' '));

test('a version alone', async () => {
  const answer = await judge('6.1.7');
  expect(statuses(answer)).toEqual([
    'CVE-2024-1000 affected',
    'CVE-2024-2000 fixed',
    'CVE-2024-9000 affected',
    'CVE-2024-10000 affected',
  ]);
  expect(answer.kernel).toEqual({ release: '6.1.7', version: '6.1.7' });
  expect(answer.verdicts[0]!.available).toEqual({ release: '6.1.9', commits: [FIX] });
});

test('a version and an architecture', async () => {
  const answer = await judge('6.1.7', '--arch', 'aarch64');
  expect(statuses(answer)[0]).toBe('CVE-2024-1000 not_affected code_not_present');
  expect(answer.kernel.arch).toBe('arm64');
});

test('a tree with its configuration, as the schema says', async () => {
  const answer = await judge(tree, '--kernel-config', config);
  expect(statuses(answer)).toEqual([
    'CVE-2024-1000 not_affected code_not_present',
    'CVE-2024-2000 fixed',
    'CVE-2024-9000 not_affected requires_configuration',
    'CVE-2024-10000 affected',
  ]);
  expect(answer.funnel).toEqual({ all: 4, productMatch: 3, branchAware: 3, afterCommits: 3, afterConfig: 1 });
  expect(answer.kernel).toEqual({ release: '6.1.7', version: '6.1.7', arch: 'arm' });
  const validate = new Ajv2020({ strict: false }).compile(z.toJSONSchema(kernelReportSchema));
  validate(answer);
  expect(validate.errors).toBeNull();
  expect(await judge(tree, '--lkconfig', config)).toEqual(answer);
});

test("a tree of another series than the kernel's clears nothing", async () => {
  const { stages } = await judge(tree, '--release', '5.10.161', '--kernel-config', config);
  expect(stages.find(({ stage }: { stage: string }) => stage === 'config')).toMatchObject({
    used: false,
    detail: "the tree is Linux 6.1, the kernel 5.10: give the kernel's own tree",
  });
});

test('a mistyped architecture clears nothing', async () => {
  const { stages, verdicts } = await judge('6.1.7', '--arch', 'amr64');
  const isUsed = stages.find(({ stage }: { stage: string }) => stage === 'config')?.used;
  expect(isUsed).toBe(false);
  expect(verdicts.find(({ id }: { id: string }) => id === 'CVE-2024-1000')?.status).toBe('affected');
});

test('a configuration of another architecture than the one that is named gives no verdict, and says why', async () => {
  const { stages, verdicts } = await judge(tree, '--kernel-config', config, '--arch', 'arm64');
  expect(stages.find(({ stage }) => stage === 'config')).toMatchObject({
    ...{ used: false, detail: expect.stringContaining('one of arm, not of arm64') },
  });
  expect(verdicts.find(({ id }) => id === 'CVE-2024-9000')).toMatchObject({ status: 'affected' });
  const list = await runCommandLine(['kernel', tree, '--kernel-config', config, '--arch', 'arm64', '--list-compiled']);
  expect([list.code, list.stdout]).toEqual([3, '']);
});

test('a list of compiled files that cannot be a whole kernel is refused, and says why', async () => {
  const list = join(root, 'compiled');
  const few = Array.from({ length: 362 }, (_, index) => `drivers/few/${index}.c`);
  writeFileSync(list, ['init/main.c', 'kernel/fork.c', 'mm/memory.c', ...few].join('\n'));
  const { stages, verdicts } = await judge(tree, '--kernel-config', config, '--compiled-sources', list);
  expect(stages.find(({ stage }) => stage === 'config')).toMatchObject({
    used: false,
    detail: expect.stringContaining('365'),
  });
  expect(verdicts.find(({ id }) => id === 'CVE-2024-9000')).toMatchObject({ status: 'affected' });
});

test("a package's changelog is its vendor's statement", async () => {
  expect(statuses(await judge('6.1.7-2', '--changelog', changelog)).at(-1)).toBe('CVE-2024-10000 fixed');
  expect(statuses(await judge('6.1.7-1', '--changelog', changelog)).at(-1)).toBe('CVE-2024-10000 affected');
  expect(statuses(await judge(tree, '--release', '6.1.7-2', '--changelog', changelog)).at(-1)).toBe(
    'CVE-2024-10000 fixed',
  );
});

test('a configuration that cannot be of this tree gives no verdict, and says why', async () => {
  const other = join(root, 'other');
  writeFileSync(other, '# Linux/arm 5.10.7 Kernel Configuration\n# CONFIG_OFF is not set\n');
  const { stages, verdicts } = await judge(tree, '--kernel-config', other);
  expect(stages.find(({ stage }) => stage === 'config')).toMatchObject({
    used: false,
    detail: expect.stringContaining('5.10'),
  });
  expect(verdicts.find(({ id }) => id === 'CVE-2024-9000')).toMatchObject({ status: 'affected' });
});

test('for people', async () => {
  const { stdout } = await runCommandLine(['kernel', tree, '--kernel-config', config, '--db', db]);
  expect(stdout).toMatchInlineSnapshot(`
    "Linux 6.1.7 (arm)

      + version    6.1.7
      - commits    no history is at hand: give a repository, or a clone of the stable tree (--linux-dir)
      - changelog  no changelog is given (--changelog)
      + config     Makefiles and configuration: 5 source files are compiled; headers examined
      - text       needs the sources, and a repository with the diffs of fixes (--linux-dir)

            4  of the kernel's CVE team
            3  match the product and version
            3  open on this branch
            3  after commits and changelogs
            1  after the configuration

    CVE             FIXED IN  TITLE
    CVE-2024-10000  6.1.9     fix CVE-2024-10000
    "
  `);
  const one = await runCommandLine(['kernel', '6.1.7', '--cve', 'CVE-2024-10000', '--db', db]);
  expect(one.stdout).toMatchInlineSnapshot(`
    "Linux 6.1.7

      + version    6.1.7
      - commits    no history is at hand: give a repository, or a clone of the stable tree (--linux-dir)
      - changelog  no changelog is given (--changelog)
      - config     no configuration is given (--kernel-config), and no --arch
      - text       needs the sources, and a repository with the diffs of fixes (--linux-dir)

    CVE-2024-10000  affected  fix CVE-2024-10000
      version    affected, version: 6.1 holds the breaking commit and no fix of it up to this release
                 breaks: 5.4:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      fixed in   6.1.9: https://git.kernel.org/stable/c/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb

    "
  `);
});

describe('a history', () => {
  const repository = new GitRepository(join(root, 'linux.git'));
  const files = { ...KERNEL, 'drivers/Makefile': '', 'kernel/sub.c': 'a' };
  const broken = repository.commit({ subject: 'sub: add it', files });
  const release = repository.commit({ subject: 'Linux 6.1.7', parents: [broken], files: { ...files, a: '' } });
  const fixed = repository.commit({
    ...{ subject: 'sub: mend it', body: `commit ${'c'.repeat(40)} upstream.`, parents: [release] },
    files: { ...files, 'kernel/sub.c': 'b' },
  });
  repository.write('refs/tags/v6.1.7', `${fixed}\n`);
  const own = join(root, 'history-db');

  beforeAll(async () => {
    const groups = [
      { break: { version: '6.0', commit: broken }, fixes: [{ version: '6.1.9', commit: 'c'.repeat(40) }] },
    ];
    const records = [record('CVE-2024-4000', ['kernel/sub.c'], { groups })];
    await updateFakes(own, [fakeUpdater('linux_cna', { cna: { parts: { one: { revision: '1', records } } } })]);
  });

  async function verdict(...args: string[]) {
    const { stdout } = await runCommandLine(['kernel', ...args, '--db', own, '-o', 'json'], {
      env: { PATH: process.env.PATH, HOME: root },
    });
    const [one] = (JSON.parse(stdout) as z.infer<typeof kernelReportSchema>).verdicts;
    return [one?.status, one?.decidedBy, one?.evidence.map(({ stage }) => stage).join(' ')];
  }

  test('a backport in it wins over the version', async () => {
    repository.head(fixed);
    expect(await verdict(repository.directory)).toEqual(['fixed', 'commits', 'version commits']);
  });

  test('the text of a fix decides where nothing else can', async () => {
    const vendor = new GitRepository(join(root, 'vendor.git'));
    vendor.head(vendor.commit({ subject: 'import', files: { ...files, 'kernel/sub.c': SUB_FIXED } }));
    const stable = new GitRepository(join(root, 'stable.git'));
    const before = stable.commit({ subject: 'sub: add it', files: { ...files, 'kernel/sub.c': SUB } });
    const mend = stable.commit({
      subject: 'sub: mend it',
      parents: [before],
      files: { ...files, 'kernel/sub.c': SUB_FIXED },
    });
    stable.head(mend);
    const records = [
      record('CVE-2024-5000', ['kernel/sub.c'], {
        groups: [{ fixes: [{ version: '6.1.9', commit: mend }] }],
        mainlineFixes: [mend],
      }),
    ];
    const db = join(root, 'text-db');
    await updateFakes(db, [fakeUpdater('linux_cna', { cna: { parts: { one: { revision: '1', records } } } })]);
    const args = ['kernel', vendor.directory, '--release', '6.1.0-9', '--db', db, '-o', 'json'];
    const env = { PATH: process.env.PATH, HOME: root };
    const judged = async (...more: string[]) =>
      (JSON.parse((await runCommandLine([...args, ...more], { env })).stdout) as z.infer<typeof kernelReportSchema>)
        .verdicts[0];
    expect(await judged()).toMatchObject({ status: 'under_investigation' });
    expect(await judged('--linux-dir', stable.directory)).toMatchObject({ status: 'fixed', decidedBy: 'text' });
  });

  test('of the revision that was built', async () => {
    expect((await verdict(repository.directory, '--kernel-rev', release))[0]).toBe('affected');
  });

  test("of the release's tag in a clone of the stable tree", async () => {
    expect((await verdict('6.1.7', '--linux-dir', repository.directory))[0]).toBe('fixed');
    expect((await verdict('6.1.8', '--linux-dir', repository.directory))[0]).toBe('affected');
  });
});

describe('refused:', () => {
  for (const [args, message] of [
    [[], 'give one kernel'],
    [['6.1', '6.2'], 'give one kernel'],
    [['nonsense'], 'nonsense is neither a directory nor the version of a kernel'],
    [['6.1.7', '--list-compiled'], '--list-compiled needs a DIR'],
    [['6.1.7', '--kernel-config', 'none'], 'cannot read none'],
    [['6.1.7', '--cve', 'CVE-2024-3000'], 'was taken back'],
    [['6.1.7', '--cve', 'CVE-2000-1'], 'is not known as a vulnerability of the kernel'],
    [[root], 'is no Linux tree'],
    [['6.1.7', '--kernel-config', 'a', '--lkconfig', 'b'], 'give one of them'],
  ] as const) {
    test(`${args.join(' ')}: ${message}`, async () => {
      const { code, stderr } = await runCommandLine(['kernel', ...args, '--db', db]);
      expect(code).not.toBe(0);
      expect(stderr).toContain(message);
    });
  }

  test('a database that knows nothing of kernels', async () => {
    const empty = join(root, 'empty');
    await updateFakes(empty, [fakeUpdater('debian', { all: { parts: {} } })]);
    const { code, stderr } = await runCommandLine(['kernel', '6.1.7', '--db', empty]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('datasources-update linux_cna')]);
  });
});
