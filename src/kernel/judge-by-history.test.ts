import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { KernelVulnerability } from '../model/kernel-vulnerability.ts';
import { GitRepository } from './fixtures/git-repository.ts';
import { type HistoryQuestion, openHistory } from './history/history.ts';
import { alignHistory, judgeByHistory } from './judge-by-history.ts';
import { parseKernelVersion } from './kernel-version.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cvescan-history-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const git = { env: { PATH: process.env.PATH }, signal: new AbortController().signal, userAgent: 'cvescan/0' };

const LINES = Array.from({ length: 12 }, (_, at) => `line ${at} of the driver`);
const code = (...changes: readonly (readonly [at: number, line: string])[]): string =>
  `${LINES.map((line, at) => changes.find(([place]) => place === at)?.[1] ?? line).join('\n')}\n`;
const BROKEN = [3, 'free(device);'] as const;
const MENDED = [4, 'device = NULL; /* freed above */'] as const;

/** Mainline as the flaw knows it: a beginning, the commit that broke it, the commit that mends it. */
class World {
  readonly repository = new GitRepository(mkdtempSync(join(scratch, 'linux-')));
  readonly root: string;
  readonly broke: string;
  readonly mends: string;
  /** The newest commit of the product. */
  head: string;
  /** Lines of the product's `drivers/a.c` that differ from the beginning. */
  changes: readonly (readonly [number, string])[] = [BROKEN];
  files: Record<string, string> = { Makefile: 'VERSION = 6\n', 'init/main.c': '' };

  constructor() {
    this.root = this.#write('Linux 6.0', '', []);
    this.broke = this.#write('a: free the device', '', [this.root], [BROKEN]);
    this.mends = this.#write('a: fix use after free', 'Fixes: x', [this.broke], [BROKEN, MENDED]);
    this.head = this.broke;
  }

  #write(
    subject: string,
    body: string,
    parents: readonly string[],
    changes: readonly (readonly [number, string])[] = [],
  ): string {
    const files = { ...this.files, 'drivers/a.c': code(...changes) };
    return this.repository.commit({ subject, body, parents, files });
  }

  /** Adds a commit to the product. @returns its id. */
  add(subject: string, body = '', changes = this.changes, more: readonly string[] = []): string {
    this.changes = changes;
    this.head = this.#write(subject, body, [this.head, ...more], changes);
    return this.head;
  }

  /** Another line of development. */
  from(commit: string, changes = this.changes): this {
    this.head = commit;
    this.changes = changes;
    return this;
  }

  flaw(more: Partial<KernelVulnerability> = {}): KernelVulnerability {
    return {
      id: 'CVE-2024-0001',
      title: 'a: fix use after free',
      source: 'linux_cna',
      groups: [{ break: { version: '6.0', commit: this.broke }, fixes: [{ version: '6.9', commit: this.mends }] }],
      mainlineFixes: [this.mends],
      files: ['drivers/a.c'],
      breakFixes: [],
      ...more,
    };
  }
}

async function judge(world: World, flaw = world.flaw(), more: Partial<HistoryQuestion> = {}) {
  world.repository.head(world.head);
  const { directory } = world.repository;
  const history = await openHistory({ directory, git }, { vulnerabilities: [flaw], fileCount: 3, ...more });
  const alignment = alignHistory([flaw], history, parseKernelVersion('6.1.5'));
  return judgeByHistory(flaw, alignment);
}

const FIXED = [BROKEN, MENDED];
const OTHERWISE = [BROKEN, [4, 'device = NULL;'], [9, 'done']] as const;

