import { describe, expect, test } from 'vitest';
import { installed } from '../../test/fake-advisories.ts';
import { readSourceChoice } from './source-choice.ts';
import { sourceProblems } from './source-problems.ts';

const now = new Date('2026-02-10T00:00:00Z');
const counts = { partCount: 1, recordCount: 1, problemCount: 0 };
const database = (...names: string[]) => ({
  id: 'f'.repeat(64),
  sources: names.map((name) => ({ name, updatedAt: '2026-02-01T00:00:00Z', ...counts })),
});
const bash = installed({ name: 'bash' });
const lodash = installed({ name: 'lodash', namespace: 'npm', type: 'npm' });
const byCommit = installed({ name: 'a', type: 'github', purl: `pkg:github/a/a@${'0a'.repeat(20)}` });
const named = installed({ name: 'curl', cpes: ['cpe:2.3:a:haxx:curl:8.0.0:*:*:*:*:*:*:*'] });
const kernel = installed({
  name: 'linux',
  cpes: ['cpe:2.3:o:linux:linux_kernel:6.1.7:*:*:*:*:*:*:*'],
  type: 'generic',
});

describe('sources that are missing', () => {
  for (const [held, packages, detection, consolidation, missing, shows] of [
    [['nvd', 'epss', 'cisa_kev'], [bash], undefined, undefined, '', 'nothing'],
    [['debian'], [bash], undefined, undefined, 'cisa_kev, epss, nvd', 'what tells of all flaws'],
    [['debian'], [bash], undefined, 'nvd', 'nvd', 'only what is chosen'],
    [['debian'], [], undefined, undefined, '', 'without packages nothing is asked'],
    [['nvd', 'epss', 'cisa_kev'], [lodash], undefined, undefined, 'osv', 'OSV for language packages'],
    [['nvd', 'epss', 'cisa_kev'], [byCommit], undefined, undefined, 'osv', 'OSV for commits'],
    [['nvd', 'epss', 'cisa_kev'], [lodash], 'nvd', undefined, '', 'unless it is not to detect'],
    [['nvd', 'epss', 'cisa_kev'], [bash], undefined, 'uct', 'uct', 'one that is named is always said'],
    [['debian'], [named], 'nvd', 'uct', 'nvd, uct', 'NVD for CPEs'],
    [['nvd', 'epss', 'cisa_kev'], [kernel], undefined, undefined, 'linux_cna', "the kernel's CVE team for kernels"],
    [['debian'], [{ ...named, filtered: 'used to build' }], 'osv', 'osv', 'osv', 'what is filtered asks nobody'],
  ] as const) {
    test(shows, () => {
      const choice = readSourceChoice(detection, consolidation);
      const problems = sourceProblems(database(...held), { packages, choice, now });
      expect(problems.map(({ message }) => / of (.+);/.exec(message)?.[1]).join()).toBe(missing);
    });
  }
});

test('sources that are stale are named with their day', () => {
  const choice = readSourceChoice(undefined, 'nvd');
  const day = 24 * 3600 * 1000;
  const problems = (maxAgeMs: number) => sourceProblems(database('nvd'), { packages: [], choice, now, maxAgeMs });
  expect(problems(7 * day)).toEqual([{ code: 'source.stale', message: 'nvd was last read on 2026-02-01' }]);
  expect(problems(9 * day)).toEqual([]);
});
