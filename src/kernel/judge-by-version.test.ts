import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { KernelVulnerability } from '../model/kernel-vulnerability.ts';
import { judgeByVersion } from './judge-by-version.ts';
import { compareKernelVersions, parseKernelVersion, upstreamVersion } from './kernel-version.ts';

/** Lines of a dyad, `breakVersion:breakCommit:fixVersion:fixCommit`. */
function vulnerabilityOf(...lines: readonly string[]): KernelVulnerability {
  const breaks = Map.groupBy(lines, (line) => line.split(':').slice(0, 2).join(':'));
  const groups = [...breaks].map(([broken, each]) => {
    const [version = '', commit = ''] = broken.split(':');
    const fixes = each.map((line) => line.split(':').slice(2));
    return {
      ...(commit !== '0' && { break: { version, commit } }),
      fixes: fixes.filter(([, fix]) => fix !== '0').map(([fixed = '', fix = '']) => ({ version: fixed, commit: fix })),
    };
  });
  const about = { id: 'CVE-2024-1', title: '', source: 'linux_cna' as const, mainlineFixes: [], files: [] };
  return { ...about, groups, breakFixes: [] };
}

const MANY_BRANCHES = ['5.12:b:5.15.170:f1', '5.12:b:6.1.100:f2', '5.12:b:6.6.40:f3', '5.12:b:6.10:f4'];

const cases: readonly (readonly [lines: readonly string[], release: string, verdict: string, shows: string])[] = [
  [MANY_BRANCHES, '6.1.176', 'fixed', 'the range of 6.6 says nothing of 6.1'],
  [MANY_BRANCHES, '6.1.99', 'affected', 'one release before the fix'],
  [MANY_BRANCHES, '6.1.100', 'fixed', 'the release of the fix'],
  [MANY_BRANCHES, '6.10', 'fixed', 'mainline release of the fix'],
  [MANY_BRANCHES, '6.9.7', 'affected', 'a branch that never got the fix'],
  [MANY_BRANCHES, '5.11.3', 'not_affected', 'before the break'],
  // CVE-2026-64434: broken on the branch in .176, mended in .183.
  [['7.0:b:7.2:f', '6.1.176:c:6.1.183:g'], '6.1.170', 'not_affected', 'before the branch was broken'],
  [['7.0:b:7.2:f', '6.1.176:c:6.1.183:g'], '6.1.176', 'affected', 'the release that broke the branch'],
  [['7.0:b:7.2:f', '6.1.176:c:6.1.183:g'], '6.1.183', 'fixed', 'the release that mended the branch'],
  [['0:0:5.4:f'], '5.3', 'affected', 'an unknown break is since ever'],
  [['0:0:5.4:f'], '5.10', 'fixed', 'an unknown break and a fix'],
  [['5.4:b:0:0'], '6.1', 'affected', 'no fix is known'],
  [['5.4:b:5.5:f', '5.6:c:0:0'], '6.1', 'affected', 'two holes, one is open'],
  [['6.5-rc3:b:6.6:f'], '6.5', 'affected', 'a candidate came before its release'],
  [['6.5-rc3:b:6.6:f'], '6.5-rc2', 'not_affected', 'a candidate before it'],
  [['6.5-rc3:b:6.6:f'], '6.5-rc3', 'affected', 'the candidate itself'],
  [['6.5:b:6.6:f'], '6.5-rc7', 'not_affected', 'a release is not in its candidates'],
  [['2.6.19:b:2.6.32.5:f', '2.6.19:b:2.6.33:g'], '2.6.32.4', 'affected', 'stable releases of 2.6 have four numbers'],
  [['2.6.19:b:2.6.32.5:f', '2.6.19:b:2.6.33:g'], '2.6.32.5', 'fixed', 'the fix of 2.6.32.y'],
  [MANY_BRANCHES, '5.10.72-imx', 'not_affected', "a vendor's suffix is left out"],
  [MANY_BRANCHES, '6.1.99-imx+gdead', 'affected', 'the same in a branch that is broken'],
  [MANY_BRANCHES, '6.1.0-28-amd64', 'undefined', "a distribution's constant is no stable number"],
  [['5.12:b:5.15:f'], '6.1.0-28-amd64', 'fixed', 'mainline fixed it before the branch began'],
  [['6.2:b:6.5:f'], '5.15.0-91-generic', 'not_affected', 'mainline broke it after the branch began'],
  [['6.1.50:b:6.1.60:f'], '6.1.0-28-amd64', 'undefined', 'a stable release broke it, which may be in'],
  [['5.15:b:5.16:f'], '5.14.0-362.el9', 'undefined', 'an enterprise kernel may hold what came later'],
  [['5.4:b:5.10:f'], '5.14.0-362.el9', 'fixed', 'what it began with is there'],
  [[], '6.1.5', 'undefined', 'nothing is known'],
  [['nonsense:b:6.6:f'], '6.1.5', 'undefined', 'a version that cannot be read is never an answer'],
];

describe('judgeByVersion', () => {
  for (const [lines, release, verdict, shows] of cases) {
    test(`${release}: ${shows}`, () => {
      const judged = judgeByVersion(vulnerabilityOf(...lines), parseKernelVersion(release)!);
      assert.equal(String(judged.verdict), verdict);
      assert.equal(judged.verdict === undefined, judged.confidence === undefined);
      assert.notEqual(judged.reason, '');
      if (judged.verdict) assert.ok(Object.values(judged.evidence).some((items) => items.length > 0));
    });
  }
});

const releases: readonly (readonly [text: string, upstream: string, suffix: string])[] = [
  ['6.1.176', '6.1.176', ''],
  ['v6.1', '6.1', ''],
  ['5.10.72-imx', '5.10.72', '-imx'],
  ['6.1.176-1', '6.1.176', '-1'],
  ['6.6.142+gitAUTOINC+0c4c6', '6.6.142', '+gitAUTOINC+0c4c6'],
  ['1:6.6.142+git', '6.6.142', '+git'],
  ['5.10.161-1-3d1a8ef1e0d2b5c9a8f7', '5.10.161', '-1-3d1a8ef1e0d2b5c9a8f7'],
  ['6.5.0-rc3', '6.5-rc3', ''],
  ['6.5~rc3-1~exp1', '6.5-rc3', '-1~exp1'],
  ['2.6.32.71', '2.6.32.71', ''],
  ['2.6.32-754.el6', '2.6.32', '-754.el6'],
  ['6.1.5.2', '6.1.5', '.2'],
];

describe('parseKernelVersion', () => {
  for (const [text, upstream, suffix] of releases) {
    test(text, () => {
      const version = parseKernelVersion(text)!;
      assert.deepEqual([upstreamVersion(version), version.suffix], [upstream, suffix]);
    });
  }

  for (const text of ['', 'custom', '6', 'x6.1']) {
    test(`${JSON.stringify(text)} is no version`, () => assert.equal(parseKernelVersion(text), undefined));
  }

  test('orders releases', () => {
    const sorted = ['2.6.32', '2.6.32.5', '2.6.33', '3.0', '6.5-rc1', '6.5-rc2', '6.5', '6.5.1', '6.10'];
    const versions = sorted.toReversed().map((text) => parseKernelVersion(text)!);
    assert.deepEqual(versions.sort(compareKernelVersions).map(upstreamVersion), sorted);
  });
});
