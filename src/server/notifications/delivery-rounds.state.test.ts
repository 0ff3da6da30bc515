import { pino } from 'pino';
import { expect, test } from 'vitest';
import { insertNotifications, markRead, type NewNotification } from '../../state/notification-rows.ts';
import { takeRowLock } from '../../state/row-lock.ts';
import { describeState } from '../../state/state.contract.ts';
import type { State } from '../../state/state.ts';
import { DeliveryRounds } from './delivery-rounds.ts';
import type { Notifier } from './notifier.ts';

const { signal } = new AbortController();
const HOUR_MS = 3_600_000;

const notification = (name: string): NewNotification => ({
  ...{ name, origin: 'feed', namespace: 'debian:12', vulnerability: `CVE-${name}`, old: null, new: '{}' },
  changes: '[{"kind":"new"}]',
});

/** A notifier that takes what `takes` says, and what it was sent. */
function receiver(about: Partial<Notifier> = {}) {
  const sent: string[][] = [];
  const box = { takes: (_: readonly string[]): boolean => true };
  const notifier: Notifier = {
    ...{ name: 'webhook', maxBatch: 1, isRepeated: true },
    async send(notifications) {
      const names = notifications.map(({ name }) => name);
      sent.push(names);
      if (!box.takes(names)) throw new Error('refused');
    },
    ...about,
  };
  return { sent, box, notifier, take: () => sent.splice(0).flat() };
}

function roundsOf(state: State, notifier: Notifier, instanceId = 'a') {
  const measured: string[] = [];
  const rounds = new DeliveryRounds({
    ...{ state, notifier, instanceId, attempts: 3, renotifyMs: HOUR_MS, nowMs: () => performance.now() },
    measures: {
      sent: (name, latencyMs) => measured.push(`sent by ${name} ${latencyMs < 60_000 ? 'soon' : 'late'}`),
      failed: (name) => measured.push(`failed by ${name}`),
    },
    log: pino({ enabled: false }),
  });
  return { measured, round: () => rounds.round(signal) };
}

const insert = (state: State, names: readonly string[], notifiers: readonly string[] = ['webhook']) =>
  state.write((tx) => insertNotifications(state, tx, names.map(notification), notifiers));

/** As if so much time had passed. */
const pass = (state: State, ms: number) =>
  state.write((tx) =>
    tx
      .updateTable('delivery')
      .set((eb) => ({ due_at: eb('due_at', '-', ms), series_started_at: eb('series_started_at', '-', ms) }))
      .execute(),
  );

describeState('DeliveryRounds', ({ open }) => {
  test('what is new is sent in its order, once, and its time is kept', async () => {
    const state = await open();
    const { notifier, take } = receiver();
    const { round, measured } = roundsOf(state, notifier);
    await round();
    await insert(state, ['a', 'b', 'c']);
    await round();
    await round();
    expect(take()).toEqual(['a', 'b', 'c']);
    expect(measured).toEqual(Array(3).fill('sent by webhook soon'));
    const rows = await state.db.selectFrom('notification').select('notified_at').execute();
    expect(rows.every(({ notified_at }) => notified_at !== null)).toBe(true);
  });

  test('it is sent again after the interval until it is read', async () => {
    const state = await open();
    const { notifier, take } = receiver();
    const { round, measured } = roundsOf(state, notifier);
    await insert(state, ['a']);
    for (let series = 0; series < 3; series++) {
      await round();
      await pass(state, HOUR_MS - 10_000);
      await round();
      expect(take()).toEqual(['a']);
      await pass(state, 10_000);
    }
    expect(measured).toHaveLength(1);
    await markRead(state, 'a');
    await round();
    expect(take()).toEqual([]);
  });

  test('others than webhooks are told once', async () => {
    const state = await open();
    const { notifier, take } = receiver({ name: 'mail', isRepeated: false });
    await insert(state, ['a'], ['mail']);
    const { round } = roundsOf(state, notifier);
    await round();
    await pass(state, 10 * HOUR_MS);
    await round();
    expect(take()).toEqual(['a']);
  });

  test('what fails is tried after 1 and 2 seconds, then rests until the interval after its first try; it holds up nothing', async () => {
    const state = await open();
    const { notifier, take, box } = receiver();
    const { round, measured } = roundsOf(state, notifier);
    box.takes = ([name]) => name !== 'a';
    await insert(state, ['a', 'b']);
    await round();
    expect(take()).toEqual(['a', 'b']);
    await pass(state, 900);
    await round();
    expect(take()).toEqual([]);
    await insert(state, ['c']);
    await pass(state, 200);
    await round();
    expect(take()).toEqual(['c', 'a']);
    await pass(state, 2100);
    await round();
    expect(take()).toEqual(['a']);
    await pass(state, HOUR_MS - 60_000);
    await round();
    expect(take()).toEqual([]);
    await pass(state, 60_000);
    box.takes = () => true;
    await round();
    expect(take()).toContain('a');
    expect(measured.filter((it) => it === 'failed by webhook')).toHaveLength(3);
  });

  test('a batch goes in one message', async () => {
    const state = await open();
    const { notifier, sent } = receiver({ name: 'mail', maxBatch: 2, isRepeated: false });
    await insert(state, ['a', 'b', 'c'], ['mail']);
    await roundsOf(state, notifier).round();
    expect(sent).toEqual([['a', 'b'], ['c']]);
  });

  test('of several instances one sends', async () => {
    const state = await open();
    const { notifier, take } = receiver();
    await insert(state, ['a']);
    await takeRowLock(state, { name: 'notifier webhook', owner: 'b' }, 60_000);
    await roundsOf(state, notifier).round();
    expect(take()).toEqual([]);
    await roundsOf(state, notifier, 'b').round();
    expect(take()).toEqual(['a']);
  });

  test('a server that died while it sent: the next one goes on, at most one is sent twice', async () => {
    const state = await open();
    const { notifier, take } = receiver();
    await insert(state, ['a', 'b', 'c']);
    const stopping = new AbortController();
    const dying = {
      ...notifier,
      send: async (...[all]: Parameters<Notifier['send']>) => {
        await notifier.send(all, signal);
        if (all[0]!.name === 'b') {
          stopping.abort(new Error('killed'));
          throw stopping.signal.reason as Error;
        }
      },
    };
    const rounds = new DeliveryRounds({
      ...{ state, notifier: dying, instanceId: 'x', attempts: 3, renotifyMs: HOUR_MS, nowMs: () => performance.now() },
      ...{ measures: { sent: () => {}, failed: () => {} }, log: pino({ enabled: false }) },
    });
    await expect(rounds.round(stopping.signal)).rejects.toThrow('killed');
    await roundsOf(state, notifier).round();
    expect(take()).toEqual(['a', 'b', 'b', 'c']);
  });

  test('a notifier that is configured later sends what nobody was told of', async () => {
    const state = await open();
    const { notifier, take } = receiver();
    await insert(state, ['a', 'b', 'c'], []);
    await markRead(state, 'b');
    await roundsOf(state, notifier).round();
    expect(take()).toEqual(['a', 'c']);
  });
});
