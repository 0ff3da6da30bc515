import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { advisory, fakeAdvisories, installed } from '../../test/fake-advisories.ts';
import { FakeOsv } from '../../test/fake-osv.ts';
import { matchPackages } from '../matching/match-packages.ts';
import type { Package } from '../model/package.ts';
import { askLiveOsv, type LiveOsvOptions } from './live-osv.ts';

const NOW = new Date('2026-02-01T00:00:00Z');
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function fakeOsv(): Promise<FakeOsv> {
  const osv = await new FakeOsv().open();
  closing.push(() => osv.close());
  return osv;
}

function cacheDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-osv-'));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const npm = (name: string, version = '1.0.0'): Package =>
  installed({ name, version, id: `npm/${name}@${version}`, namespace: 'npm', type: 'npm', versionScheme: 'semver' });

const timing = { now: () => 0, random: () => 0, sleep: async () => {} };

async function ask(osv: FakeOsv, packages: readonly Package[], more: Partial<LiveOsvOptions> = {}) {
  const database = fakeAdvisories({
    advisories: [
      advisory({
        source: 'osv',
        namespace: 'npm',
        packageName: 'old',
        packageKind: 'binary',
        vulnerabilityId: 'GHSA-old',
      }),
    ],
    groups: [['CVE-2020-9', 'GHSA-known']],
  });
  const options = { url: osv.url, cacheDirectory: cacheDirectory(), isOffline: false, version: '1', env: {}, now: NOW };
  const network = { timing, maxAttempts: 2 };
  const signal = new AbortController().signal;
  const { source, problems } = await askLiveOsv(database, packages, { ...options, signal, network, ...more });
  const { matches, ledger } = matchPackages(packages, source, { now: NOW });
  return {
    found: matches.map(({ packageId, vulnerabilityId }) => `${packageId} ${vulnerabilityId}`),
    problems: problems.map(({ code, message }) => `${code}: ${message.replace(osv.url, 'OSV')}`),
    ledger,
    source,
  };
}

describe('live OSV', () => {
  test('finds what its records say, and the report says that it was asked', async () => {
    const osv = await fakeOsv();
    osv.add('GHSA-a', 'npm', 'lodash', { aliases: ['CVE-2020-1'] });
    osv.add('GHSA-known', 'npm', 'lodash');
    const { found, problems, ledger } = await ask(osv, [npm('lodash'), npm('lodash', '2.0.0'), npm('clean'), npm('')]);
    expect(found).toEqual(['npm/lodash@1.0.0 CVE-2020-1', 'npm/lodash@1.0.0 CVE-2020-9']);
    expect(problems).toEqual([
      "source.live: OSV was asked (oldest answer 2026-02-01T00:00:00.000Z): the snapshot's id does not stand for what it says",
    ]);
    expect([ledger.matched, ledger.clean]).toEqual([1, 3]);
  });

  test('its records stand for those of the database', async () => {
    const osv = await fakeOsv();
    expect((await ask(osv, [npm('old')])).found).toEqual([]);
  });

  test('names are asked as ecosystems keep them, and no package twice', async () => {
    const osv = await fakeOsv();
    osv.add('PYSEC-1', 'PyPI', 'zope-interface');
    const python = { namespace: 'pypi', type: 'pypi', versionScheme: 'pep440' };
    const zope = (id: string) => installed({ name: 'Zope.Interface', version: '1.0', id, ...python });
    const { found } = await ask(osv, [zope('a'), zope('b'), installed({ name: 'dash' })]);
    expect(found).toEqual(['a PYSEC-1', 'b PYSEC-1']);
    expect(osv.batchSizes).toEqual([1]);
  });

  test('names and versions are asked as OSV spells them', async () => {
    const osv = await fakeOsv();
    osv.add('GHSA-n', 'NuGet', 'Newtonsoft.Json');
    osv.add('GO-1', 'Go', 'github.com/a/b');
    const nuget = installed({ name: 'Newtonsoft.Json', version: '1.0.0', id: 'n', namespace: 'nuget', type: 'nuget' });
    const go = installed({ name: 'github.com/a/b', version: 'v1.0.0', id: 'g', namespace: 'golang', type: 'golang' });
    const { found } = await ask(osv, [
      { ...nuget, versionScheme: 'nuget' },
      { ...go, versionScheme: 'semver' },
    ]);
    expect(found.sort()).toEqual(['g GO-1', 'n GHSA-n']);
    expect(osv.versions).toEqual(['1.0.0', '1.0.0']);
  });

  test('aliases of records and of the database are one group', async () => {
    const osv = await fakeOsv();
    osv.add('GHSA-a', 'npm', 'lodash', { aliases: ['CVE-2020-1'] });
    osv.add('SNYK-b', 'npm', 'lodash', { aliases: ['GHSA-a'] });
    osv.add('GHSA-c', 'npm', 'lodash', { aliases: ['CVE-2020-1', 'CVE-2020-2'] });
    const { found, source } = await ask(osv, [npm('lodash')]);
    expect(found).toEqual(['npm/lodash@1.0.0 CVE-2020-1', 'npm/lodash@1.0.0 CVE-2020-2']);
    const { id, aliases, records } = source.vulnerability('SNYK-b');
    expect([id, aliases, records.map((record) => record.id)]).toEqual([
      'CVE-2020-1',
      ['GHSA-a', 'GHSA-c', 'SNYK-b'],
      ['GHSA-a', 'GHSA-c', 'SNYK-b'],
    ]);
  });

  test('asks a thousand packages at a time, and all pages', async () => {
    const osv = await fakeOsv();
    for (const id of ['A-1', 'A-2', 'A-3', 'A-4', 'A-5']) osv.add(id, 'npm', 'p7');
    const packages = Array.from({ length: 1001 }, (_, index) => npm(`p${index}`));
    expect((await ask(osv, packages)).found).toHaveLength(5);
    expect(osv.batchSizes).toEqual([1000, 1, 1, 1]);
  });

  test('what was answered within a day is not asked again', async () => {
    const osv = await fakeOsv();
    osv.add('GHSA-a', 'npm', 'lodash');
    const directory = cacheDirectory();
    const askAt = (now: string) => ask(osv, [npm('lodash')], { cacheDirectory: directory, now: new Date(now) });
    await askAt('2026-02-01T00:00:00Z');
    expect((await askAt('2026-02-01T23:59:59Z')).found).toHaveLength(1);
    expect([osv.batchSizes.length, osv.fetched.length]).toEqual([1, 1]);
    await askAt('2026-02-02T00:00:00Z');
    expect([osv.batchSizes.length, osv.fetched.length]).toEqual([2, 1]);
    osv.add('GHSA-a', 'npm', 'lodash', { modified: '2024-02-02T00:00:00Z' });
    await askAt('2026-02-04T00:00:00Z');
    expect([osv.batchSizes.length, osv.fetched.length]).toEqual([3, 2]);
  });

  test('offline takes what was answered, however old, and says what was not', async () => {
    const osv = await fakeOsv();
    osv.add('GHSA-a', 'npm', 'lodash');
    const directory = cacheDirectory();
    await ask(osv, [npm('lodash')], { cacheDirectory: directory });
    const offline = { cacheDirectory: directory, isOffline: true, now: new Date('2027-01-01T00:00:00Z') };
    const { found, problems } = await ask(osv, [npm('lodash'), npm('new')], offline);
    expect(found).toHaveLength(1);
    expect(problems[1]).toBe(
      'source.partial: OSV did not answer for 1 of 2 packages, of which only the database speaks: it is not to be asked, and the cache has no answer',
    );
    expect(osv.batchSizes).toEqual([1]);
  });

  test('a withdrawn record says nothing of packages', async () => {
    const osv = await fakeOsv();
    osv.add('GHSA-a', 'npm', 'lodash', { withdrawn: '2024-01-01T00:00:00Z' });
    expect((await ask(osv, [npm('lodash')])).found).toEqual([]);
  });
});

