import { describe, expect, test } from 'vitest';
import type { KernelStage, StageVerdict } from '../model/kernel-verdict.ts';
import type { KernelVulnerability } from '../model/kernel-vulnerability.ts';
import { createKernelJudge, judgeKernel, type KernelJudge } from './judge-kernel.ts';
import { parseKernelVersion } from './kernel-version.ts';

type Said = StageVerdict['verdict'] | 'nothing';

const judge = (stage: KernelStage, verdict: Said): KernelJudge => ({
  stage: stage as KernelJudge['stage'],
  judge: () => ({
    stage,
    ...(verdict !== 'nothing' && verdict !== undefined && { verdict }),
    ...(verdict === 'not_affected' && {
      justification: stage === 'config' ? 'requires_configuration' : 'code_not_present',
    }),
    evidence: {},
    reason: stage,
  }),
});

const BRANCH: KernelVulnerability['groups'] = [
  {
    break: { version: '5.12', commit: 'b' },
    fixes: [
      { version: '6.1.178', commit: 'f1' },
      { version: '7.2', commit: 'f2' },
    ],
  },
];

const vulnerability = (groups: KernelVulnerability['groups'] = BRANCH, id = 'CVE-2026-1'): KernelVulnerability => ({
  ...{ id, title: 'fix it', source: 'linux_cna', groups, mainlineFixes: [], files: [], breakFixes: [] },
});

describe('where stages disagree', () => {
  // biome-ignore format: a table
  const cases: readonly (readonly [release: string, said: Readonly<Partial<Record<KernelStage, Said>>>, status: string, justification: string | undefined, shows: string])[] = [
    ['6.1.176', {},                                              'affected',            undefined,                'the version alone'],
    ['6.1.178', {},                                              'fixed',               undefined,                'the release of the fix'],
    ['5.10.3',  {},                                              'not_affected',        'code_not_present',       'before the break'],
    ['6.1.176', { commits: 'fixed' },                            'fixed',               undefined,                'a backport wins over the version'],
    ['6.1.178', { commits: 'affected' },                         'affected',            undefined,                'a revert wins over the version'],
    ['6.1.176', { commits: 'nothing' },                          'affected',            undefined,                'a stage that cannot tell changes nothing'],
    ['6.1.176', { commits: 'not_affected' }, 'not_affected',        'code_not_present',       'the breaking commit is absent'],
    ['6.1.176', { commits: 'affected', changelog: 'fixed' },     'fixed',               undefined,                'a changelog wins over commits: patches are in no history'],
    ['6.1.176', { changelog: 'fixed' },                          'fixed',               undefined,                "the vendor's statement wins over the version"],
    ['6.1.176', { text: 'fixed' },                               'affected',            undefined,                'the version wins over the text'],
    ['6.1.0-9', { text: 'fixed' },                               'fixed',               undefined,                'the text decides where the version cannot'],
    ['6.1.0-9', {},                                              'under_investigation', undefined,                'nobody can tell'],
    ['6.1.0-9', { config: 'not_affected' },                      'not_affected',        'requires_configuration', 'what is not compiled needs no version'],
    ['6.1.176', { config: 'not_affected' },                      'not_affected',        'requires_configuration', 'open, and not compiled'],
    ['6.1.176', { config: 'nothing' },                           'affected',            undefined,                'open, and compiled'],
    ['6.1.178', { config: 'not_affected' },                      'fixed',               undefined,                'what is mended is not asked of the configuration'],
    ['6.1.176', { statement: 'fixed', commits: 'affected' },     'fixed',               undefined,                'the owner of the kernel knows best'],
  ];
  for (const [release, said, status, justification, shows] of cases) {
    test(`${release} ${JSON.stringify(said)}: ${shows}`, () => {
      const judges = Object.entries(said).map(([stage, verdict]) => judge(stage as KernelStage, verdict));
      const verdict = createKernelJudge({ version: parseKernelVersion(release)!, judges })(vulnerability());
      expect([verdict.status, verdict.justification]).toEqual([status, justification]);
    });
  }

  test('all evidence is kept, in the order of the stages; the text is asked last and only of what is open', () => {
    const judges = [judge('text', 'nothing'), judge('config', 'nothing'), judge('commits', 'affected')];
    const stages = (release: string, ...others: KernelJudge[]) =>
      createKernelJudge({ version: parseKernelVersion(release)!, judges: [...others, ...judges] })(
        vulnerability(),
      ).evidence.map(({ stage }) => stage);
    expect(stages('6.1.176')).toEqual(['version', 'commits', 'config', 'text']);
    expect(stages('6.1.176', judge('statement', 'fixed'))).toEqual(['statement', 'version', 'commits']);
  });
});

test('what is open names the lowest release of its own branch that mends all of it', () => {
  const available = (release: string, groups = BRANCH) =>
    createKernelJudge({ version: parseKernelVersion(release)!, judges: [] })(vulnerability(groups)).available;
  expect(available('6.1.176')).toEqual({ release: '6.1.178', commits: ['f1'] });
  expect(available('6.6.3')).toEqual({ release: '7.2', commits: ['f2'] });
  expect(available('6.1.178')).toBeUndefined();
  const second = { break: { version: '6.1.3', commit: 'b2' }, fixes: [{ version: '6.1.180', commit: 'f3' }] };
  expect(available('6.1.176', [...BRANCH, second])).toEqual({ release: '6.1.180', commits: ['f1', 'f3'] });
  expect(available('6.1.176', [...BRANCH, { break: { version: '6.1.3', commit: 'b2' }, fixes: [] }])).toEqual({
    release: '7.2',
    commits: ['f2'],
  });
  expect(available('6.1.176', [{ fixes: [] }])).toBeUndefined();
});

test('the funnel counts what is left after each step, without what was taken back', () => {
  const old = [
    {
      break: { version: '5.12', commit: 'b' },
      fixes: [
        { version: '6.1.100', commit: 'f' },
        { version: '6.6.40', commit: 'g' },
      ],
    },
  ];
  const all = [
    vulnerability(),
    vulnerability(old, 'CVE-2026-2'),
    vulnerability([{ break: { version: '7.0', commit: 'b' }, fixes: [] }], 'CVE-2026-3'),
    { ...vulnerability(BRANCH, 'CVE-2026-4'), isRejected: true },
    vulnerability(BRANCH, 'CVE-2026-5'),
  ];
  const only = (stage: KernelStage, verdict: Said, id: string): KernelJudge => ({
    ...judge(stage, verdict),
    judge: (one) => (one.id === id ? judge(stage, verdict).judge(one) : undefined),
  });
  const judges = [only('commits', 'fixed', 'CVE-2026-5'), only('config', 'not_affected', 'CVE-2026-1')];
  const { verdicts, funnel } = judgeKernel(all, { version: parseKernelVersion('6.1.176')!, judges });
  expect(verdicts.map(({ id, status }) => `${id} ${status}`)).toEqual([
    'CVE-2026-1 not_affected',
    'CVE-2026-2 fixed',
    'CVE-2026-3 not_affected',
    'CVE-2026-5 fixed',
  ]);
  expect(funnel).toEqual({ all: 4, productMatch: 3, branchAware: 2, afterCommits: 1, afterConfig: 0 });
});
