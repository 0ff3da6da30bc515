import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSnapshot } from '../src/advisories/open-snapshot.ts';
import { createFeedAccess } from '../src/feeds/feed-access.ts';
import { findUpdater, updaters } from '../src/feeds/updaters/registry.ts';
import type { Package } from '../src/model/package.ts';
import type { ScanReport } from '../src/model/scan-report.ts';
import { collectSource } from '../src/scan/collect-source.ts';
import { judge } from '../src/scan/judge.ts';
import { scan } from '../src/scan/scan.ts';
import { updateDatasources } from '../src/scan/update.ts';

/** What `npm start` shows where there is no network: the example image, judged by the example mirror. */

const root = resolve(import.meta.dirname, '..');
const NOW = new Date('2026-02-01T00:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'cvescan-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `vulnerability package -> fixed version` of each OS package, looked up in Alpine's security database. */
const ALPINE = [
  'CVE-2023-42363 busybox 1.36.1-r25 -> 1.36.1-r27',
  'CVE-2023-42363 ssl_client 1.36.1-r25 -> 1.36.1-r27',
  'CVE-2023-42364 busybox 1.36.1-r25 -> 1.36.1-r29',
  'CVE-2023-42364 ssl_client 1.36.1-r25 -> 1.36.1-r29',
  'CVE-2023-42365 busybox 1.36.1-r25 -> 1.36.1-r29',
  'CVE-2023-42365 ssl_client 1.36.1-r25 -> 1.36.1-r29',
  'CVE-2024-11053 curl 8.7.1-r0 -> 8.11.1-r0',
  'CVE-2024-11053 libcurl 8.7.1-r0 -> 8.11.1-r0',
  'CVE-2024-45490 libexpat 2.6.2-r0 -> 2.6.3-r0',
  'CVE-2024-45491 libexpat 2.6.2-r0 -> 2.6.3-r0',
  'CVE-2024-45492 libexpat 2.6.2-r0 -> 2.6.3-r0',
  'CVE-2024-4741 libcrypto3 3.3.0-r2 -> 3.3.0-r3',
  'CVE-2024-4741 libssl3 3.3.0-r2 -> 3.3.0-r3',
  'CVE-2024-50602 libexpat 2.6.2-r0 -> 2.6.4-r0',
  'CVE-2024-5535 libcrypto3 3.3.0-r2 -> 3.3.1-r1',
  'CVE-2024-5535 libssl3 3.3.0-r2 -> 3.3.1-r1',
  'CVE-2024-6119 libcrypto3 3.3.0-r2 -> 3.3.2-r0',
  'CVE-2024-6119 libssl3 3.3.0-r2 -> 3.3.2-r0',
  'CVE-2024-6197 curl 8.7.1-r0 -> 8.9.0-r0',
  'CVE-2024-6197 libcurl 8.7.1-r0 -> 8.9.0-r0',
  'CVE-2024-6874 curl 8.7.1-r0 -> 8.9.0-r0',
  'CVE-2024-6874 libcurl 8.7.1-r0 -> 8.9.0-r0',
  'CVE-2024-7264 curl 8.7.1-r0 -> 8.9.1-r0',
  'CVE-2024-7264 libcurl 8.7.1-r0 -> 8.9.1-r0',
  'CVE-2024-8096 curl 8.7.1-r0 -> 8.10.0-r0',
  'CVE-2024-8096 libcurl 8.7.1-r0 -> 8.10.0-r0',
  'CVE-2024-9143 libcrypto3 3.3.0-r2 -> 3.3.2-r1',
  'CVE-2024-9143 libssl3 3.3.0-r2 -> 3.3.2-r1',
  'CVE-2024-9681 curl 8.7.1-r0 -> 8.11.0-r0',
  'CVE-2024-9681 libcurl 8.7.1-r0 -> 8.11.0-r0',
];

/** The same for what the application's lockfile names, by GitHub's advisories. */
const NPM = [
  'CVE-2021-23337 lodash 4.17.20 -> 4.17.21',
  'CVE-2021-44906 minimist 1.2.5 -> 1.2.6',
  'CVE-2022-25883 semver 7.5.1 -> 7.5.2',
  'CVE-2022-46175 json5 2.2.1 -> 2.2.2',
  'CVE-2023-45857 axios 1.5.0 -> 1.6.0',
  'CVE-2024-29041 express 4.18.2 -> 4.19.2',
  'CVE-2024-37890 ws 8.16.0 -> 8.17.1',
];

describe('examples', () => {
  const database = join(folder, 'db');
  let report: ScanReport;
  beforeAll(async () => {
    run(['tools/make-examples.mjs', folder]);
    await buildDatabase(database, join(folder, 'mirror'));
    const target = `oci-dir:${join(folder, 'image')}`;
    report = await scan(target, { inventory: { cache: false }, databaseDirectory: database, now: NOW });
  }, 60_000);

  test('the image is an Alpine 3.20 that can be read without problems', () => {
    expect([report.namespace, report.problems]).toEqual(['alpine:v3.20', []]);
    expect(report.packages.filter(({ type }) => type === 'apk')).toHaveLength(13);
  });

  test('its OS packages have exactly the vulnerabilities that Alpine states', () => {
    expect(foundIn(report, 'apk')).toEqual(ALPINE);
  });

  test("what its application's lockfile names has exactly the vulnerabilities that GitHub states", () => {
    using snapshot = openSnapshot(database);
    const inventory = { ...report, packages: lockedPackages() };
    expect(foundIn(judge(inventory, snapshot, { now: NOW }), 'npm')).toEqual(NPM);
  });

  test('NVD and EPSS rate them', () => {
    expect(report.vulnerabilities.find(({ id }) => id === 'CVE-2024-5535')).toMatchObject({
      severity: 'critical',
      epss: { score: expect.any(Number) },
    });
  });

  test('the mirror speaks of Debian too, and of what is exploited', () => {
    using snapshot = openSnapshot(database);
    const [advisory] = snapshot
      .advisories('debian:12', 'glibc')
      .filter(({ vulnerabilityId }) => vulnerabilityId === 'CVE-2023-4911');
    expect(advisory?.affected).toEqual([{ introduced: '0', fixed: '2.36-9+deb12u3' }]);
    expect(snapshot.vulnerability('CVE-2023-4911').kev?.dateAdded).toBe('2023-11-21');
  });

  test('the same sources make the same bytes', () => {
    const again = join(folder, 'again');
    run(['tools/make-examples.mjs', again]);
    for (const name of ['image', 'mirror']) {
      expect(contentsOf(join(again, name))).toEqual(contentsOf(join(folder, name)));
    }
  });
});

/** `vulnerability package version -> fixed version`, sorted. */
function foundIn({ packages, findings }: ScanReport, type: string): string[] {
  const packageById = new Map(packages.map((one) => [one.id, one]));
  return findings
    .filter(({ packageId }) => packageById.get(packageId)?.type === type)
    .map(({ vulnerability, packageId, fixedVersions }) => {
      const { name, version } = packageById.get(packageId)!;
      return [vulnerability.id, name, version, '->', ...fixedVersions].join(' ');
    })
    .sort();
}

function lockedPackages(): Package[] {
  const path = 'srv/app/package-lock.json';
  const file = join(root, 'examples/image/layers/2-app', path);
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, { version: string }> };
  return Object.entries(packages)
    .filter(([place]) => place !== '')
    .map(([place, { version }]) => {
      const name = place.replace('node_modules/', '');
      const id = `npm/${name}@${version}`;
      return { id, name, version, versionScheme: 'semver', type: 'npm', namespace: 'npm', locations: [{ path }] };
    });
}

