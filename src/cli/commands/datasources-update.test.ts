import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';

const root = mkdtempSync(join(tmpdir(), 'cvescan-update-command-'));
const mirror = join(root, 'mirror');
const database = join(root, 'db');
afterAll(() => rmSync(root, { recursive: true }));

/** CISA's catalogue with one real entry. */
const KEV = {
  catalogVersion: '2024.01.01',
  dateReleased: '2024-01-01T00:00:00.000Z',
  count: 1,
  vulnerabilities: [
    {
      ...{
        cveID: 'CVE-2021-44228',
        vendorProject: 'Apache',
        product: 'Log4j2',
        vulnerabilityName: 'Apache Log4j2 RCE',
      },
      ...{ dateAdded: '2021-12-10', shortDescription: 'JNDI features do not protect against attackers.' },
      ...{ requiredAction: 'Apply updates.', dueDate: '2021-12-24', knownRansomwareCampaignUse: 'Known', notes: '' },
    },
  ],
};

function mirrored(path: string, content: string): void {
  const file = join(mirror, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

mirrored('www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json', JSON.stringify(KEV));

const update = (...argv: readonly string[]) =>
  runCommandLine(['datasources-update', '--db', database, '--mirror', mirror, ...argv], {
    env: { HOME: root, PATH: process.env.PATH },
  });

describe('datasources-update', () => {
  test('--list names the sources', async () => {
    const { code, stdout } = await update('--list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^nvd {7}NIST National Vulnerability Database$/m);
    expect(stdout).toMatch(/^uct .*\(also ubuntu\)$/m);
  });

  test('reads a source from a mirror, in a worker thread', async () => {
    const { code, stdout, stderr } = await update('cisa_kev');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'cisa_kev  updated, 1 parts, 1 records\n' });
    expect(stdout).toMatch(/^snapshot [0-9a-f]{64}\n$/);
    const search = await runCommandLine(['db', 'search', '--db', database, 'CVE-2021-44228']);
    expect(search.stdout).toContain('exploited  known since 2021-12-10, to be mended by 2021-12-24');
    expect(await update('-q', 'cisa_kev')).toEqual({ code: 0, stdout: '', stderr: '' });
  }, 30_000);

  test('one that fails is exit 1, and keeps nothing from the others', async () => {
    const { code, stderr } = await update('cisa_kev', 'epss');
    expect(code).toBe(1);
    expect(stderr).toContain('cisa_kev  unchanged');
    expect(stderr).toMatch(/^epss {6}failed: not in the mirror: https:\/\/epss/m);
    const status = await runCommandLine(['db', 'status', '--db', database]);
    expect(status.stdout).toMatch(/^epss {6}not in the mirror: https:\/\/epss/m);
  }, 30_000);

  test('an ecosystem that the mirror lacks fails osv where it was named, and publishes nothing', async () => {
    mirrored('osv-vulnerabilities.storage.googleapis.com/ecosystems.txt', 'npm\n');
    mirrored('osv-vulnerabilities.storage.googleapis.com/npm/modified_id.csv', '2024-04-22T19:49:41Z,GHSA-1\n');
    const { code, stdout, stderr } = await update('--db', join(root, 'new'), 'osv');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^osv {7}failed: not in the mirror: https:\/\/osv-.*\/npm\/all\.zip$/m);
  }, 30_000);

  for (const [mirror, message] of [
    [join(root, 'absent'), 'is no directory'],
    [mkdtempSync(join(root, 'empty-')), 'is no mirror: it holds no folder with the name of a host'],
  ] as const) {
    test(`a mirror that ${message}: exit 1 at once`, async () => {
      const { code, stderr } = await update('--mirror', mirror);
      expect(code).toBe(1);
      expect(stderr).toContain(message);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    });
  }

  for (const [argv, code, message] of [
    [['debain'], 2, 'there is no source debain'],
    [['debian', '--only-needed', 'x.tar'], 2, 'not both'],
    [['--only-needed', join(root, 'none.tar')], 3, 'none.tar'],
  ] as const) {
    test(`${argv.join(' ')}: exit ${code}`, async () => {
      const answer = await update(...argv);
      expect(answer.code).toBe(code);
      expect(answer.stderr).toContain(message);
    });
  }
});
