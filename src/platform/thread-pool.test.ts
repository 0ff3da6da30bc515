import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { ThreadPool, type ThreadPoolOptions } from './thread-pool.ts';

const directory = mkdtempSync(join(tmpdir(), 'cvescan-threads-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A thread that counts its jobs; `refuse`, `break`, `exit` and `never` say how it fails. */
const file = join(directory, 'count-worker.mjs');
writeFileSync(
  file,
  `import { parentPort, threadId } from 'node:worker_threads';
   let count = 0;
   parentPort.on('message', (job) => {
     if (job === 'never') return;
     if (job === 'exit') process.exit(1);
     if (job === 'refuse') return parentPort.postMessage({ kind: 'refused', code: 'image.damaged', message: 'x', details: {} });
     if (job === 'break') return parentPort.postMessage({ kind: 'broken', stack: 'here' });
     parentPort.postMessage({ kind: 'done', value: [threadId, ++count] });
   });`,
);
type Pool = ThreadPool<string, readonly [thread: number, count: number]>;
const start = (options?: ThreadPoolOptions): Pool => new ThreadPool(pathToFileURL(file), options);

test('who keeps a thread has it alone; others wait their turn', async () => {
  await using pool = start({ maxThreads: 1 });
  const first = pool.use(async (ask) => [await ask('a'), await ask('b')]);
  const second = pool.ask('c');
  const [[thread, one], [sameThread, two]] = (await first) as [[number, number], [number, number]];
  expect([one, two, sameThread]).toEqual([1, 2, thread]);
  expect(await second).toEqual([thread, 3]);
});

test('more than may wait are refused', async () => {
  await using pool = start({ maxThreads: 1, maxWaiting: 1 });
  const asked = [pool.ask('a'), pool.ask('b')];
  await expect(pool.ask('c')).rejects.toMatchObject({ code: 'server.busy' });
  await Promise.all(asked);
});

test('a refusal comes as what was thrown, and the thread goes on; a broken one is not asked again', async () => {
  await using pool = start();
  const [thread] = await pool.ask('a');
  await expect(pool.ask('refuse')).rejects.toMatchObject({ name: 'ScannerError', code: 'image.damaged' });
  expect(await pool.ask('b')).toEqual([thread, 2]);
  await expect(pool.ask('break')).rejects.toThrow('a worker thread broke: here');
  expect((await pool.ask('c'))[1]).toBe(1);
  await expect(pool.ask('exit')).rejects.toThrow('the worker thread ended');
  expect((await pool.ask('d'))[1]).toBe(1);
});

test('a signal ends the work, and the wait for it', async () => {
  await using pool = start({ maxThreads: 1 });
  const [busy, waiting] = [new AbortController(), new AbortController()];
  const asked = pool.ask('never', busy.signal);
  const waits = pool.ask('a', waiting.signal);
  const next = pool.ask('b');
  waiting.abort(new Error('no more'));
  await expect(waits).rejects.toThrow('no more');
  busy.abort(new Error('late'));
  await expect(asked).rejects.toThrow('late');
  expect((await next)[1]).toBe(1);
  await expect(pool.ask('c', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
});

test('a thread that ended between two questions of one caller answers neither, and nobody waits for it', async () => {
  await using pool = start();
  const controller = new AbortController();
  const work = pool.use(async (ask) => {
    await ask('a');
    controller.abort(new Error('late'));
    await new Promise((resolve) => setImmediate(resolve));
    return ask('b');
  }, controller.signal);
  await expect(work).rejects.toThrow('late');
});

test('a thread that nobody asks ends', async () => {
  await using pool = start({ maxIdleMs: 0 });
  const [thread] = await pool.ask('a');
  await expect.poll(async () => (await pool.ask('b'))[0]).not.toBe(thread);
});
