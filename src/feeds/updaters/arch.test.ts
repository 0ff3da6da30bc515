import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import { Held, startTrial } from '../updater.contract.ts';
import { archUpdater } from './arch.ts';

async function parse(...groups: readonly unknown[]) {
  const problems: Problem[] = [];
  const document = { name: 'all.json', revision: 'r', body: memoryBody(Buffer.from(JSON.stringify(groups))) };
  const parts = await Array.fromAsync(archUpdater.parse(document, { problem: (problem) => problems.push(problem) }));
  return { parts, problems };
}

test('a group speaks of all its packages and flaws', async () => {
  await using trial = await startTrial(archUpdater, join(import.meta.dirname, 'fixtures/arch'));
  const held = new Held();
  await trial.update(held);
  const rows = held.content().flatMap(([part, records]) =>
    records.map((record) => {
      if (record.kind !== 'advisory') throw new Error('no advisory');
      const { vulnerabilityId, packageName, status, affected, fixState, severity } = record;
      return [part, vulnerabilityId, packageName, status, affected[0]?.fixed, fixState, severity];
    }),
  );
  // biome-ignore format: a table
  expect(rows).toEqual([
    ['AVG-1431', 'CVE-2021-3156',  'sudo',        'affected',            '1.9.5.p2-1', 'fixed',     'critical'],
    ['AVG-1431', 'CVE-2021-23239', 'sudo',        'affected',            '1.9.5.p2-1', 'fixed',     'critical'],
    ['AVG-1736', 'CVE-2021-3450',  'openssl',     'affected',            '1.1.1.k-1',  'fixed',     'high'],
    ['AVG-1736', 'CVE-2021-3449',  'openssl',     'affected',            '1.1.1.k-1',  'fixed',     'high'],
    ['AVG-2849', 'CVE-1900-0001',  'acme-server', 'affected',            undefined,    'not_fixed', undefined],
    ['AVG-2849', 'CVE-1900-0001',  'acme-client', 'affected',            undefined,    'not_fixed', undefined],
    ['AVG-2850', 'CVE-1900-0002',  'acme-server', 'not_affected',        undefined,    'unknown',   'low'],
    ['AVG-2851', 'CVE-1900-0003',  'acme-server', 'affected',            '1.1-1',      'fixed',     'medium'],
    ['AVG-2852', 'CVE-1900-0004',  'acme-server', 'under_investigation', undefined,    'unknown',   'medium'],
  ]);
  expect(trial.problems).toEqual([]);
});

describe('what is out of the usual', () => {
  const group = {
    name: 'AVG-1',
    packages: ['a'],
    status: 'Fixed',
    severity: 'Low',
    fixed: '1-1',
    issues: ['CVE-2020-1'],
  };

  test('a status that we do not know is under investigation, and a problem', async () => {
    const { parts, problems } = await parse({ ...group, status: 'Perhaps' });
    expect(parts[0]?.records).toMatchObject([{ status: 'under_investigation' }]);
    expect(problems).toMatchObject([{ message: 'all.json: AVG-1: unknown status "Perhaps"' }]);
  });

  test('a group without flaws stands for itself', async () => {
    const { parts } = await parse({ ...group, issues: [] });
    expect(parts[0]?.records).toMatchObject([{ vulnerabilityId: 'AVG-1' }]);
  });

  test('what is no group is a problem, and so is one that comes again', async () => {
    const { parts, problems } = await parse(group, group, { ...group, name: 'x' }, { ...group, packages: [] }, 7);
    expect([parts.length, problems.length]).toEqual([1, 4]);
  });
});
