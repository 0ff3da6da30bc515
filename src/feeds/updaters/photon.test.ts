import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import { Held, startTrial } from '../updater.contract.ts';
import { photonUpdater } from './photon.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures/photon');

test('each branch lists flaws of installed packages', async () => {
  await using trial = await startTrial(photonUpdater, FIXTURE);
  const held = new Held();
  await trial.update(held);
  const rows = held.content().flatMap(([part, records]) =>
    records.map((record) => {
      if (record.kind !== 'advisory') throw new Error('no advisory');
      const { namespace, packageName, status, affected, fixState } = record;
      return [part, namespace, packageName, status, affected[0]?.fixed, fixState];
    }),
  );
  // biome-ignore format: a table
  expect(rows).toEqual([
    ['photon:1/CVE-2016-9843',   'photon:1', 'zlib',        'affected',     '1.2.8-5.ph1',    'fixed'],
    ['photon:4/CVE-1900-0001',   'photon:4', 'acme-server', 'not_affected', undefined,        'unknown'],
    ['photon:4/CVE-1900-0002',   'photon:4', 'acme-server', 'affected',     undefined,        'not_fixed'],
    ['photon:4/CVE-2025-9086',   'photon:4', 'curl',        'affected',     '8.16.0-1.ph4',   'fixed'],
    ['photon:4/CVE-2025-9086',   'photon:4', 'curl-libs',   'affected',     '8.16.0-1.ph4',   'fixed'],
    ['photon:5/BDSA-2025-13833', 'photon:5', 'consul',      'not_affected', undefined,        'unknown'],
    ['photon:5/CVE-2023-5115',   'photon:5', 'ansible',     'affected',     '2.14.12-1.ph5',  'fixed'],
  ]);
  expect(trial.problems).toEqual([]);
});

test('a branch that the mirror lacks keeps what is held, and is a gap', async () => {
  await using trial = await startTrial(photonUpdater, FIXTURE);
  for (const path of trial.publisher.files.keys())
    if (path.endsWith('photon1.0.json')) trial.publisher.files.delete(path);
  const held = new Held();
  await trial.update(held, { mirror: trial.publisher.url });
  expect(trial.problems).toMatchObject([{ code: 'feed.not-in-mirror', path: 'cve_data_photon1.0.json' }]);
  expect(held.content()).toHaveLength(5);
});

test('what is no flaw is a problem', async () => {
  const problems: Problem[] = [];
  const flaw = { cve_id: 'CVE-2020-1', pkg: 'a', res_ver: '1-1.ph5', status: 'Fixed' };
  const entries = [flaw, { ...flaw, cve_id: '' }, { ...flaw, pkg: '' }, { ...flaw, res_ver: 'NA' }, 7];
  const body = memoryBody(Buffer.from(JSON.stringify(entries)));
  const document = { name: 'cve_data_photon5.0.json', revision: 'r', body };
  const parts = await Array.fromAsync(photonUpdater.parse(document, { problem: (problem) => problems.push(problem) }));
  expect([parts.length, problems.length]).toEqual([1, 4]);
});

test('the end of a release is known, newer ones go on', () => {
  expect(['photon:3', 'photon:5', 'photon:11', 'photon:0', 'debian:12'].map(photonUpdater.covers)).toEqual([
    { until: '2025-10-02' },
    {},
    {},
    undefined,
    undefined,
  ]);
});
