import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';
import type { WorkContext } from './workers.ts';

const setup = { connection: {}, localPaths: [], allowUrls: [], sources: {} } as unknown as WorkerPoolOptions['setup'];

describe('worker processes', () => {
  const pools: WorkerPool[] = [];
  let locks: string[] = [];
  afterEach(async () => {
    for (const pool of pools.splice(0)) await pool.close();
    locks = [];
  });
  const start = (options: Partial<WorkerPoolOptions> = {}): WorkerPool => {
    const entry = new URL('./fixtures/odd-worker.ts', import.meta.url);
    const pool = new WorkerPool({ count: 2, setup, memoryMiB: 512, env: {}, entry, ...options });
    pools.push(pool);
    return pool;
  };
  const context: WorkContext = {
    lock: async () => {
      locks.push('locked');
      return { restMs: 1234, unlock: () => void locks.push('unlocked') };
    },
    log: () => {},
  };
  const run = (pool: WorkerPool, id: string) => pool.start({ kind: 'local-update', id, datasources: [] }, context);

  test('are used again, and are not told what stands in the environment of the runner', async () => {
    const pool = start({ env: { PATH: process.env.PATH } });
    const first = await run(pool, 'pid-1');
    expect(await run(pool, 'pid-2')).toEqual(first);
    expect(first).toEqual({ kind: 'done', failure: expect.stringMatching(/^\d+ undefined$/) });
  });

  test('are as many as are asked for', async () => {
    const pool = start();
    const ends = [run(pool, 'good-1'), run(pool, 'good-2')];
    expect(pool.idleCount).toBe(0);
    expect(await Promise.all(ends)).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    expect(pool.idleCount).toBe(2);
  });

  const crashes = [
    ['exit', 'the worker ended with code 3'],
    ['throw', 'the worker ended with code 1: TypeError: this is a bug'],
    ['signal', 'the worker was ended by SIGSEGV'],
  ] as const;
  for (const [id, reason] of crashes) {
    test(`that crash (${id}) fail that job only, and are replaced`, async () => {
      const pool = start({ count: 1 });
      expect(await run(pool, id)).toEqual({ kind: 'crashed', isOutOfMemory: false, reason });
      expect(await run(pool, 'good')).toEqual({ kind: 'done' });
    });
  }

  test('that fill their heap have run out of memory', async () => {
    const end = await run(start({ memoryMiB: 96 }), 'grow');
    expect(end).toMatchObject({ kind: 'crashed', isOutOfMemory: true });
  }, 30_000);

  test('that take more memory than allowed are ended by the runner, at the limit they are not', async () => {
    const limitBytes = 512 << 20;
    let memoryBytes = limitBytes;
    const pool = start({ memoryBytes: () => memoryBytes });
    const end = run(pool, 'block');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(pool.idleCount).toBe(1);
    memoryBytes++;
    const reason = 'the worker took more than worker_memory_mib 512';
    expect(await end).toEqual({ kind: 'crashed', isOutOfMemory: true, reason });
  });

  test('that have grown large are not used again', async () => {
    let memoryBytes = 0;
    const pool = start({ memoryBytes: () => memoryBytes });
    const first = await run(pool, 'pid-1');
    memoryBytes = 300 << 20;
    expect(await run(pool, 'pid-2')).toEqual(first);
    memoryBytes = 0;
    expect(await run(pool, 'pid-3')).not.toEqual(first);
  });

  test('that do not listen any more are ended all the same', async () => {
    const pool = start();
    const end = run(pool, 'block');
    pool.kill('block');
    expect(await end).toEqual({ kind: 'crashed', isOutOfMemory: false, reason: 'the runner gave the job up' });
  });

  test('are handed the lock of their lease', async () => {
    expect(await run(start(), 'lock')).toEqual({ kind: 'done', failure: 'locked for 1234' });
    expect(locks).toEqual(['locked', 'unlocked']);
  });

  test('that end while they hold the lock free it', async () => {
    expect(await run(start(), 'lock and die')).toMatchObject({ kind: 'crashed' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(locks.at(-1)).toBe('unlocked');
  });

  test('leave no temporary files', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-worker-pool-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    vi.stubEnv('TMPDIR', directory);
    onTestFinished(() => void vi.unstubAllEnvs());
    const pool = start();
    await run(pool, 'good');
    expect(readdirSync(directory)).not.toEqual([]);
    await pool.close();
    expect(readdirSync(directory)).toEqual([]);
  });
});
