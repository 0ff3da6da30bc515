import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fakeAdvisory, fakeUpdater, updateFakes } from '../../../test/fake-feeds.ts';
import { debianPackage, storeLayer } from '../../../test/sample-layers.ts';
import type { FeedRecord } from '../../feeds/record.ts';
import { openState } from '../../state/open-state.ts';
import { putOwnRow } from '../../state/own-rows.ts';
import { readPublication, recordInstance } from '../../state/publications.ts';
import { takeRowLock } from '../../state/row-lock.ts';
import { describeState } from '../../state/state.contract.ts';
import type { State, StateOptions } from '../../state/state.ts';
import { PublicationFollower } from '../snapshots/publication-follower.ts';
import { ServedSnapshots } from '../snapshots/served-snapshots.ts';
import { type RunTask, runTask } from '../tasks/run-task.ts';
import type { Task } from '../tasks/task.ts';
import { StoredNotifications } from '../usecases/notifications.ts';
import { CompareRounds } from './compare-rounds.ts';
import { writeDifferences } from './write-differences.ts';

// Each step makes a snapshot.
vi.setConfig({ testTimeout: 60_000 });

const { signal } = new AbortController();

/** Compares in this process; the rest is done as always. */
const compareHere: RunTask = (async (task: Task, until: AbortSignal) =>
  task.kind === 'compare' ? writeDifferences(task, until) : runTask(task, until)) as RunTask;

type Feeds = Readonly<Record<string, Readonly<Record<string, readonly FeedRecord[]>>>>;

