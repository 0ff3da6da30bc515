import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReportedScan, scanReport, sourceNames } from './oracle/scan-report.ts';
import { advisoryDatabase, sharedData } from './shared-data.ts';

const shared = sharedData();

/** Packages as Alpine released them on the day of 3.20.0, and before: no image of the set has much to find. */
const ALPINE_3_20_0 = [
  ['busybox', '1.36.1-r25', 'busybox'],
  ['curl', '8.7.1-r0', 'curl'],
  ['libcrypto3', '3.3.0-r2', 'openssl'],
  ['libexpat', '2.6.2-r0', 'expat'],
  ['libssl3', '3.3.0-r2', 'openssl'],
  ['zlib', '1.3.1-r1', 'zlib'],
] as const;

/** Each row was looked up by a person in the raw feed: what it says there, and why it is a finding of this version. */
// biome-ignore format: a table
const checked = [
  // target                             vulnerability      source package  status                 fix state       fixed in                     severity      what the feed says
  ['debian-bookworm-dbonly',            'CVE-2005-2541',   'tar',          'affected',            'not_fixed',    undefined,                   'negligible', 'bookworm open, unimportant: stays affected'],
  ['debian-bookworm-dbonly',            'CVE-2016-2781',   'coreutils',    'affected',            'not_fixed',    undefined,                   'low',        'bookworm open, low; installed 9.1-1'],
  ['debian-bookworm-dbonly',            'CVE-2023-45853',  'zlib',         'affected',            'not_fixed',    undefined,                   undefined,    'bookworm open, though trixie has 1:1.3.dfsg-2'],
  ['debian-bullseye-dbonly',            'CVE-2021-36084',  'libsepol',     'affected',            'fixed',        '3.1-1+deb11u1',             undefined,    'bullseye resolved in 3.1-1+deb11u1, installed 3.1-1'],
  ['debian-bullseye-dbonly',            'CVE-2022-1304',   'e2fsprogs',    'affected',            'fixed',        '1.46.2-2+deb11u1',          undefined,    'bullseye resolved in 1.46.2-2+deb11u1, installed 1.46.2-2'],
  ['debian-bullseye-dbonly',            'CVE-2023-7008',   'systemd',      'affected',            'fixed',        '247.3-7+deb11u6',           undefined,    'bullseye resolved in 247.3-7+deb11u6, installed deb11u5'],
  ['debian-bullseye-dbonly',            'CVE-2024-0727',   'openssl',      'affected',            'fixed',        '1.1.1w-0+deb11u2',          undefined,    'bullseye resolved in 1.1.1w-0+deb11u2, installed deb11u1'],
  ['debian-trixie-dbonly',              'CVE-2024-13176',  'openssl',      'affected',            'not_fixed',    undefined,                   undefined,    'trixie open on the day of the feed'],
  ['debian-bookworm-multilayer-dbonly', 'CVE-2023-32681',  'requests',     'affected',            'not_fixed',    undefined,                   undefined,    'bookworm open; installed 2.28.1+dfsg-1'],
  ['debian-apt-languages',              'CVE-2016-1000031','libcommons-fileupload-java', 'affected', 'not_fixed', undefined,                   'negligible', 'bookworm open, unimportant; binary and source names differ'],

  ['ubuntu-jammy-dbonly',               'CVE-2022-3602',   'openssl',      'affected',            'fixed',        '3.0.2-0ubuntu1.7',          'high',       'jammy released (3.0.2-0ubuntu1.7), installed 3.0.2-0ubuntu1'],
  ['ubuntu-jammy-dbonly',               'CVE-2022-37434',  'zlib',         'affected',            'fixed',        '1:1.2.11.dfsg-2ubuntu9.2',  'medium',     'jammy released, the installed revision has no .2'],
  ['ubuntu-jammy-dbonly',               'CVE-2016-20013',  'glibc',        'affected',            'deferred',     undefined,                   'negligible', 'jammy deferred'],
  ['ubuntu-jammy-dbonly',               'CVE-2016-2781',   'coreutils',    'affected',            'deferred',     undefined,                   'low',        'jammy deferred (2022-02-01)'],
  ['ubuntu-jammy-dbonly',               'CVE-2022-27943',  'gcc-12',       'affected',            'not_fixed',    undefined,                   'low',        'jammy needed'],
  ['ubuntu-jammy-dbonly',               'CVE-2022-41409',  'pcre2',        'under_investigation', 'unknown',      undefined,                   'low',        'jammy needs-triage'],
  ['ubuntu-focal-dbonly',               'CVE-2020-27350',  'apt',          'affected',            'fixed',        '2.0.2ubuntu0.2',            'medium',     'focal released (2.0.2ubuntu0.2), installed 2.0.2'],
  ['ubuntu-focal-dbonly',               'CVE-2018-25032',  'zlib',         'affected',            'fixed',        '1:1.2.11.dfsg-2ubuntu1.3',  'medium',     'focal released, installed 1:1.2.11.dfsg-2ubuntu1'],
  ['ubuntu-xenial-dbonly',              'CVE-2016-1234',   'glibc',        'affected',            'fixed',        '2.23-0ubuntu6',             'low',        'xenial released (2.23-0ubuntu6), installed ubuntu3'],
  ['ubuntu-xenial-dbonly',              'CVE-2019-18276',  'bash',         'affected',            'end_of_life',  undefined,                   'low',        'xenial ignored (end of standard support); esm-infra has a fix, which does not count'],

  ['alpine-3.18.9-x86_64',              'CVE-2024-9143',   'openssl',      'affected',            'fixed',        '3.1.7-r1',                  undefined,    'v3.18 main 3.1.7-r1, installed 3.1.7-r0'],
  ['alpine-3.20.3-x86_64',              'CVE-2024-9143',   'openssl',      'affected',            'fixed',        '3.3.2-r1',                  undefined,    'v3.20 main 3.3.2-r1, installed 3.3.2-r0'],
  ['alpine-upgrade-remove',             'CVE-2021-36159',  'apk-tools',    'affected',            'fixed',        '2.10.7-r0',                 undefined,    'v3.10 main 2.10.7-r0, installed 2.10.6-r0'],
  ['alpine-3.20.0',                     'CVE-2023-42363',  'busybox',      'affected',            'fixed',        '1.36.1-r27',                undefined,    'v3.20 main 1.36.1-r27, installed r25'],
  ['alpine-3.20.0',                     'CVE-2023-42364',  'busybox',      'affected',            'fixed',        '1.36.1-r29',                undefined,    'v3.20 main 1.36.1-r29, installed r25'],
  ['alpine-3.20.0',                     'CVE-2024-4741',   'openssl',      'affected',            'fixed',        '3.3.0-r3',                  undefined,    'v3.20 main 3.3.0-r3, installed r2'],
  ['alpine-3.20.0',                     'CVE-2024-5535',   'openssl',      'affected',            'fixed',        '3.3.1-r1',                  undefined,    'v3.20 main 3.3.1-r1'],
  ['alpine-3.20.0',                     'CVE-2024-6119',   'openssl',      'affected',            'fixed',        '3.3.2-r0',                  undefined,    'v3.20 main 3.3.2-r0'],
  ['alpine-3.20.0',                     'CVE-2024-7264',   'curl',         'affected',            'fixed',        '8.9.1-r0',                  undefined,    'v3.20 main 8.9.1-r0, installed 8.7.1-r0'],
  ['alpine-3.20.0',                     'CVE-2024-45490',  'expat',        'affected',            'fixed',        '2.6.3-r0',                  undefined,    'v3.20 main 2.6.3-r0, installed 2.6.2-r0; the package is libexpat'],
] as const;

