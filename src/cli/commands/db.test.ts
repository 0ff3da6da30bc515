import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';
import { fakeAdvisory, fakeUpdater, updateFakes } from '../../../test/fake-feeds.ts';
import { openSnapshot } from '../../advisories/open-snapshot.ts';
import { snapshotFile } from '../../advisories/pointer.ts';
import { ScannerError } from '../../model/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'cvescan-db-'));
const database = join(root, 'db');
let id = '';

beforeAll(async () => {
  const records = [
    fakeAdvisory('CVE-2024-5535', 'openssl', '3.0.14-1~deb12u1'),
    {
      kind: 'vulnerability',
      id: 'CVE-2024-5535',
      description: 'SSL_select_next_proto overread',
      severity: 'high',
    } as const,
    { kind: 'vulnerability', id: 'GHSA-4fc7-mvrr-wv2c', aliases: ['CVE-2024-5535'] } as const,
  ];
  const failing = fakeUpdater('rhel', new ScannerError('feed.unreachable', 'no route to the feed'));
  const tracker = { parts: { all: { revision: '1', records } }, problems: ['an odd line'] };
  id = (await updateFakes(database, [fakeUpdater('debian', { tracker }), failing])).snapshotId!;
});
afterAll(() => rmSync(root, { recursive: true }));

const db = (command: string, ...argv: readonly string[]) =>
  runCommandLine(['db', command, '--db', database, ...argv], { now: () => new Date('2026-08-04T00:00:00Z') });

describe('db status', () => {
  test('names snapshot, age, records, problems and failures', async () => {
    const { code, stdout } = await db('status');
    expect(code).toBe(0);
    expect(stdout).toContain(`snapshot ${id}\n`);
    expect(stdout).toMatch(/^debian {4}2026-08-01 00:00 +3d +1 +3 +1$/m);
    expect(stdout).toContain('rhel      the last update failed: no route to the feed');
  });

  test('as JSON', async () => {
    expect(JSON.parse((await db('status', '-o', 'json')).stdout)).toMatchObject({
      ...{ schemaVersion: '1.0', snapshotId: id },
      sources: [{ name: 'debian', ageSeconds: 259_200, recordCount: 3, problems: [{ message: 'an odd line' }] }],
      missing: [{ name: 'rhel', failure: { code: 'feed.unreachable' } }],
    });
  });
});

describe('db search', () => {
  test('a vulnerability, by an alias too', async () => {
    for (const word of ['CVE-2024-5535', 'GHSA-4fc7-mvrr-wv2c']) {
      const { stdout } = await db('search', word);
      expect(stdout).toContain('CVE-2024-5535\n  aliases    GHSA-4fc7-mvrr-wv2c\n  severity   high (debian)\n');
      expect(stdout).toMatch(/^debian:12 openssl +CVE-2024-5535 {2}affected < 3\.0\.14-1~deb12u1 {2}\(debian\)$/m);
    }
  });

  test('a package, in one namespace', async () => {
    expect((await db('search', 'openssl', '--namespace', 'debian:12')).stdout).toContain('CVE-2024-5535');
    expect((await db('search', 'openssl', '--namespace', 'debian:11')).stdout).toBe('nothing is known of openssl\n');
  });

  test('as JSON', async () => {
    const found = JSON.parse((await db('search', 'CVE-2024-5535', '-o', 'json')).stdout);
    expect(found).toMatchObject({
      ...{ schemaVersion: '1.0', snapshotId: id, vulnerability: { id: 'CVE-2024-5535' } },
      advisories: [{ namespace: 'debian:12', part: 'all', revision: '1' }],
    });
    expect(found.vulnerability.records[0].description).toBe('SSL_select_next_proto overread');
  });
});

test('db path names the file, db export and db import carry it, db verify finds it whole', async () => {
  expect((await db('path')).stdout).toBe(`${snapshotFile(database, id)}\n`);
  const archive = join(root, 'db.zst');
  expect(await db('export', archive)).toMatchObject({ code: 0, stdout: expect.stringContaining(id) });
  const elsewhere = join(root, 'elsewhere');
  const imported = await runCommandLine(['db', 'import', '--db', elsewhere, archive]);
  expect(imported).toEqual({ code: 0, stdout: `snapshot ${id}\n`, stderr: '' });
  const verified = await runCommandLine(['db', 'verify', '--db', elsewhere]);
  expect(verified.stdout).toBe(`snapshot ${id} is whole, 1 parts\n`);
});

test('db verify finds a changed row', async () => {
  const edited = join(root, 'edited');
  await updateFakes(edited, [
    fakeUpdater('debian', { t: { parts: { a: { revision: '1', records: [fakeAdvisory('CVE-1', 'a', '1')] } } } }),
  ]);
  using snapshot = openSnapshot(edited);
  const file = new DatabaseSync(snapshotFile(edited, snapshot.id));
  file.exec(`UPDATE advisory SET lines = replace(lines, '"1"', '"2"')`);
  file.close();
  const { code, stderr } = await runCommandLine(['db', 'verify', '--db', edited]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('1 of 1 parts differ') });
});

describe('what cannot be done is said', () => {
  const none = join(root, 'none');
  for (const [argv, code, message] of [
    [['db', 'status', '--db', none], 1, 'cvescan datasources-update --only-needed TARGET'],
    [['db', 'status', '--db', database, '-o', 'xml'], 2, 'the only format is json'],
    [['db', 'export', '--db', database], 2, 'give one file'],
    [['db', 'export', '--db', database, join(root, 'no/such/folder')], 1, 'cannot be written'],
    [['db', 'import', '--db', none, join(root, 'no-archive')], 3, 'no-archive does not exist'],
    [['db', 'import', '--db', none, root], 3, 'is no file'],
    [['db', 'search', '--db', database], 2, 'give one word'],
  ] as const) {
    test(argv.slice(0, 2).concat(argv.slice(4)).join(' '), async () => {
      const answer = await runCommandLine(argv);
      expect(answer.code).toBe(code);
      expect(answer.stderr).toContain(message);
    });
  }

  test('a directory in place of a file', async () => {
    const file = join(root, 'plain-file');
    writeFileSync(file, '');
    const answer = await runCommandLine(['db', 'import', '--db', join(file, 'db'), join(root, 'x')]);
    expect(answer).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be written') });
  });
});