const nvd = (id: string, score: number): FeedRecord => ({
  ...{ kind: 'vulnerability', id, description: `About ${id}.` },
  cvss: [
    { version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', score, source: 'nvd', type: 'Primary' },
  ],
});
const kev = (vulnerabilityId: string): FeedRecord => ({ kind: 'kev', vulnerabilityId, dateAdded: '2026-07-01' });
const epss = (vulnerabilityId: string, score: number): FeedRecord => ({ kind: 'epss', vulnerabilityId, score });
const unfixed = (id: string, name: string): FeedRecord => ({
  ...(fakeAdvisory(id, name, '') as Extract<FeedRecord, { kind: 'advisory' }>),
  ...{ affected: [{ introduced: '0' }], fixState: 'not_fixed' },
});

describeState('CompareRounds', ({ database, dialect }) => {
  let root: string;
  let options: StateOptions;
  let state: State;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'cvescan-compare-'));
    options = await database();
    state = await openState(options);
  });
  afterEach(async () => {
    await state[Symbol.asyncDispose]();
    rmSync(root, { recursive: true });
  });

  function instance(name: string, about: { readonly maxPerUpdate?: number; readonly runTask?: RunTask } = {}) {
    const directory = join(root, name);
    const served = new ServedSnapshots(directory);
    const shared = {
      state,
      directory,
      served,
      runTask,
      instanceId: name,
      now: () => new Date(),
      log: pino({ enabled: false }),
    };
    const follower = new PublicationFollower(shared);
    const rounds = new CompareRounds({
      ...{ ...shared, stateOptions: options, notifiers: ['webhook'], maxPerUpdate: 100, ...about },
    });
    const publish = async (feeds: Feeds) => {
      const updaters = Object.entries(feeds).map(([source, parts]) => {
        const entries = Object.entries(parts).map(([part, records]) => [
          part,
          { revision: JSON.stringify(records), records },
        ]);
        return fakeUpdater(source, { all: { parts: Object.fromEntries(entries) } });
      });
      await updateFakes(directory, updaters, { acceptShrink: true });
      await follower.check(signal);
    };
    return { directory, follower, rounds, publish, round: () => rounds.round(signal) };
  }

  /** What there is to be told: `CVE-1: new -> layer`. */
  async function told(): Promise<readonly string[]> {
    const notifications = new StoredNotifications(state);
    const lines: string[] = [];
    for (const notification of await notifications.list({ after: 0, limit: 1000 })) {
      const { old, new: now } = await notifications.layers(notification, { old: 0, new: 0 }, 100);
      const names = (side: typeof old) => side.layers.map(({ name }) => name).join('+');
      const kinds = notification.changes.map(({ kind }) => kind).join(', ');
      lines.push(`${notification.namespace} ${notification.vulnerability}: ${kinds}: ${names(old)} -> ${names(now)}`);
    }
    return lines;
  }

  async function storeZlib(): Promise<void> {
    const base = await storeLayer(state, 'base', {
      added: [debianPackage('zlib1g', '1.2', 'zlib'), debianPackage('bash', '5')],
    });
    await storeLayer(state, 'upper', { added: [debianPackage('zlib1g', '1.3', 'zlib')], parentId: base });
    await storeLayer(state, 'other', { added: [debianPackage('zlib1g', '1.3', 'zlib', 'debian:11')] });
  }

  test('the first publication makes none; then what is new makes one for the layers that brought what is affected', async () => {
    await storeZlib();
    const { publish, round } = instance('a');
    await publish({ debian: { 'CVE-1': [fakeAdvisory('CVE-1', 'zlib', '1.5')] } });
    await round();
    expect(await told()).toEqual([]);
    await publish({
      debian: {
        'CVE-1': [fakeAdvisory('CVE-1', 'zlib', '1.5')],
        'CVE-2': [fakeAdvisory('CVE-2', 'zlib', '1.3')],
        'CVE-3': [fakeAdvisory('CVE-3', 'zlib', '1.0')],
        'CVE-4': [fakeAdvisory('CVE-4', 'curl', '9')],
        'CVE-5': [unfixed('CVE-5', 'zlib')],
      },
    });
    await round();
    expect(await told()).toEqual(['debian:12 CVE-2: new:  -> base', 'debian:12 CVE-5: new:  -> base+upper']);
    expect(await readPublication(state)).toMatchObject({ sequence: 2, diffedSequence: 2 });
    await round();
    expect(await told()).toHaveLength(2);
    const deliveries = await state.db.selectFrom('delivery').selectAll().execute();
    expect(deliveries.map(({ notifier }) => notifier)).toEqual(['webhook', 'webhook']);
  });

  const steps: readonly (readonly [string, Feeds, Feeds, readonly string[]])[] = [
    [
      'a fix, and a fix that comes later, show both sides',
      { debian: { a: [unfixed('CVE-1', 'zlib')], b: [fakeAdvisory('CVE-2', 'zlib', '1.3')] } },
      { debian: { a: [fakeAdvisory('CVE-1', 'zlib', '1.3')], b: [fakeAdvisory('CVE-2', 'zlib', '1.4')] } },
      ['debian:12 CVE-1: fix_available: base+upper -> base', 'debian:12 CVE-2: fixed_in: base -> base+upper'],
    ],
    [
      'what is taken back',
      { debian: { a: [fakeAdvisory('CVE-1', 'zlib', '9')], b: [fakeAdvisory('CVE-2', 'curl', '9')] } },
      { debian: { b: [fakeAdvisory('CVE-2', 'curl', '9')] } },
      ['debian:12 CVE-1: withdrawn: base+upper -> '],
    ],
    [
      'what others say of the flaw: severity by NVD, CISA; forecasts do not count',
      {
        debian: { a: ['CVE-1', 'CVE-2', 'CVE-3'].map((id) => fakeAdvisory(id, 'zlib', '9')) },
        nvd: { a: [nvd('CVE-1', 5)], b: [nvd('CVE-2', 5)], c: [nvd('CVE-3', 5)] },
        epss: { a: [epss('CVE-3', 0.1)] },
        cisa_kev: { a: [kev('CVE-9')] },
      },
      {
        debian: { a: ['CVE-1', 'CVE-2', 'CVE-3'].map((id) => fakeAdvisory(id, 'zlib', '9')) },
        nvd: { a: [nvd('CVE-1', 9.8)], b: [nvd('CVE-2', 5)], c: [nvd('CVE-3', 5)] },
        epss: { a: [epss('CVE-3', 0.9)] },
        cisa_kev: { a: [kev('CVE-9'), kev('CVE-2')] },
      },
      [
        'debian:12 CVE-1: severity, cvss: base+upper -> base+upper',
        'debian:12 CVE-2: kev_listed: base+upper -> base+upper',
      ],
    ],
    [
      "a source's first run makes none",
      { debian: { a: [fakeAdvisory('CVE-1', 'zlib', '9')] } },
      {
        debian: { a: [fakeAdvisory('CVE-1', 'zlib', '9')] },
        nvd: { a: [nvd('CVE-1', 9.8)] },
        ubuntu: { a: [fakeAdvisory('CVE-7', 'zlib', '9')] },
      },
      [],
    ],
  ];
  for (const [shows, before, after, expected] of steps) {
    test(shows, async () => {
      await storeZlib();
      const { publish, round } = instance('a');
      for (const feeds of [before, after]) {
        await publish(feeds);
        await round();
      }
      expect(await told()).toEqual(expected);
    });
  }

  test('of what users have the word, no feed makes any; a layer that is gone is not concerned', async () => {
    await storeZlib();
    await storeLayer(state, 'gone', { added: [debianPackage('curl', '1')] });
    await state.write((tx) => tx.deleteFrom('layer').where('name', '=', 'gone').execute());
    const own = { namespace: 'debian:12', name: 'CVE-1', isTombstone: true, body: '{}', fixedIn: [] };
    await state.write((tx) => putOwnRow(tx, own));
    const { publish, round } = instance('a');
    await publish({ debian: { z: [fakeAdvisory('CVE-9', 'zlib', '0')] } });
    await round();
    const news = ['CVE-1', 'CVE-2'].map((id) => fakeAdvisory(id, 'zlib', '9'));
    await publish({
      debian: { z: [fakeAdvisory('CVE-9', 'zlib', '0')], a: [...news, fakeAdvisory('CVE-3', 'curl', '9')] },
    });
    await round();
    expect(await told()).toEqual(['debian:12 CVE-2: new:  -> base+upper']);
  });

  test('above max_per_update there is one summary', async () => {
    await storeZlib();
    const { publish, round } = instance('a', { maxPerUpdate: 2 });
    const first = { z: [fakeAdvisory('CVE-9', 'zlib', '0')] };
    const some = (count: number) =>
      Array.from({ length: count }, (_, index) => fakeAdvisory(`CVE-${index}`, 'zlib', '9'));
    await publish({ debian: first });
    await round();
    await publish({ debian: { ...first, a: some(2) } });
    await round();
    expect(await told()).toHaveLength(2);
    await publish({ debian: { ...first, a: some(5) } });
    await round();
    expect((await told()).slice(2)).toHaveLength(1);
    await publish({ debian: { ...first, a: [] } });
    await round();
    const all = await new StoredNotifications(state).list({ after: 0, limit: 10 });
    expect(all[0]!.changes).not.toEqual(all.at(-1)!.changes);
    expect(all.at(-1)!.changes).toEqual([{ kind: 'summary', count: 5 }]);
  });

  test('it is done in a process of its own', async () => {
    await storeZlib();
    const { publish, round } = instance('a', { runTask });
    await publish({ debian: { a: [fakeAdvisory('CVE-1', 'zlib', '0')] } });
    await round();
    await publish({ debian: { a: [fakeAdvisory('CVE-1', 'zlib', '9')] } });
    await round();
    expect(await told()).toEqual(['debian:12 CVE-1: fixed_in:  -> base+upper']);
  });

  test('publications that nobody compared meanwhile are compared in one, though their files are gone', async () => {
    await storeZlib();
    const { publish, round, directory } = instance('a');
    const feeds = (count: number): Feeds => ({
      debian: { a: Array.from({ length: count }, (_, index) => fakeAdvisory(`CVE-${index}`, 'zlib', '9')) },
    });
    await publish(feeds(1));
    await round();
    for (const count of [2, 3, 4, 5]) await publish(feeds(count));
    await round();
    expect(await told()).toHaveLength(4);
    expect(await readPublication(state)).toMatchObject({ sequence: 5, diffedSequence: 5 });
    expect(readdirSync(directory).filter((name) => name.startsWith('compared-'))).toHaveLength(1);
  });

  test('a comparison that dies, or lost its lock, leaves nothing; the next one makes all, once', async () => {
    await storeZlib();
    const steal: RunTask = async (task, until) => {
      const found = await compareHere(task, until);
      await state.write((tx) => tx.updateTable('lock').set({ owner: 'another', until: 0 }).execute());
      return found;
    };
    const dying: RunTask = async () => Promise.reject(new Error('killed'));
    const a = instance('a');
    await a.publish({ debian: { a: [fakeAdvisory('CVE-1', 'zlib', '0')] } });
    await a.round();
    await a.publish({ debian: { a: [fakeAdvisory('CVE-1', 'zlib', '9')] } });
    for (const run of [dying, steal]) {
      const broken = instance('a', { runTask: run });
      await broken.follower.check(signal);
      await broken.round().catch(() => {});
      expect(await told()).toEqual([]);
    }
    await a.round();
    expect(await told()).toEqual(['debian:12 CVE-1: fixed_in:  -> base+upper']);
  });

  test.skipIf(dialect === 'sqlite')('while an instance does not serve the publication yet, none are made', async () => {
    await storeZlib();
    const [a, b] = [instance('a'), instance('b')];
    await a.publish({ debian: { a: [fakeAdvisory('CVE-1', 'zlib', '0')] } });
    await b.follower.check(signal);
    await a.round();
    await a.publish({ debian: { a: [fakeAdvisory('CVE-1', 'zlib', '9')] } });
    await a.round();
    expect(await told()).toEqual([]);
    await b.follower.check(signal);
    // Another that is alive, and serves nothing at all, holds them up for a minute.
    await recordInstance(state, { id: 'c', sequence: 0 });
    await b.round();
    expect(await told()).toEqual([]);
    await state.write((tx) =>
      tx
        .updateTable('current_snapshot')
        .set((eb) => ({ published_at: eb('published_at', '-', 60_000) }))
        .execute(),
    );
    await Promise.all([a.round(), b.round()]);
    await a.round();
    expect(await told()).toEqual(['debian:12 CVE-1: fixed_in:  -> base+upper']);
    expect(existsSync(b.directory)).toBe(true);
    expect(await takeRowLock(state, { name: 'comparison', owner: 'x' }, 1000)).toBe(true);
  });
});
