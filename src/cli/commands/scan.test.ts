import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';
import { makeSampleDatabase } from '../../../test/sample-database.ts';

const NOW = new Date('2026-08-01T00:00:00Z');
const directory = mkdtempSync(join(tmpdir(), 'cvescan-scan-'));
const database = join(directory, 'db');
const env = { XDG_CACHE_HOME: join(directory, 'cache') };

const stanza = (name: string, version: string, source: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\nSource: ${source}\n`;

/** A root file system with the packages of a dpkg status file. */
function rootOf(name: string, release: string, ...stanzas: readonly string[]): string {
  const root = join(directory, name);
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), release);
  writeFileSync(join(root, 'var/lib/dpkg/status'), stanzas.join('\n'));
  return root;
}

const DEBIAN_12 = 'ID=debian\nVERSION_ID="12"\n';
const vulnerable = rootOf('vulnerable', DEBIAN_12, stanza('libssl3', '3.0.11-1~deb12u2', 'openssl'));
const clean = rootOf('clean', DEBIAN_12, stanza('hostname', '3.23+nmu1', 'hostname'));
const strange = rootOf('strange', 'ID=debian\nVERSION_ID="99"\n', stanza('hostname', '3.23+nmu1', 'hostname'));
const empty = rootOf('empty', DEBIAN_12);

beforeAll(async () => {
  const vulnerabilityId = 'CVE-2024-5535';
  const about = { kind: 'advisory', namespace: 'debian:12', packageName: 'openssl', packageKind: 'source' } as const;
  await makeSampleDatabase(
    database,
    {
      debian: {
        namespaces: ['debian:12'],
        records: [
          {
            ...{ ...about, vulnerabilityId, advisoryId: vulnerabilityId, status: 'affected', fixState: 'fixed' },
            affected: [{ introduced: '0', fixed: '3.0.14-1~deb12u1' }],
            severity: 'high',
          },
        ],
      },
      epss: { namespaces: [], records: [{ kind: 'epss', vulnerabilityId, score: 0.04, percentile: 0.9 }] },
      cisa_kev: { namespaces: [], records: [{ kind: 'kev', vulnerabilityId, dateAdded: '2024-07-01' }] },
    },
    NOW,
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

const scan = (...argv: readonly string[]) => runCommandLine(['scan', '--db', database, ...argv], { env });

test('an image is scanned, and the findings are a table', async () => {
  const { code, stdout, stderr } = await scan(vulnerable);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/high +CVE-2024-5535 +4\.0 +yes +3\.0\.14-1~deb12u1/);
});

test('several reports at once, and one of them is explained', async () => {
  const file = join(directory, 'report.json');
  const { stdout } = await scan('-o', `json=${file}`, '-o', 'table', vulnerable);
  expect(stdout).toContain('1 vulnerability in 1 of 1 package');
  const { findings, packages } = JSON.parse(readFileSync(file, 'utf8'));
  expect(findings).toMatchObject([{ packageId: packages[0].id, proof: { identity: { name: 'openssl' } } }]);
  const explained = await runCommandLine(['explain', findings[0].fingerprint, file]);
  expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining('the same verdict') });
});

test('the same target and database give the same bytes', async () => {
  const [first, second] = [await scan('-o', 'json', vulnerable), await scan('-o', 'json', vulnerable)];
  expect(first.stdout).toBe(second.stdout);
});

describe('exit codes', () => {
  for (const [argv, code, message, shows] of [
    [[clean], 0, '', 'nothing found'],
    [['--fail-on', 'critical', vulnerable], 0, '', 'below the gate'],
    [['--fail-on', 'high', vulnerable], 10, 'cvescan: the gate is closed by: high (1)\n', 'the gate'],
    [
      ['--fail-on', 'critical', '--fail-on', 'kev', '--fail-on', 'epss>=0.04', vulnerable],
      10,
      'cvescan: the gate is closed by: kev (1), epss>=0.04 (1)\n',
      'one of several gates',
    ],
    [['-q', '--fail-on', 'high', vulnerable], 10, '', 'the gate, quietly'],
    [['--only-fixed', '--severity', 'critical', '--fail-on', 'high', vulnerable], 0, '', 'what is not listed'],
    [['--fail-on', 'not-assessed', strange], 10, /gate is closed by: not-assessed \(1\)/, 'the gate before nothing'],
    [[strange], 11, /nothing could be assessed/, 'no feed'],
    [[empty], 11, /nothing could be assessed/, 'no packages'],
  ] as const) {
    test(`${code}: ${shows}`, async () => {
      const { stdout, ...answer } = await scan(...argv);
      expect(answer).toMatchObject({
        code,
        stderr: typeof message === 'string' ? message : expect.stringMatching(message),
      });
      expect(stdout).toContain('Advisory database');
    });
  }

  for (const [argv, code, message] of [
    [[], 2, 'give a target'],
    [['--fail-on', 'severe', 'x'], 2, '--fail-on severe: it is one of'],
    [['--severity', 'severe', 'x'], 2, '--severity severe: it is one of'],
    [['--max-db-age', '7', 'x'], 2, '--max-db-age 7: it is a number with h, d or w'],
    [['-o', 'tabel', 'x'], 2, 'did you mean table?'],
    [['/nonexistent.tar'], 3, '/nonexistent.tar'],
    [['-o', 'json=/proc/none/report', vulnerable], 1, 'cannot write /proc/none/report'],
  ] as const) {
    test(`${code}: ${message}`, async () => {
      const answer = await scan(...argv);
      expect(answer).toMatchObject({ code, stderr: expect.stringContaining(message) });
      expect(answer.stderr.trimEnd()).not.toContain('\n');
    });
  }
});

describe('without a database', () => {
  const missing = ['scan', '--db', join(directory, 'none')];

  test('it is said how to get one, and nothing is reported', async () => {
    const answer = await runCommandLine([...missing, vulnerable], { env });
    expect(answer).toMatchObject({ code: 1, stdout: '' });
    expect(answer.stderr).toContain(`cvescan datasources-update --only-needed ${vulnerable}`);
  });

  test('a target that cannot be read comes first', async () =>
    expect((await runCommandLine([...missing, '/nonexistent.tar'], { env })).code).toBe(3));
});

describe('an old database', () => {
  const old = { env, now: () => new Date('2026-08-09T00:00:00Z') };
  const command = ['scan', '--db', database];
  const warning = /the advisory database is old, last read: cisa_kev on 2026-08-01, debian on 2026-08-01, epss/;

  test('is a warning', async () => {
    const { code, stderr } = await runCommandLine([...command, vulnerable], old);
    expect(code).toBe(0);
    expect(stderr).toMatch(warning);
  });
  test('is silent with -q', async () =>
    expect((await runCommandLine([...command, '-q', vulnerable], old)).stderr).toBe(''));
  test('is fine for who says so', async () =>
    expect((await runCommandLine([...command, '--max-db-age', '2w', vulnerable], old)).stderr).toBe(''));
  test('is a failure with --strict, and the report is written', async () => {
    const { code, stdout, stderr } = await runCommandLine(
      [...command, '--strict', '--fail-on', 'high', vulnerable],
      old,
    );
    expect(code).toBe(1);
    expect(stdout).toContain('CVE-2024-5535');
    expect(stderr).toMatch(warning);
  });
});

test('--distro names the release of what names none', async () => {
  const nameless = rootOf('nameless', '', stanza('libssl3', '3.0.11-1~deb12u2', 'openssl'));
  expect((await scan(nameless)).code).toBe(11);
  expect(await scan('--distro', 'debian:12', nameless)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('CVE-2024-5535'),
  });
});