/** What the product's developers did, and what follows. */
const cases: readonly (readonly [shows: string, verdict: string, act: (world: World) => void])[] = [
  ['the fix itself is in the history', 'fixed exact', (w) => w.from(w.mends)],
  ['nothing was done', 'affected exact', (w) => w.add('b: other work')],
  ['commit … upstream.', 'fixed exact', (w) => w.add('x', `commit ${w.mends} upstream.`, FIXED)],
  ['[ Upstream commit … ]', 'fixed exact', (w) => w.add('x', `[ Upstream commit ${w.mends} ]`, FIXED)],
  ['(cherry picked from commit …)', 'fixed exact', (w) => w.add('x', `(cherry picked from commit ${w.mends})`, FIXED)],
  ['a shortened id', 'fixed exact', (w) => w.add('x', `(cherry picked from commit ${w.mends.slice(0, 12)})`, FIXED)],
  ['the same subject and file', 'fixed subject', (w) => w.add('BACKPORT: a: fix use after free', '', OTHERWISE)],
  [
    'the same subject, another file',
    'affected exact',
    (w) => {
      w.files = { ...w.files, 'drivers/b.c': '' };
      w.add('a: fix use after free');
    },
  ],
  ['another subject, the same patch', 'fixed exact', (w) => w.add('vendor: stability', '', FIXED)],
  ['another subject, another patch', 'affected exact', (w) => w.add('vendor: stability', '', OTHERWISE)],
  [
    'the fix was taken back',
    'affected exact',
    (w) => {
      const fix = w.add('a: fix', `commit ${w.mends} upstream.`, FIXED);
      w.add('Revert "a: fix"', `This reverts commit ${fix}.`, [BROKEN]);
    },
  ],
  [
    'the fix was taken back, naming both commits',
    'affected exact',
    (w) => {
      const fix = w.add('a: fix', `commit ${w.mends} upstream.`, FIXED);
      w.add('Revert "a: fix"', `This reverts commit ${fix} which is\ncommit ${w.mends} upstream.`, [BROKEN]);
    },
  ],
  [
    'taken back, and that taken back',
    'fixed exact',
    (w) => {
      const fix = w.add('a: fix', `commit ${w.mends} upstream.`, FIXED);
      const revert = w.add('Revert "a: fix"', `This reverts commit ${fix}.`, [BROKEN]);
      w.add('Revert "Revert "a: fix""', `This reverts commit ${revert}.`, FIXED);
    },
  ],
  [
    'taken back, and applied again by its subject',
    'fixed subject',
    (w) => {
      const fix = w.add('a: fix use after free', `commit ${w.mends} upstream.`, FIXED);
      w.add('Revert "a: fix use after free"', `This reverts commit ${fix}.`, [BROKEN]);
      w.add('Reapply "a: fix use after free"', '', OTHERWISE);
    },
  ],
  [
    'fix, revert, fix',
    'fixed exact',
    (w) => {
      const fix = w.add('a: fix', `commit ${w.mends} upstream.`, FIXED);
      w.add('Revert "a: fix"', `This reverts commit ${fix}.`, [BROKEN]);
      w.add('a: fix', `commit ${w.mends} upstream.`, FIXED);
    },
  ],
  [
    'taken back in part',
    'none',
    (w) => {
      const fix = w.add('a: fix', `commit ${w.mends} upstream.`, FIXED);
      w.add('a: undo some', `This partially reverts commit ${fix}.`, OTHERWISE);
    },
  ],
  [
    'taken back by a subject alone',
    'none',
    (w) => {
      w.add('a: fix use after free', `commit ${w.mends} upstream.`, FIXED);
      w.add('Revert "a: fix use after free"', '', [BROKEN]);
    },
  ],
  ['it was never broken', 'not_affected exact', (w) => w.from(w.root, []).add('b: other work')],
  [
    'the break was brought by reference',
    'affected exact',
    (w) => w.from(w.root, []).add('x', `commit ${w.broke} upstream.`, [BROKEN]),
  ],
  [
    'the break was brought under its subject',
    'affected exact',
    (w) => w.from(w.root, []).add('a: free the device', '', [BROKEN, [9, 'done']]),
  ],
  ['the break was brought as a patch', 'affected exact', (w) => w.from(w.root, []).add('vendor drop', '', [BROKEN])],
  [
    'the break was taken back',
    'not_affected exact',
    (w) => w.add('Revert "a: free the device"', `This reverts commit ${w.broke}.`, []),
  ],
  [
    'the break was taken back in part',
    'none',
    (w) => w.add('a: undo', `This partially reverts commit ${w.broke}.`, [[3, '/* free(device); */']]),
  ],
  [
    'the break was taken back, and applied again',
    'affected exact',
    (w) => {
      const revert = w.add('Revert "a: free the device"', `This reverts commit ${w.broke}.`, []);
      w.add('Revert "Revert "a: free the device""', `This reverts commit ${revert}.`, [BROKEN]);
    },
  ],
  [
    'a merge brings the fix',
    'fixed exact',
    (w) => {
      const product = w.head;
      const fix = w.add('x', `commit ${w.mends} upstream.`, FIXED);
      w.from(product, [BROKEN]).add("Merge branch 'stable'", '', FIXED, [fix]);
    },
  ],
  [
    'a revert beside the fix takes nothing back',
    'fixed exact',
    (w) => {
      const product = w.head;
      const fix = w.add('x', `commit ${w.mends} upstream.`, FIXED);
      w.from(product, [BROKEN]).add('Revert "x"', `This reverts commit ${w.mends}.`);
      w.add("Merge branch 'stable'", '', FIXED, [fix]);
    },
  ],
  [
    'the text of a merge proves nothing',
    'none',
    (w) => {
      const product = w.head;
      const other = w.add('b: work');
      w.from(product, [BROKEN]).add("Merge branch 'next'", `commit ${w.mends} upstream.`, FIXED, [other]);
    },
  ],
  [
    'a squashed drop that names very many commits proves nothing',
    'none',
    (w) => {
      const names = Array.from({ length: 16 }, (_, at) => `${at}`.padStart(40, 'a'));
      w.add('vendor drop', [w.mends, ...names].map((name) => `[ Upstream commit ${name} ]`).join('\n'), OTHERWISE);
    },
  ],
];