describe('when OSV fails', () => {
  test('the database speaks, and the report says so', async () => {
    const osv = await fakeOsv();
    osv.refuse = () => 503;
    const { found, problems } = await ask(osv, [npm('old')]);
    expect(found).toEqual(['npm/old@1.0.0 GHSA-old']);
    expect(problems).toEqual([
      'source.partial: OSV did not answer for 1 of 1 packages, of which only the database speaks: OSV/v1/querybatch answered 503',
    ]);
  });

  test('a package that it does not take leaves the others', async () => {
    const osv = await fakeOsv();
    osv.add('GHSA-a', 'npm', 'lodash');
    const { found, problems, ledger } = await ask(osv, [npm('a'), npm('odd name'), npm('lodash')]);
    expect(found).toEqual(['npm/lodash@1.0.0 GHSA-a']);
    expect(problems[1]).toMatch(/for 1 of 3 packages.*: it does not take npm odd name 1.0.0$/);
    // The database covers nothing: who was not answered must not look clean.
    expect([ledger.matched, ledger.clean, ledger.noFeed]).toEqual([1, 0, 2]);
  });

  test('who refuses everything is not asked for ever', async () => {
    const osv = await fakeOsv();
    osv.refuse = () => 400;
    const { found, problems } = await ask(osv, [npm('old'), ...Array.from({ length: 99 }, (_, n) => npm(`p${n}`))]);
    expect(found).toEqual(['npm/old@1.0.0 GHSA-old']);
    expect(problems[0]).toMatch(/^source.partial: OSV did not answer for 100 of 100 packages/);
  });

  test('records that are missing leave the rest, and are said', async () => {
    const osv = await fakeOsv();
    osv.add('GHSA-a', 'npm', 'lodash');
    osv.add('GHSA-b', 'npm', 'lodash');
    osv.refuse = (path) => (path.endsWith('GHSA-b') ? 404 : undefined);
    const { found, problems } = await ask(osv, [npm('lodash')]);
    expect(found).toEqual(['npm/lodash@1.0.0 GHSA-a']);
    expect(problems[1]).toMatch(/^source.partial: OSV did not answer for 1 of 1 packages.*GHSA-b answered 404$/);
  });

  test('an answer of another length is refused', async () => {
    const osv = await fakeOsv();
    const server = createServer((_, response) => response.end('{"results":[]}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { problems } = await ask(osv, [npm('lodash')], { url });
    expect(problems[0]).toMatch(/answers 0 of 1 questions$/);
  });
});
