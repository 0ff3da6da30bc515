import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeFeed, fakeAdvisory, fakeUpdater, updateFakes } from '../../../test/fake-feeds.ts';
import { readPublication } from '../../state/publications.ts';
import { releaseRowLock, takeRowLock } from '../../state/row-lock.ts';
import { describeState } from '../../state/state.contract.ts';
import type { State } from '../../state/state.ts';
import { PublicationFollower, UPDATER_LOCK } from '../snapshots/publication-follower.ts';
import { ServedSnapshots } from '../snapshots/served-snapshots.ts';
import { type RunTask, runTask } from '../tasks/run-task.ts';
import type { Task } from '../tasks/task.ts';
import { chooseSources } from './choose-sources.ts';
import { UpdateRounds } from './update-rounds.ts';

const MIRROR = join(import.meta.dirname, '..', '..', '..', 'examples', 'mirror');
const HOUR_MS = 3_600_000;
const { signal } = new AbortController();

const trackerOf = (fixed: string): FakeFeed => ({
  tracker: { parts: { 'CVE-2024-1': { revision: fixed, records: [fakeAdvisory('CVE-2024-1', 'zlib', fixed)] } } },
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cvescan-updates-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** An instance whose feeds are objects in memory: the update runs here, the rest in processes. */
function instance(state: State, name: string, feeds: Record<string, FakeFeed> = {}, run?: RunTask) {
  const directory = join(root, name);
  const measured: unknown[] = [];
  const taskKinds: string[] = [];
  const fakeRun = async (task: Task, until: AbortSignal) => {
    taskKinds.push(task.kind);
    if (task.kind !== 'update') return runTask(task, until);
    const updaters = Object.entries(feeds).map(([source, feed]) => fakeUpdater(source, feed));
    const { snapshotId, outcomes } = await updateFakes(directory, updaters, { signal: until });
    return {
      snapshotId,
      outcomes: outcomes.map(({ error, ...it }) => ({ ...it, ...(error && { error: { message: error.message } }) })),
    };
  };
  const shared = {
    state,
    instanceId: name,
    log: pino({ enabled: false }),
    runTask: run ?? (fakeRun as unknown as RunTask),
  };
  const served = new ServedSnapshots(directory);
  const follower = new PublicationFollower({ ...shared, directory, served, now: () => new Date(0) });
  const access = { mirror: MIRROR, temporaryDirectory: root, gitDirectory: join(root, 'git'), version: 'test' };
  const rounds = new UpdateRounds({
    ...{ ...shared, follower, intervalMs: HOUR_MS, nowMs: () => 0 },
    task: { directory, sources: ['alpine', 'cisa_kev'], settings: {}, access, concurrency: 2 },
    measures: { updated: (update) => measured.push(update) },
  });
  return { served, follower, rounds, measured, taskKinds, feeds };
}

/** As if so much time had passed since the last update. */
async function passMs(state: State, ms: number): Promise<void> {
  await state.write(async (tx) => {
    const row = await tx
      .selectFrom('keyvalue')
      .where('key', '=', 'updater/last')
      .select('value')
      .executeTakeFirstOrThrow();
    const { endedAtMs, failedCount } = JSON.parse(row.value) as { endedAtMs: number; failedCount: number };
    const value = JSON.stringify({ endedAtMs: endedAtMs - ms, failedCount });
    await tx.updateTable('keyvalue').set({ value }).where('key', '=', 'updater/last').execute();
  });
}

describeState('UpdateRounds', ({ open }) => {
  test('the first update is due at once, the next one after the interval', async () => {
    const state = await open();
    const { served, rounds, measured, feeds } = instance(state, 'a', { debian: trackerOf('1') });
    expect(await rounds.round(signal)).toBe(true);
    expect(served.current()).toMatchObject({ sequence: 1 });
    expect(measured).toEqual([{ durationSeconds: 0, failedCount: 0, noteCount: 0 }]);
    feeds.debian = trackerOf('2');
    await passMs(state, HOUR_MS - 60_000);
    expect(await rounds.round(signal)).toBe(false);
    await passMs(state, 60_000);
    expect(await rounds.round(signal)).toBe(true);
    expect(served.current()).toMatchObject({ sequence: 2 });
    await passMs(state, HOUR_MS);
    expect(await rounds.round(signal)).toBe(true);
    expect(await readPublication(state)).toMatchObject({ sequence: 2 });
  });

  test('a source that fails is reported, the others are published, and the next try comes after 1, 2, 4 … minutes', async () => {
    const state = await open();
    const { served, rounds, measured } = instance(state, 'a', { debian: trackerOf('1'), ubuntu: new Error('gone') });
    expect(await rounds.round(signal)).toBe(true);
    expect(served.current()).toMatchObject({ sequence: 1 });
    expect(measured).toEqual([{ durationSeconds: 0, failedCount: 1, noteCount: 0 }]);
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      await passMs(state, minutes * 60_000 - 20_000);
      expect(await rounds.round(signal)).toBe(false);
      await passMs(state, 20_000);
      expect(await rounds.round(signal)).toBe(true);
    }
  });

  test('an update that cannot be made at all is reported and tried again', async () => {
    const state = await open();
    const failing = (async () => Promise.reject(new Error('no memory'))) as unknown as RunTask;
    const { rounds, measured } = instance(state, 'a', {}, failing);
    expect(await rounds.round(signal)).toBe(true);
    expect(measured).toEqual([{ durationSeconds: 0, failedCount: 1, noteCount: 0 }]);
    await passMs(state, 60_000);
    expect(await rounds.round(signal)).toBe(true);
  });

  test('while another instance updates, or has just done it, none is made', async () => {
    const state = await open();
    const [a, b] = [instance(state, 'a', { debian: trackerOf('1') }), instance(state, 'b', { debian: trackerOf('1') })];
    const lock = { name: UPDATER_LOCK, owner: 'another' };
    await takeRowLock(state, lock, 60_000);
    expect(await a.rounds.round(signal)).toBe(false);
    await releaseRowLock(state, lock);
    expect(await Promise.all([a.rounds.round(signal), b.rounds.round(signal)])).toContain(true);
    expect([...a.taskKinds, ...b.taskKinds].filter((kind) => kind === 'update')).toHaveLength(1);
  });

  test('who lost the lock meanwhile publishes nothing', async () => {
    const state = await open();
    const robbed = instance(state, 'a', { debian: trackerOf('1') });
    const { rounds, follower } = robbed;
    const publish = follower.publishLocal.bind(follower);
    follower.publishLocal = async (lock, until) => {
      await releaseRowLock(state, lock);
      await takeRowLock(state, { name: UPDATER_LOCK, owner: 'another' }, 60_000);
      return publish(lock, until);
    };
    await rounds.round(signal);
    // Embedded there is nobody else, and what lies in the directory counts.
    expect((await readPublication(state))?.sequence).toBe(state.dialect === 'sqlite' ? 1 : undefined);
  });
});

describeState('UpdateRounds with processes of their own', ({ open }) => {
  test('feeds are read in a child process, and served', async () => {
    const { served, rounds, measured } = instance(await open(), 'a', {}, runTask);
    expect(await rounds.round(signal)).toBe(true);
    expect(measured).toMatchObject([{ failedCount: 0 }]);
    using pinned = served.pin()!;
    expect(pinned.snapshot.sources.map(({ name }) => name)).toEqual(['alpine', 'cisa_kev']);
  });

  test('a stop ends the child process', async () => {
    const stopping = new AbortController();
    const state = await open();
    const { rounds } = instance(state, 'a', {}, ((task, until) => {
      setImmediate(() => stopping.abort(new Error('stop')));
      return runTask(task, until);
    }) as RunTask);
    await expect(rounds.round(stopping.signal)).rejects.toThrow('stop');
    expect(await takeRowLock(state, { name: UPDATER_LOCK, owner: 'another' }, 1000)).toBe(true);
  });
});

describe('chooseSources', () => {
  test('all but those that are off by default, or what was chosen with what tells of flaws themselves', () => {
    expect(chooseSources([], {})).toContain('debian');
    expect(chooseSources(['debian'], {})).toEqual(['cisa_kev', 'debian', 'epss', 'nvd'].sort());
    expect(chooseSources(['debian'], { debian: { enabled: 'false' }, osv: { enabled: 'true' } })).toEqual(
      expect.not.arrayContaining(['debian']),
    );
    expect(chooseSources(['debian'], { osv: { enabled: 'true' } })).toContain('osv');
  });
});