describe('of a whole history', () => {
  for (const [shows, expected, act] of cases) {
    test(`${shows}: ${expected}`, async () => {
      const world = new World();
      act(world);
      const { verdict, confidence, reason, stage } = await judge(world);
      expect(verdict === undefined ? 'none' : `${verdict} ${confidence}`).toBe(expected);
      expect(stage).toBe(verdict === 'not_affected' ? 'code' : 'commits');
      expect(reason).not.toBe('');
    });
  }
});

describe('of a history with gaps', () => {
  const shallow = (world: World, commit: string): void => world.repository.write('shallow', `${commit}\n`);

  test('a shallow clone proves what it holds, and nothing else', async () => {
    const world = new World();
    shallow(world, world.broke);
    world.add('b: work');
    const { verdict, reason } = await judge(world);
    expect(verdict).toBeUndefined();
    expect(reason).toMatch(/the clone is shallow/);
    world.add('x', `commit ${world.mends} upstream.`, FIXED);
    expect(await judge(world)).toMatchObject({ verdict: 'fixed', confidence: 'exact' });
  });

  test('a shallow clone does not prove a break absent', async () => {
    const world = new World();
    const cut = world.from(world.root, []).add('import');
    shallow(world, cut);
    world.add('b: work');
    expect((await judge(world)).verdict).toBeUndefined();
  });

  test('a few commits are no history of a whole kernel', async () => {
    const world = new World();
    world.from(world.root, []).add('b: work');
    expect(await judge(world, world.flaw(), { fileCount: 1000 })).toMatchObject({
      reason: expect.stringMatching(/2 commits are no history of 1000 files/),
    });
    expect((await judge(world, world.flaw(), { fileCount: 999 })).verdict).toBe('not_affected');
  });

  test('a break that the repository has nowhere may hide in a history that lines up with nothing', async () => {
    const world = new World();
    const foreign = 'f'.repeat(40);
    const groups = [{ break: { version: '6.0', commit: foreign }, fixes: [{ version: '6.9', commit: world.mends }] }];
    expect((await judge(world, world.flaw({ groups }))).verdict).toBeUndefined();
  });

  test('a break on a line that begins elsewhere proves nothing', async () => {
    const world = new World();
    world.head = world.repository.commit({ subject: 'import', files: { ...world.files, 'drivers/a.c': code() } });
    expect((await judge(world)).verdict).toBeUndefined();
  });
});

