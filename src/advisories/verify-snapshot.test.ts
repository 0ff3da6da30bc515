import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { fakeAdvisory, fakeUpdater, updateFakes } from '../../test/fake-feeds.ts';
import { snapshotFile } from './pointer.ts';
import { verifyCurrentSnapshot } from './verify-snapshot.ts';

const root = mkdtempSync(join(tmpdir(), 'cvescan-verify-'));
afterAll(() => rmSync(root, { recursive: true }));

const records = [
  fakeAdvisory('CVE-1', 'openssl', '1'),
  { kind: 'vulnerability', id: 'GHSA-1', aliases: ['CVE-1'] } as const,
  { kind: 'vulnerability', id: 'CVE-2', severity: 'low' } as const,
];

let count = 0;
async function verifyEdited(sql: string) {
  const directory = join(root, `${++count}`);
  const tracker = { parts: { all: { revision: '1', records } } };
  const { snapshotId } = await updateFakes(directory, [fakeUpdater('debian', { tracker })]);
  const db = new DatabaseSync(snapshotFile(directory, snapshotId!));
  db.enableDefensive(false);
  db.exec(sql);
  db.close();
  return verifyCurrentSnapshot(directory);
}

test('an untouched snapshot is whole', async () => {
  expect(await verifyEdited('')).toMatchObject({ partCount: 1, differing: [], faults: [] });
});

describe('what no hash covers is derived anew', () => {
  for (const [shows, sql, fault] of [
    ['an alias more', `INSERT INTO alias_statement VALUES (1, 'CVE-2', 'GHSA-1')`, 'an alias that no record states'],
    ['an alias less', 'DELETE FROM alias_statement', 'an alias is missing'],
    ['a group more', `INSERT INTO alias VALUES ('CVE-3', 'CVE-1')`, 'alias groups'],
    ['a group less', 'DELETE FROM alias', 'alias groups'],
    ['coverage of what is not held', 'INSERT INTO coverage VALUES (99, 1, NULL)', 'counts as covered'],
    ['a document gone', 'DELETE FROM document', 'document that is not held'],
    ['another count', 'UPDATE source SET record_count = 7', 'counts of a source'],
  ] as const) {
    test(shows, async () => {
      const { differing, faults } = await verifyEdited(sql);
      expect(differing).toEqual([]);
      expect(faults.join('; ')).toContain(fault);
    });
  }
});

test('an index that is no index of its table', async () => {
  const swapped = `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (
    SELECT rootpage FROM sqlite_schema WHERE name = 'alias_by_canonical') WHERE name = 'problem_of_source'`;
  await expect(verifyEdited(swapped)).rejects.toMatchObject({
    ...{ code: 'database.damaged', message: expect.stringMatching(/is damaged: .*; run cvescan db import FILE/) },
  });
});
