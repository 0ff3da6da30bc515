import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawRecords } from './oracle/osv-oracle.ts';
import { type ReportedFinding, scanInventory } from './oracle/scan-report.ts';
import { advisoryDatabase, sharedData } from './shared-data.ts';

const shared = sharedData();

const cpe = (vendor: string, product: string, version: string, targetSw = '*'): string =>
  `cpe:2.3:a:${vendor}:${product}:${version}:*:*:*:*:${targetSw}:*:*`;
const libc = (version: string): string =>
  `pkg:deb/debian/libc6@${version}?arch=amd64&distro=debian-12&upstream=glibc ${cpe('gnu', 'glibc', '2.36')}`;

/** What must stay silent: the advisory speaks of another product of the same name, of which the proof of the real one says so. */
// biome-ignore format: a table
const others = [
  // silent                                          the flaw             is of                                               by the words of its proof          why
  [cpe('git-scm', 'git', '2.30.0'),                  'CVE-2018-1000182',  cpe('jenkins', 'git', '3.9.0', 'jenkins'),          ':jenkins:git:',                   'a plugin of Jenkins is called git too'],
  [cpe('jenkins', 'jenkins', '2.100'),               'CVE-2018-1000182',  cpe('jenkins', 'git', '3.9.0', 'jenkins'),          ':jenkins:git:',                   'the core of Jenkins has not the flaws of its plugins'],
  [cpe('python', 'requests', '2.2.6'),               'CVE-2021-21674',    cpe('jenkins', 'requests', '2.2.6', 'jenkins'),     ':jenkins:requests:',              'a plugin of Jenkins is called requests too'],
  [cpe('openssl', 'openssl', '0.9.0'),               'CVE-2018-20997',    cpe('openssl_project', 'openssl', '0.9.0'),         ':openssl_project:openssl:',       'the Rust crate is not the library that it binds to'],
  [cpe('openjsf', 'express', '2.5.3'),               'CVE-2014-6887',     cpe('express', 'express', '2.5.3', 'android'),      ':express:express:2.5.3:*:*:*:*:android', 'an application for Android is called express too'],
  ['pkg:npm/tar@1.13.19',                            'CVE-2001-1267',     cpe('gnu', 'tar', '1.13.19'),                       ':gnu:tar:',                       'the npm package is not GNU tar'],
  ['pkg:cargo/tar@0.4.0',                            'CVE-2021-32803',    'pkg:npm/tar@6.1.0',                                '"namespace":"npm"',               'the same name in another registry'],
  ['pkg:npm/requests@2.30.0',                        'CVE-2023-32681',    'pkg:pypi/requests@2.30.0',                         '"namespace":"pypi"',              'the same name in another registry'],
  ['pkg:maven/org.apache.logging.log4j/log4j-api@2.14.1', 'CVE-2021-44228', 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1', 'log4j-core',                  'the interfaces alone do not look anything up'],
  ['pkg:maven/log4j/log4j@1.2.17',                   'CVE-2021-44228',    'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1', 'log4j-core',                  'log4j 1 is another artifact'],
] as const;

/** What is cleared, with the reason in its own proof. */
// biome-ignore format: a table
const cleared = [
  // cleared                              the flaw          status           the reason                                     still found in                        why
  [cpe('openssl', 'openssl', '1.0.2u'),   'CVE-2019-1551',  'not_affected',  '1.0.2u > 1.0.2t',                             cpe('openssl', 'openssl', '1.0.2t'),  'letters are versions'],
  [libc('2.36-9+deb12u14'),               'CVE-2023-4911',  'fixed',         '2.36-9+deb12u14 >= 2.36-9+deb12u3, where it is fixed', libc('2.36-9+deb12u1'),      'Debian has the fix in 2.36, which NVD flags'],
  [cpe('redis', 'redis', '7.0.5'),        'CVE-2022-0543',  'not_affected',  'the criterion speaks of no version',          undefined,                            "a flaw of Debian's package alone: NVD's criterion is `-`"],
] as const;

/** Advisories that their publisher took back: of all versions, and in OSV's data to this day. */
const withdrawn = [
  ['PyPI', 'PYSEC-2023-101', 'pkg:pypi/selenium@3.141.0'],
  ['PyPI', 'PYSEC-2023-73', 'pkg:pypi/redis@4.0.0'],
  ['Go', 'GO-2026-4923', 'pkg:golang/go.etcd.io/bbolt@v1.3.6'],
  ['Go', 'GO-2025-3543', 'pkg:golang/github.com/opencontainers/runc@v1.2.5'],
  ['crates.io', 'RUSTSEC-2025-0014', 'pkg:cargo/humantime@2.1.0'],
] as const;

describe.skipIf(!shared)('well-known false alarms', () => {
  /** By what the component was named with. */
  const findings = new Map<string, readonly ReportedFinding[]>();
  const folder = mkdtempSync(join(tmpdir(), 'cvescan-alarms-'));
  beforeAll(() => {
    const named = [
      ...others.flatMap(([silent, , real]) => [silent, real]),
      ...cleared.flatMap(([name, , , , real]) => (real === undefined ? [name] : [name, real])),
      ...withdrawn.map(([, , purl]) => purl),
    ];
    const names = [...new Set(named)];
    const components = names.map((name, n) => ({
      type: 'library',
      'bom-ref': `${n}`,
      name: `x${n}`,
      ...identityOf(name),
    }));
    const file = join(folder, 'alarms.cdx.json');
    writeFileSync(file, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
    const report = scanInventory(file, advisoryDatabase(), ['--all-statements']);
    for (const { id, purl, cpes = [] } of report.packages)
      findings.set(
        [purl, ...cpes].filter((word) => word !== undefined).join(' '),
        report.findings.filter(({ packageId }) => packageId === id),
      );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const find = (name: string, id: string): ReportedFinding | undefined =>
    findings.get(name)?.find(({ vulnerability }) => vulnerability.id === id);

  for (const [silent, id, real, words, why] of others)
    test(`${id} is not of ${silent}: ${why}`, () => {
      const proof = JSON.stringify(find(real, id)?.proof);
      expect(find(real, id)).toMatchObject({ status: 'affected' });
      expect(proof).toContain(words);
      expect(findings.has(silent)).toBe(true);
      expect(find(silent, id)).toBe(undefined);
    });

  for (const [name, id, status, reason, real, why] of cleared)
    test(`${id} is ${status} in ${name}: ${why}`, () => {
      expect(find(name, id)).toMatchObject({ status, proof: { comparison: { reason } } });
      if (real !== undefined) expect(find(real, id)).toMatchObject({ status: 'affected' });
    });

  for (const [ecosystem, record, purl] of withdrawn)
    test(`${record} was taken back: ${purl} is not named with it`, () => {
      const raw = [...rawRecords(shared!.mirror, ecosystem)].find(({ id }) => id === record);
      expect(raw?.withdrawn).toBeDefined();
      const ids = [record, ...(raw?.aliases ?? [])];
      const open = (findings.get(purl) ?? []).filter(
        ({ vulnerability, status }) => ids.includes(vulnerability.id) && status === 'affected',
      );
      expect(findings.has(purl)).toBe(true);
      expect(open).toEqual([]);
    });
});

/** `PURL`, `CPE`, or both with a blank between them; the version is in them. */
function identityOf(name: string): object {
  const words = name.split(' ');
  const [purl, product] = [
    words.find((word) => word.startsWith('pkg:')),
    words.find((word) => word.startsWith('cpe:')),
  ];
  const version = purl?.split(/[@?]/)[1] ?? product?.split(':')[5];
  return { version, ...(purl !== undefined && { purl }), ...(product !== undefined && { cpe: product }) };
}