/** What must not be found, looked up in the same way. */
// biome-ignore format: a table
const cleared = [
  ['debian-bookworm-dbonly',            'CVE-2023-4911',   'glibc',        'bookworm resolved in 2.36-9+deb12u3, installed deb12u14'],
  ['debian-trixie-dbonly',              'CVE-2024-3094',   'xz-utils',     'trixie resolved in 5.6.1+really5.4.5-1, installed 5.8.1'],
  ['ubuntu-jammy-dbonly',               'CVE-2023-45853',  'zlib',         'jammy not-affected (code not built)'],
  ['ubuntu-jammy-dbonly',               'CVE-2018-25032',  'zlib',         'jammy released (1:1.2.11.dfsg-2ubuntu9), installed that'],
  ['alpine-3.20.0',                     'CVE-2023-45853',  'zlib',         'v3.20 main lists it below version 0: never affected'],
  ['alpine-3.20.0',                     'CVE-2023-42366',  'busybox',      'v3.20 main 1.36.1-r25, installed that'],
] as const;

describe.skipIf(!shared)('findings that a person checked', () => {
  const reports = new Map<string, ReportedScan>();
  let database = '';
  let alpine = '';
  beforeAll(() => {
    database = advisoryDatabase();
    alpine = writeAlpine();
  });
  afterAll(() => rmSync(alpine, { recursive: true, force: true }));

  for (const [target, id, source, status, fixState, fixedIn, severity, says] of checked) {
    test(`${target}: ${id} in ${source}: ${says}`, () => {
      const found = findingsOf(target, id, source);
      expect(found.length).toBeGreaterThan(0);
      for (const finding of found) {
        expect(finding).toMatchObject({ status, fixState, fixedVersions: fixedIn ? [fixedIn] : [] });
        if (severity) expect(finding.severity.word).toBe(severity);
      }
    });
  }

  for (const [target, id, source, says] of cleared) {
    test(`${target}: no ${id} in ${source}: ${says}`, () => {
      expect(findingsOf(target, id, source)).toEqual([]);
    });
  }

  function findingsOf(target: string, id: string, source: string) {
    const report = reports.get(target) ?? scanReport(pathOf(target), database);
    reports.set(target, report);
    const sources = sourceNames(report);
    expect([...sources.values()]).toContain(source);
    return report.findings.filter(
      ({ vulnerability, packageId }) => vulnerability.id === id && sources.get(packageId) === source,
    );
  }

  function pathOf(target: string): string {
    if (target === 'alpine-3.20.0') return `dir:${alpine}`;
    const file = FILES[target] ?? `${target}.oci-gzip.tar`;
    return join(shared!.un, 'images/images', file);
  }
});

const FILES: Readonly<Record<string, string>> = {
  'alpine-3.18.9-x86_64': 'alpine-3.18.9-x86_64.oci-none.tar',
  'alpine-3.20.3-x86_64': 'alpine-3.20.3-x86_64.docker-new.tar',
  'alpine-upgrade-remove': 'alpine-upgrade-remove.oci-mixed',
  'debian-bookworm-multilayer-dbonly': 'debian-bookworm-multilayer-dbonly.docker-new.tar',
};

function writeAlpine(): string {
  const root = mkdtempSync(join(tmpdir(), 'cvescan-alpine-'));
  mkdirSync(join(root, 'etc'));
  mkdirSync(join(root, 'lib/apk/db'), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), 'ID=alpine\nVERSION_ID=3.20.0\n');
  const stanzas = ALPINE_3_20_0.map(([name, version, origin]) => `P:${name}\nV:${version}\nA:x86_64\no:${origin}\n\n`);
  writeFileSync(join(root, 'lib/apk/db/installed'), stanzas.join(''));
  return root;
}
