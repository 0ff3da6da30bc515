import { setTimeout as sleep } from 'node:timers/promises';
import { type Fleet, LEASE_SECONDS, untilAnswering } from './fleet.ts';

export interface FaultCounts {
  killed: number;
  stopped: number;
  interrupted: number;
  serverRestarts: number;
}

/** Random numbers that a seed decides. Source: mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PERIOD_MS = [1500, 4000] as const;

/** Every few seconds something breaks, until the signal is aborted; in the end all run again. */
export async function causeFaults(fleet: Fleet, random: () => number, signal: AbortSignal): Promise<FaultCounts> {
  const counts: FaultCounts = { killed: 0, stopped: 0, interrupted: 0, serverRestarts: 0 };
  const stopped = new Map<string, Promise<void>>();
  const awake = () => fleet.runners.filter(({ name }) => !stopped.has(name));
  const faults = [
    async () => {
      const runner = oneOf(awake());
      if (!runner) return;
      counts.killed++;
      await runner.restart('SIGKILL');
    },
    async () => {
      const runner = oneOf(awake());
      if (!runner) return;
      counts.stopped++;
      // The supervisor alone, or with its workers: either way its lease is over when it wakes.
      const whole = random() < 0.5;
      runner.signal('SIGSTOP', whole);
      const wake = async (): Promise<void> => {
        await sleep((LEASE_SECONDS + 3) * 1000, undefined, { signal }).catch(() => {});
        runner.signal('SIGCONT', whole);
        stopped.delete(runner.name);
      };
      stopped.set(runner.name, wake());
    },
    async () => {
      const runner = oneOf(awake());
      if (!runner) return;
      counts.interrupted++;
      await runner.restart(random() < 0.5 ? 'SIGTERM' : 'SIGINT');
    },
    async () => {
      counts.serverRestarts++;
      await fleet.server.restart(random() < 0.5 ? 'SIGKILL' : 'SIGTERM');
      await untilAnswering(fleet.endpoint);
    },
  ];
  const oneOf = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)];
  while (!signal.aborted) {
    await sleep(PERIOD_MS[0] + random() * (PERIOD_MS[1] - PERIOD_MS[0]), undefined, { signal }).catch(() => {});
    if (!signal.aborted) await oneOf(faults)?.();
  }
  await Promise.all(stopped.values());
  return counts;
}
