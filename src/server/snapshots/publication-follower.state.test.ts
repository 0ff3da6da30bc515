import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeAdvisory, fakeUpdater, updateFakes } from '../../../test/fake-feeds.ts';
import { snapshotFile } from '../../advisories/pointer.ts';
import { isServedByAll, readPublication } from '../../state/publications.ts';
import { releaseRowLock, takeRowLock } from '../../state/row-lock.ts';
import { describeState } from '../../state/state.contract.ts';
import type { State } from '../../state/state.ts';
import { runTask } from '../tasks/run-task.ts';
import { PublicationFollower, UPDATER_LOCK } from './publication-follower.ts';
import { ServedSnapshots } from './served-snapshots.ts';

const { signal } = new AbortController();

describeState('PublicationFollower', ({ open, dialect }) => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cvescan-follower-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function instance(state: State, name: string) {
    const directory = join(root, name);
    const served = new ServedSnapshots(directory);
    const log = pino({ enabled: false });
    const follower = new PublicationFollower({
      ...{ state, directory, served, runTask, log, instanceId: randomUUID(), now: () => new Date(0) },
    });
    return { directory, served, follower, check: () => follower.check(signal) };
  }

  async function update(directory: string, fixed: string): Promise<string> {
    const parts = { 'CVE-2024-1': { revision: fixed, records: [fakeAdvisory('CVE-2024-1', 'zlib', fixed)] } };
    const { snapshotId } = await updateFakes(directory, [fakeUpdater('debian', { tracker: { parts } })]);
    return snapshotId!;
  }

  test('nothing is served while there is nothing', async () => {
    const { served, check } = instance(await open(), 'a');
    await check();
    expect(served.current()).toBeUndefined();
  });

  test('what the directory holds is published and served; so is what takes its place', async () => {
    const state = await open();
    const { directory, served, check } = instance(state, 'a');
    const first = await update(directory, '1');
    await check();
    expect(served.current()).toEqual({ id: first, sequence: 1 });
    await check();
    expect(await readPublication(state)).toMatchObject({ sequence: 1, diffedSequence: 1 });
    const second = await update(directory, '2');
    await check();
    expect(served.current()).toEqual({ id: second, sequence: 2 });
    expect(await readPublication(state)).toMatchObject({ snapshotId: second, sequence: 2, diffedSequence: 1 });
  });

  const onMany = test.skipIf(dialect === 'sqlite');

  onMany('other instances fetch what one publishes, and all are known to serve it', async () => {
    const state = await open();
    const [a, b] = [instance(state, 'a'), instance(state, 'b')];
    const first = await update(a.directory, '1');
    await a.check();
    await b.check();
    expect(b.served.current()).toEqual({ id: first, sequence: 1 });
    const second = await update(a.directory, '2');
    await a.check();
    expect(await isServedByAll(state, 2)).toBe(false);
    await b.check();
    expect(b.served.current()).toEqual({ id: second, sequence: 2 });
    expect(existsSync(snapshotFile(b.directory, second))).toBe(true);
    expect(await isServedByAll(state, 2)).toBe(true);
    using pinned = b.served.pin()!;
    expect(pinned.snapshot.advisories('debian:12', 'zlib')[0]!.affected[0]!.fixed).toBe('2');
  });

  onMany('an instance that comes back with an old snapshot takes the published one', async () => {
    const state = await open();
    const [a, b] = [instance(state, 'a'), instance(state, 'b')];
    await update(b.directory, 'old');
    const first = await update(a.directory, '1');
    await a.check();
    await b.check();
    expect(b.served.current()).toEqual({ id: first, sequence: 1 });
  });

  onMany('what lies here is not published while another holds the lock of updates', async () => {
    const state = await open();
    const { directory, served, check } = instance(state, 'a');
    const lock = { name: UPDATER_LOCK, owner: 'another' };
    await takeRowLock(state, lock, 60_000);
    const first = await update(directory, '1');
    await check();
    expect(served.current()).toBeUndefined();
    await releaseRowLock(state, lock);
    await check();
    expect(served.current()).toEqual({ id: first, sequence: 1 });
  });

  onMany('an instance that said goodbye is waited for no longer', async () => {
    const state = await open();
    const [a, b] = [instance(state, 'a'), instance(state, 'b')];
    await update(a.directory, '1');
    await b.check();
    await a.check();
    expect(await isServedByAll(state, 1)).toBe(false);
    await b.follower.leave();
    expect(await isServedByAll(state, 1)).toBe(true);
  });

  onMany('old publications are removed, all but the one before and what is still to be compared', async () => {
    const state = await open();
    const { directory, check } = instance(state, 'a');
    for (const version of ['1', '2', '3', '4']) {
      await update(directory, version);
      await check();
    }
    const stored = () => state.db.selectFrom('stored_snapshot').select('sequence').orderBy('sequence').execute();
    expect((await stored()).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    await state.write((tx) => tx.updateTable('current_snapshot').set({ diffed_sequence: 4 }).execute());
    await update(directory, '5');
    await check();
    expect((await stored()).map(({ sequence }) => sequence)).toEqual([4, 5]);
  });
});
