import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fakeAdvisory, fakeUpdater, updateFakes } from '../../../test/fake-feeds.ts';
import { ServedSnapshots } from './served-snapshots.ts';

describe('ServedSnapshots', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cvescan-served-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Makes a snapshot in which zlib is fixed in this version. */
  async function publish(fixed: string): Promise<string> {
    const parts = { 'CVE-2024-1': { revision: fixed, records: [fakeAdvisory('CVE-2024-1', 'zlib', fixed)] } };
    const { snapshotId } = await updateFakes(directory, [fakeUpdater('debian', { tracker: { parts } })]);
    return snapshotId!;
  }

  test('there is none until one is served', async () => {
    using served = new ServedSnapshots(directory);
    expect(served.pin()).toBeUndefined();
    expect(served.current()).toBeUndefined();
    const id = await publish('1');
    served.swap({ id, sequence: 1 });
    expect(served.current()).toEqual({ id, sequence: 1 });
    using pinned = served.pin();
    expect(pinned!.snapshot.id).toBe(id);
  });

  test('who pins one keeps it, whatever is served and removed meanwhile; it is closed after the last pin', async () => {
    using served = new ServedSnapshots(directory);
    served.swap({ id: await publish('1'), sequence: 1 });
    const [first, second] = [served.pin()!, served.pin()!];
    for (const version of ['2', '3', '4']) served.swap({ id: await publish(version), sequence: Number(version) });
    const fixOf = (pinned: typeof first) => pinned.snapshot.advisories('debian:12', 'zlib')[0]!.affected[0]!.fixed;
    expect(fixOf(first)).toBe('1');
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(fixOf(second)).toBe('1');
    second[Symbol.dispose]();
    expect(() => fixOf(second)).toThrow();
    using now = served.pin()!;
    expect(fixOf(now)).toBe('4');
  });

  test('a snapshot that cannot be opened leaves the old one served', async () => {
    using served = new ServedSnapshots(directory);
    const id = await publish('1');
    served.swap({ id, sequence: 1 });
    expect(() => served.swap({ id: 'f'.repeat(64), sequence: 2 })).toThrow(
      expect.objectContaining({ code: 'database.missing' }),
    );
    expect(served.current()).toEqual({ id, sequence: 1 });
    using pinned = served.pin()!;
    expect(pinned.snapshot.advisories('debian:12', 'zlib')).toHaveLength(1);
  });

  test('listeners are told of swaps, also of one that is a new publication of the same snapshot', async () => {
    using served = new ServedSnapshots(directory);
    const told: number[] = [];
    const end = served.onSwap(({ sequence }) => told.push(sequence));
    const id = await publish('1');
    for (const sequence of [1, 1, 2]) served.swap({ id, sequence });
    end();
    served.swap({ id: await publish('2'), sequence: 3 });
    expect(told).toEqual([1, 2]);
  });

  test('under load no request sees two snapshots, or a closed one', async () => {
    using served = new ServedSnapshots(directory);
    const ids = [await publish('1'), await publish('2')];
    served.swap({ id: ids[0]!, sequence: 1 });
    let isOver = false;
    let requestCount = 0;
    const client = async () => {
      while (!isOver) {
        using pinned = served.pin()!;
        const { id } = pinned.snapshot;
        const version = id === ids[0] ? '1' : '2';
        for (let step = 0; step < 3; step++) {
          await turn();
          expect(pinned.snapshot.advisories('debian:12', 'zlib')[0]!.affected[0]!.fixed).toBe(version);
        }
        requestCount += 1;
      }
    };
    const clients = Array.from({ length: 20 }, client);
    for (let sequence = 2; sequence < 60; sequence++) {
      served.swap({ id: ids[sequence % 2]!, sequence });
      await turn();
    }
    isOver = true;
    await Promise.all(clients);
    expect(requestCount).toBeGreaterThan(100);
  });
});