describe('of several commits', () => {
  test('all mainline fixes are needed', async () => {
    const world = new World();
    const second = 'e'.repeat(40);
    const groups = [
      {
        break: { version: '6.0', commit: world.broke },
        fixes: [world.mends, second].map((commit) => ({ version: '6.9', commit })),
      },
    ];
    const flaw = world.flaw({ mainlineFixes: [world.mends, second], groups });
    world.add('x', `commit ${world.mends} upstream.`, FIXED);
    expect((await judge(world, flaw)).verdict).not.toBe('fixed');
    world.add('y', `commit ${second} upstream.`, FIXED);
    expect((await judge(world, flaw)).verdict).toBe('fixed');
  });

  test('every hole is to be closed', async () => {
    const world = new World();
    const [another, anotherFix] = [world.add('b: break', '', [BROKEN, [7, 'b']]), 'd'.repeat(40)];
    const groups = [
      { break: { commit: world.broke }, fixes: [{ commit: 'c'.repeat(40) }] },
      { break: { commit: another }, fixes: [{ commit: anotherFix }] },
    ];
    const flaw = world.flaw({ groups, mainlineFixes: ['c'.repeat(40), anotherFix] });
    world.add('x', `commit ${anotherFix} upstream.`);
    expect((await judge(world, flaw)).verdict).toBe('affected');
    world.add('y', `commit ${'c'.repeat(40)} upstream.`);
    expect((await judge(world, flaw)).verdict).toBe('fixed');
  });

  test('a break of another branch is no hole of this one', async () => {
    const world = new World();
    const groups = [
      ...world.flaw().groups,
      { break: { version: '5.10.7', commit: '7'.repeat(40) }, fixes: [{ version: '5.10.9', commit: '9'.repeat(40) }] },
    ];
    world.add('x', `commit ${world.mends} upstream.`, FIXED);
    expect((await judge(world, world.flaw({ groups }))).verdict).toBe('fixed');
  });
});

describe("of Ubuntu's lines", () => {
  const commit = (id: string, isExact = true) => ({ kind: 'commit', commit: id, isExact }) as const;
  const of = (world: World, breakFixes: KernelVulnerability['breakFixes']): KernelVulnerability =>
    world.flaw({ source: 'uct', groups: [], mainlineFixes: [], breakFixes });

  test('any of the fixes closes a line, and every line is to be closed', async () => {
    const world = new World();
    const fixes = [commit('5'.repeat(40)), commit(world.mends)];
    const one = { breaks: [commit(world.broke)], fixes };
    world.add('x', `commit ${world.mends} upstream.`, FIXED);
    expect((await judge(world, of(world, [one]))).verdict).toBe('fixed');
    const other = { breaks: [commit(world.broke)], fixes: [commit('6'.repeat(40))] };
    expect((await judge(world, of(world, [one, other]))).verdict).toBe('affected');
  });

  test('a short id is found, if it is one', async () => {
    const world = new World();
    world.add('x', `commit ${world.mends} upstream.`, FIXED);
    const line = { breaks: [commit(world.broke.slice(0, 12))], fixes: [commit(world.mends.slice(0, 12))] };
    expect((await judge(world, of(world, [line]))).verdict).toBe('fixed');
  });

  test('an inexact break, an unknown one and one of Ubuntu alone are never proven absent', async () => {
    const world = new World();
    world.from(world.root, []).add('b: work');
    const fixes = [commit(world.mends)];
    const judged = async (line: KernelVulnerability['breakFixes'][number]) =>
      (await judge(world, of(world, [line]))).verdict;
    expect(await judged({ breaks: [commit(world.broke)], fixes })).toBe('not_affected');
    expect(await judged({ breaks: [commit(world.broke, false)], fixes })).toBeUndefined();
    expect(await judged({ breaks: [], fixes })).toBeUndefined();
    expect(await judged({ breaks: [{ kind: 'local', name: 'local-CVE-2022-1015' }], fixes })).toBeUndefined();
  });

  test('what its list says of commits counts, by id and by subject', async () => {
    const world = new World();
    const line = { breaks: [commit(world.broke)], fixes: [{ kind: 'local', name: 'local-CVE-2022-1015' }] } as const;
    const own = world.add('UBUNTU: SAUCE: mend', '', OTHERWISE);
    const flaw = of(world, [line]);
    const backport = { upstream: ['local-CVE-2022-1015'] };
    expect((await judge(world, flaw)).verdict).toBe('affected');
    expect((await judge(world, flaw, { backports: [{ ...backport, commit: own }] })).verdict).toBe('fixed');
    expect((await judge(world, flaw, { backports: [{ ...backport, subject: 'UBUNTU: SAUCE: mend' }] })).verdict).toBe(
      'fixed',
    );
  });
});
