import { describe, expect, test } from 'vitest';
import type { ClairVulnerability } from '../../wire/clair-v1/types.ts';
import { type Change, changesBetween, type Described } from './changes.ts';

const fixedIn = (fixes: Readonly<Record<string, string>>) =>
  Object.entries(fixes).map(([Name, Version]) => ({
    Name,
    NamespaceName: 'debian:12',
    VersionFormat: 'dpkg',
    Version,
  }));

const base: ClairVulnerability = {
  ...{ Name: 'CVE-2024-1', NamespaceName: 'debian:12', Severity: 'Low', Description: 'A flaw.', Link: 'https://a/' },
  Metadata: { NVD: { CVSSv3: { Score: 5 } } },
  FixedIn: fixedIn({ openssl: 'None', zlib: '1' }),
};
const described = (change: Partial<ClairVulnerability> = {}, isInKev = false): Described => ({
  vulnerability: { ...base, ...change },
  isInKev,
});

const cases: readonly (readonly [string, Described | undefined, Described | undefined, readonly Change[]])[] = [
  ['nothing is nothing', undefined, undefined, []],
  ['the same is no change', described(), described(), []],
  ['there was none', undefined, described(), [{ kind: 'new' }]],
  ['a new one that is exploited', undefined, described({}, true), [{ kind: 'new' }, { kind: 'kev_listed' }]],
  ['there is none any more', described(), undefined, [{ kind: 'withdrawn' }]],
  ['severity', described(), described({ Severity: 'High' }), [{ kind: 'severity', old: 'Low', new: 'High' }]],
  [
    'a fix where there was none',
    described(),
    described({ FixedIn: fixedIn({ openssl: '3', zlib: '1' }) }),
    [{ kind: 'fix_available', packages: [{ name: 'openssl', old: 'None', new: '3' }] }],
  ],
  [
    'another fix, a package more, a package less',
    described({ FixedIn: fixedIn({ a: '1', b: '1' }) }),
    described({ FixedIn: fixedIn({ a: '2', c: 'None' }) }),
    [
      {
        kind: 'fixed_in',
        packages: [
          { name: 'a', old: '1', new: '2' },
          { name: 'b', old: '1' },
          { name: 'c', new: 'None' },
        ],
      },
    ],
  ],
  ['exploited now', described(), described({}, true), [{ kind: 'kev_listed' }]],
  ['not any more', described({}, true), described(), [{ kind: 'kev_removed' }]],
  ['CVSS', described(), described({ Metadata: { NVD: { CVSSv3: { Score: 9 } } } }), [{ kind: 'cvss' }]],
  [
    'ids of errata are no change',
    described(),
    described({ Metadata: { ...base.Metadata, Advisories: ['DSA-1'] } }),
    [],
  ],
  [
    'texts',
    described(),
    described({ Description: 'Another.', Link: 'https://b/' }),
    [{ kind: 'description' }, { kind: 'link' }],
  ],
];

describe('changesBetween', () => {
  for (const [shows, old, now, changes] of cases) {
    test(shows, () => expect(changesBetween(old, now)).toEqual(changes));
  }
});
