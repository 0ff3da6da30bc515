import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Held, startTrial } from '../updater.contract.ts';
import { chainguardUpdater } from './chainguard.ts';
import { wolfiUpdater } from './wolfi.ts';

describe('distributions without releases', () => {
  for (const [updater, library] of [
    [wolfiUpdater, 'acme-tls'],
    [chainguardUpdater, 'acme-proxy'],
  ] as const) {
    test(`${updater.name}: a part is a source package`, async () => {
      await using trial = await startTrial(updater, join(import.meta.dirname, 'fixtures', updater.name));
      const held = new Held();
      await trial.update(held);
      const rows = held.content().flatMap(([part, records]) =>
        records.map((record) => {
          if (record.kind !== 'advisory') throw new Error('no advisory');
          const { vulnerabilityId, namespace, status, affected } = record;
          return [part, namespace, vulnerabilityId, status, affected[0]?.fixed];
        }),
      );
      // biome-ignore format: a table
      expect(rows.sort()).toEqual([
        [library,      updater.name, 'CVE-1900-0001',       'affected',     '1.2.3-r1'],
        [library,      updater.name, 'CVE-1900-0002',       'affected',     '1.2.4-r0'],
        [library,      updater.name, 'CVE-1900-0003',       'not_affected', undefined],
        [library,      updater.name, 'GHSA-aaaa-bbbb-cccc', 'affected',     '1.2.3-r1'],
        ['acme-shell', updater.name, 'CVE-1900-0004',       'affected',     '2.0.0-r5'],
      ].sort());
      expect([updater.covers(updater.name), updater.covers('alpine:v3.20')]).toEqual([{}, undefined]);
      expect(trial.problems).toEqual([]);
    });
  }
});
