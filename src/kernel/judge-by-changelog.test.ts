import { describe, expect, test } from 'vitest';
import type { KernelVulnerability } from '../model/kernel-vulnerability.ts';
import { readChangelog } from './changelog.ts';
import { changelogJudge } from './judge-by-changelog.ts';

const DEBIAN = `linux (6.1.177-1) bookworm-security; urgency=high

  * New upstream stable update:
    https://www.kernel.org/pub/linux/kernel/v6.x/ChangeLog-6.1.177
    - Revert "net: fix the third hole" (CVE-2024-3000)
    - [amd64] Revert "net: fix a hole whose title is
      long"
    - net: fix the fourth hole (CVE-2024-4000)

 -- Somebody <somebody@example.org>  Sat, 14 Nov 2026 11:29:58 +0100

linux (6.1.176-1) bookworm-security; urgency=high

  [ Somebody ]
  * [amd64] net: fix a hole whose title is
    long (CVE-2024-1000, CVE-2024-2000)
  * net: fix the third hole (CVE-2024-3000)
  * d/config: nothing of CVEs

 -- Somebody <somebody@example.org>  Sat, 7 Nov 2026 11:29:58 +0100
`;

const RPM = `* Tue Nov 10 2026 Some Body <s@example.org> [5.14.0-362.el9]
- net: fix a hole (Some Body) [RHEL-1] {CVE-2024-1000}
* Mon Nov 09 2026 Some Body <s@example.org> - 5.14.0-361.el9
- net: fix another (Some Body) {CVE-2024-2000}
`;

const about = { title: '', source: 'linux_cna', groups: [], mainlineFixes: [], files: [], breakFixes: [] } as const;

describe('what a changelog says', () => {
  // biome-ignore format: a table
  const cases = [
    // changelog, release,     CVE,             verdict,   what the row shows
    [DEBIAN, '6.1.176-1',      'CVE-2024-1000', 'fixed',   'the entry of this very package'],
    [DEBIAN, '6.1.176-1',      'CVE-2024-2000', 'fixed',   'two CVEs of one item, on its second line'],
    [DEBIAN, '6.1.176-1',      'CVE-2024-3000', 'fixed',   'what a later package takes back is not taken back here'],
    [DEBIAN, '6.1.176-1',      'CVE-2024-4000', undefined, 'a later package says nothing of this one'],
    [DEBIAN, '6.1.177-1',      'CVE-2024-3000', undefined, 'a revert leaves it open'],
    [DEBIAN, '6.1.177-1',      'CVE-2024-1000', undefined, 'a revert that names the subject alone'],
    [DEBIAN, '6.1.177',        'CVE-2024-4000', 'fixed',   "upstream's version alone"],
    [DEBIAN, '6.1.175-1',      'CVE-2024-1000', undefined, 'an older package'],
    [DEBIAN, '6.1.176-1~bpo11+1', 'CVE-2024-1000', undefined, 'a backport is older than what it was made of'],
    [DEBIAN, '6.1.0-49-amd64', 'CVE-2024-4000', 'fixed',   'a nominal version says the branch alone'],
    [DEBIAN, undefined,        'CVE-2024-4000', 'fixed',   'no release: the changelog is of this kernel'],
    [DEBIAN, 'unknown',        'CVE-2024-1000', undefined, 'a release that cannot be read'],
    [DEBIAN, '6.1.176-1',      'CVE-2024-9999', undefined, 'nobody names it'],
    [RPM, '5.14.0-362.el9',    'CVE-2024-1000', 'fixed',   'rpm, version in brackets'],
    [RPM, '5.14.0-362.el9',    'CVE-2024-2000', 'fixed',   'rpm, version behind a hyphen'],
  ] as const;
  for (const [text, release, id, verdict, shows] of cases) {
    test(`${release} ${id}: ${shows}`, () => {
      const vulnerability: KernelVulnerability = { ...about, id };
      expect(changelogJudge(readChangelog(text), release).judge(vulnerability)?.verdict).toBe(verdict);
    });
  }

  test('names its entry', () => {
    const said = changelogJudge(readChangelog(DEBIAN), '6.1.176-1').judge({ ...about, id: 'CVE-2024-2000' });
    expect(said?.evidence).toEqual({ entries: ['6.1.176-1: [amd64] net: fix a hole whose title is'] });
  });

  test('a text without entries is none', () => {
    expect(() => readChangelog('- fix CVE-2024-1000\n')).toThrowError(/no entry/);
  });
});
