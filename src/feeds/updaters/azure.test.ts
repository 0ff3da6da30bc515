import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import { Held, startTrial } from '../updater.contract.ts';
import { azureUpdater } from './azure.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures/azure');

test('each definition is a flaw in a source package', async () => {
  await using trial = await startTrial(azureUpdater, FIXTURE);
  const held = new Held();
  await trial.update(held);
  const rows = held.content().flatMap(([, records]) =>
    records.map((record) => {
      if (record.kind !== 'advisory') throw new Error('no advisory');
      const { vulnerabilityId, namespace, packageName, status, affected, fixState, severity } = record;
      const [range] = affected;
      return [namespace, vulnerabilityId, packageName, status, range?.introduced, range?.fixed, fixState, severity];
    }),
  );
  // biome-ignore format: a table
  expect(rows).toEqual([
    ['azurelinux:2', 'CVE-2023-0687',  'glibc',         'not_affected', undefined, undefined,  'unknown',   'critical'],
    ['azurelinux:2', 'CVE-2023-29404', 'golang',        'affected',     '1.19.0',  '1.20.7-1', 'fixed',     'critical'],
    ['azurelinux:2', 'CVE-2014-8139',  'unzip',         'affected',     '0',       undefined,  'not_fixed', 'high'],
    ['azurelinux:3', 'CVE-2024-35176', 'rubygem-rexml', 'affected',     '0',       '3.2.8-1',  'fixed',     'medium'],
    ['azurelinux:3', 'CVE-2023-29409', 'golang',        'affected',     '0',       '1.20.7-1', 'fixed',     'medium'],
  ]);
  expect(trial.problems).toEqual([]);
});

test('a criterion that we do not know is a problem', async () => {
  const problems: Problem[] = [];
  const definition = `<definition id="oval:x:def:1" class="vulnerability"><metadata><title>t</title>
    <reference ref_id="CVE-2020-1" source="CVE"/><severity>Low</severity><description>d</description></metadata>
    <criteria><criterion comment="Package a is purple"/></criteria></definition>`;
  const xml = `<oval_definitions><definitions>${definition}</definitions></oval_definitions>`;
  const document = { name: 'azurelinux-3.0-oval.xml', revision: 'r', body: memoryBody(Buffer.from(xml)) };
  const parts = await Array.fromAsync(azureUpdater.parse(document, { problem: (problem) => problems.push(problem) }));
  expect(parts.map(({ records }) => records)).toEqual([[]]);
  expect(problems.map(({ message }) => message)).toEqual([
    'oval:x:def:1: unknown criterion "Package a is purple"',
    'oval:x:def:1: names no flaw or no package',
  ]);
});
