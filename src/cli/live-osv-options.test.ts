import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../test/command-line.ts';
import { FakeOsv } from '../../test/fake-osv.ts';
import { makeSampleDatabase } from '../../test/sample-database.ts';
import { readLiveOsv } from './source-options.ts';

const directory = mkdtempSync(join(tmpdir(), 'cvescan-live-'));
const database = join(directory, 'db');
const osv = new FakeOsv();

beforeAll(async () => {
  await osv.open();
  osv.add('GHSA-a', 'npm', 'lodash', { aliases: ['CVE-2020-1'] });
  const epss = { kind: 'epss', vulnerabilityId: 'CVE-2020-1', score: 0.5, percentile: 0.9 } as const;
  await makeSampleDatabase(database, { epss: { namespaces: [], records: [epss] } }, new Date('2026-08-01T00:00:00Z'));
});
afterAll(() => {
  osv.close();
  rmSync(directory, { recursive: true });
});

/** Runs a command with a configuration. */
function run(config: string, ...argv: readonly string[]) {
  const file = join(directory, 'config.yml');
  writeFileSync(file, config.replace('URL', `${osv.url}/`));
  return runCommandLine([...argv, '--db', database, '--config', file], {
    env: { XDG_CACHE_HOME: join(directory, 'cache') },
  });
}

const LIVE = 'osv:\n  mode: live\n  url: URL\n';
const inventory = join(directory, 'purls.txt');
writeFileSync(inventory, 'pkg:npm/lodash@1.0.0\n');

describe('osv.mode: live', () => {
  test('scan asks OSV, and once is enough', async () => {
    const answers = [
      await run(LIVE, 'scan', '-o', 'json', inventory),
      await run(LIVE, 'scan', '-o', 'json', inventory),
    ];
    const report = JSON.parse(answers[0]!.stdout);
    expect(report.findings.map((finding: { vulnerability: object }) => finding.vulnerability)).toMatchObject([
      { id: 'CVE-2020-1', aliases: ['GHSA-a'] },
    ]);
    expect(report.problems).toMatchObject([{ code: 'source.live' }, { code: 'source.missing' }]);
    expect(answers[1]).toEqual(answers[0]);
    expect(osv.batchSizes).toEqual([1]);
  });

  test('scan-inventory does too', async () => {
    const { stdout } = await run(LIVE, 'scan-inventory', '--inventory', inventory);
    expect(JSON.stringify(JSON.parse(stdout))).toContain('CVE-2020-1');
  });

  test('--osv-offline asks nobody', async () => {
    const unknown = join(directory, 'unknown.txt');
    writeFileSync(unknown, 'pkg:npm/unknown@1.0.0\n');
    const asked = osv.batchSizes.length;
    const { code, stdout } = await run(LIVE, 'scan', '-o', 'json', '--osv-offline', unknown);
    expect(code).toBe(11);
    expect(stdout).toContain('the cache has no answer');
    expect(osv.batchSizes).toHaveLength(asked);
  });

  test('by default nobody is asked', async () => {
    const asked = osv.batchSizes.length;
    expect((await run('', 'scan', inventory)).code).toBe(11);
    expect(osv.batchSizes).toHaveLength(asked);
  });
});

describe('readLiveOsv', () => {
  const read = (sources: Readonly<Record<string, Readonly<Record<string, string>>>>, options = {}) =>
    readLiveOsv(
      { options, env: {}, signal: new AbortController().signal },
      { datasources: { sources }, cacheDirectory: '/cache', limits: { maxOsvCacheBytes: 7 } },
    );

  test('options and configuration', () => {
    expect(read({})).toBeUndefined();
    expect(read({ osv: { mode: 'snapshot' } })).toBeUndefined();
    expect(read({}, { 'osv-live': true })).toMatchObject({
      cacheDirectory: '/cache/osv',
      maxCacheBytes: 7,
      isOffline: false,
    });
    expect(read({ osv: { mode: 'live', offline: 'true' } })).toMatchObject({ isOffline: true });
  });

  test('--osv-offline alone is a mistake', () =>
    expect(() => read({}, { 'osv-offline': true })).toThrow('--osv-offline says how --osv-live'));

  for (const [settings, message] of [
    [{ mode: 'alive' }, 'osv.mode is live or snapshot, not "alive"'],
    [{ offline: 'yes' }, 'osv.offline is true or false, not "yes"'],
    [
      { mode: 'live', url: 'api.osv.dev' },
      'osv.url is an address that begins with http:// or https://, not "api.osv.dev"',
    ],
  ] as const)
    test(message, () => expect(() => read({ osv: settings })).toThrow(message));
});