function contentsOf(directory: string): readonly (readonly [path: string, base64: string])[] {
  return globSync('**/*', { cwd: directory, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => [file.slice(directory.length), readFileSync(file, 'base64')]);
}

/** Every source must be in the mirror, or be missing as a whole. */
async function buildDatabase(directory: string, mirror: string): Promise<void> {
  const signal = new AbortController().signal;
  const options = { mirror, temporaryDirectory: folder, gitDirectory: join(folder, 'git'), version: '0.0.0' };
  await using access = await createFeedAccess({ ...options, env: process.env, signal });
  const { outcomes } = await updateDatasources({
    directory,
    updaters,
    covers: (source, namespace) => findUpdater(source)?.covers(namespace),
    named: new Set(),
    acceptShrink: false,
    concurrency: 1,
    collect: ({ source, settings }) =>
      collectSource(findUpdater(source)!, {
        directory,
        access,
        settings,
        now: () => NOW,
        signal,
        onProgress: () => {},
      }),
    settings: {},
    now: () => NOW,
    signal,
    onEvent: () => {},
  });
  expect(outcomes.filter(({ state }) => state === 'failed')).toEqual([]);
  expect(
    outcomes
      .filter(({ state }) => state === 'updated')
      .map(({ source }) => source)
      .sort(),
  ).toEqual(['alpine', 'cisa_kev', 'debian', 'epss', 'nvd', 'osv']);
}

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${args.slice(0, 2).join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
