import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLoop } from './background-loop.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(round: (signal: AbortSignal) => Promise<unknown>) {
  const lines: string[] = [];
  const say = (_: object, text?: string) => void lines.push(text ?? '');
  const loop = createLoop({ name: 'work', round, pauseMs: 1000, log: { info: say, warn: say } as never });
  loop.start();
  return { loop, lines };
}

test('goes on after failures, which are told once, and so is their end', async () => {
  let count = 0;
  const { loop, lines } = start(async () => {
    count++;
    if (count === 2 || count === 3) throw new Error('away');
  });
  await vi.advanceTimersByTimeAsync(4000);
  expect(count).toBe(5);
  expect(lines).toEqual(['work: failed, tried again', 'work: works again']);
  await loop.stop();
  await vi.advanceTimersByTimeAsync(4000);
  expect(count).toBe(5);
});

test('a stop ends the round that runs, and waits for it', async () => {
  const ended: string[] = [];
  const { loop, lines } = start(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          ended.push('round');
          reject(signal.reason);
        });
      }),
  );
  await loop.stop();
  expect([ended, lines]).toEqual([['round'], []]);
});
