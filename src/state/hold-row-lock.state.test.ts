import { expect, test } from 'vitest';
import { whileHoldingRowLock } from './hold-row-lock.ts';
import { releaseRowLock, takeRowLock } from './row-lock.ts';
import { describeState } from './state.contract.ts';
import type { State } from './state.ts';

const { signal } = new AbortController();
const lock = { name: 'updater', owner: 'a' };
const other = { name: 'updater', owner: 'b' };

/** Renewals happen when the test says so. */
function pauses() {
  const waiting: (() => void)[] = [];
  return {
    pause: (_: number, until: AbortSignal) =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        until.addEventListener('abort', () => resolve());
      }),
    pass: () => waiting.shift()!(),
  };
}

const untilOf = async (state: State): Promise<number> =>
  (await state.db.selectFrom('lock').where('name', '=', 'updater').select('until').executeTakeFirstOrThrow()).until;

describeState('whileHoldingRowLock', ({ open }) => {
  test('the lock is held and renewed until the work is done, then given back', async () => {
    const state = await open();
    const { pause, pass } = pauses();
    const work = async () => {
      expect(await takeRowLock(state, other, 1000)).toBe(false);
      await state.write((tx) => tx.updateTable('lock').set({ until: 1 }).execute());
      pass();
      await expect.poll(() => untilOf(state)).toBeGreaterThan(1);
      return 'done';
    };
    expect(await whileHoldingRowLock(state, lock, work, { lifeMs: 60_000, signal, pause })).toBe('done');
    expect(await takeRowLock(state, other, 1000)).toBe(true);
  });

  test('nothing is done while another holds it', async () => {
    const state = await open();
    await takeRowLock(state, other, 60_000);
    const work = () => expect.unreachable();
    expect(await whileHoldingRowLock(state, lock, work, { lifeMs: 60_000, signal })).toBeUndefined();
  });

  test('who loses it is told, and takes nothing from its new owner', async () => {
    const state = await open();
    const { pause, pass } = pauses();
    const work = async (held: AbortSignal) => {
      await releaseRowLock(state, lock);
      await takeRowLock(state, other, 60_000);
      pass();
      await expect.poll(() => held.aborted).toBe(true);
    };
    await whileHoldingRowLock(state, lock, work, { lifeMs: 60_000, signal, pause });
    expect(await takeRowLock(state, lock, 1000)).toBe(false);
  });

  test('what the work throws is thrown, and the lock is free', async () => {
    const state = await open();
    const work = async () => Promise.reject(new Error('broken'));
    await expect(whileHoldingRowLock(state, lock, work, { lifeMs: 60_000, signal })).rejects.toThrow('broken');
    expect(await takeRowLock(state, other, 1000)).toBe(true);
  });
});
