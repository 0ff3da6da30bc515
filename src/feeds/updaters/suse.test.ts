import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Held, startTrial } from '../updater.contract.ts';
import { suseUpdater } from './suse.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures/suse');

test('an erratum speaks of each flaw in each release; products that are no release do not count', async () => {
  await using trial = await startTrial(suseUpdater, FIXTURE);
  const held = new Held();
  await trial.update(held);
  const rows = held.content().flatMap(([part, records]) =>
    records.map((record) => {
      if (record.kind !== 'advisory') return [part, record.kind];
      const { vulnerabilityId, namespace, packageName, packageKind, affected } = record;
      return [part, vulnerabilityId, namespace, packageKind, packageName, affected[0]?.fixed];
    }),
  );
  // biome-ignore format: a table
  expect(rows).toEqual([
    ['SUSE-SU-2015:1359-1', 'CVE-2015-0295', 'sles:12',       'source', 'libqt4',      '4.8.6-7.1'],
    ['SUSE-SU-2015:1359-1', 'CVE-2015-0295', 'sles:12.1',     'source', 'libqt4',      '4.8.6-7.1'],
    ['SUSE-SU-2015:1359-1', 'CVE-2015-1858', 'sles:12',       'source', 'libqt4',      '4.8.6-7.1'],
    ['SUSE-SU-2015:1359-1', 'CVE-2015-1858', 'sles:12.1',     'source', 'libqt4',      '4.8.6-7.1'],
    ['SUSE-SU-2021:2760-1', 'CVE-1900-0001', 'sles:15.3',     'source', 'acme-server', '1.2-150300.3.1'],
    ['SUSE-SU-2021:2760-1', 'CVE-1900-0001', 'sle-micro:5.1', 'source', 'acme-server', '1.2-150300.3.1'],
    ['SUSE-SU-2021:2760-1', 'CVE-1900-0001', 'opensuse:15.3', 'source', 'acme-server', '1.2-150300.3.1'],
  ]);
  expect(held.content().map(([part]) => part)).toContain('openSUSE-SU-2016:1623-1');
  expect(trial.problems).toEqual([]);
});

describe('releases', () => {
  for (const [namespace, coverage] of [
    ['sles:15.7', { until: '2031-07-31' }],
    ['opensuse:tumbleweed', {}],
    ['sles:11.4', undefined],
  ] as const) {
    test(namespace, () => expect(suseUpdater.covers(namespace)).toEqual(coverage));
  }
});
