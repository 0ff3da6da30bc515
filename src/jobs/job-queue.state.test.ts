import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ErrorCode, ScannerError } from '../model/errors.ts';
import { describeState } from '../state/state.contract.ts';
import type { State } from '../state/state.ts';
import { createJobQueue, type JobQueue } from './job-queue.ts';
import type { Outcome } from './job-rules.ts';

const succeeded: Outcome = { status: 'succeeded' };
const failed = (retryable: boolean): Outcome => ({ status: 'failed', error: { code: 'x', message: 'x', retryable } });

async function codeOf(work: Promise<unknown>): Promise<ErrorCode | 'done'> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return (error as ScannerError).code;
  }
}

async function* bodyOf(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

describeState('job queue', ({ open, dialect }) => {
  /** A queue whose clock the test sets. */
  async function start() {
    const state = await open();
    const clock = { nowMs: 1_000_000 };
    const queue = createJobQueue({ state, nowMs: async () => clock.nowMs });
    const submit = (id: string, more = {}) =>
      state.write((tx) => queue.submit(tx, { id, type: 'scan', work: { name: id }, submitter: 's', ...more }));
    const lease = (runner = 'r1', requestId = 'q1') => queue.lease({ runner, requestId, types: ['scan', 'update'] });
    return { state, clock, queue, submit, lease };
  }

  describe('leasing', () => {
    test('goes by priority, then by age', async () => {
      const { submit, lease, clock } = await start();
      await submit('b');
      clock.nowMs++;
      await submit('a');
      await submit('c', { priority: 1 });
      const order = [await lease('r', '1'), await lease('r', '2'), await lease('r', '3'), await lease('r', '4')];
      expect(order.map((leased) => leased?.id)).toEqual(['c', 'b', 'a', undefined]);
    });

    test('the same request again gets the same lease, another runner does not', async () => {
      const { submit, lease } = await start();
      await submit('a');
      const first = await lease('r1', 'q');
      expect(await lease('r1', 'q')).toEqual(first);
      expect(await lease('r2', 'q')).toBeUndefined();
    });

    test('a job for one runner goes to no other', async () => {
      const { submit, lease } = await start();
      await submit('a', { type: 'update', forRunner: 'r2' });
      expect(await lease('r1')).toBeUndefined();
      expect(await lease('r2')).toMatchObject({ id: 'a', type: 'update', work: { name: 'a' } });
    });

    test('a long poll is woken by what arrives', async () => {
      const { submit, queue } = await start();
      const waiting = queue.lease({ runner: 'r', requestId: 'q', types: ['scan'] }, { waitMs: 30_000 });
      await submit('a');
      queue.announce();
      expect(await waiting).toMatchObject({ id: 'a' });
    });

    test('a lease that is given again says what is left of it', async () => {
      const { submit, lease, clock, queue } = await start();
      await submit('a');
      expect((await lease())!.restMs).toBe(queue.limits.leaseMs);
      clock.nowMs += 1000;
      expect((await lease())!.restMs).toBe(queue.limits.leaseMs - 1000);
    });

    test('who has gone, or waits while the server stops, is given nothing', async () => {
      const { submit, queue } = await start();
      const wish = { runner: 'r', requestId: 'q', types: ['scan'] as const };
      const gone = new AbortController();
      const waiting = [
        queue.lease(wish, { waitMs: 30_000, signal: gone.signal }),
        queue.lease(wish, { waitMs: 30_000 }),
      ];
      gone.abort();
      expect(await waiting[0]).toBeUndefined();
      queue.stopWaiting();
      expect(await waiting[1]).toBeUndefined();
      await submit('a');
      expect(await queue.lease(wish)).toBeUndefined();
      expect((await queue.details('a')).state).toBe('pending');
    });

    test('many at once get a job each', async () => {
      const { submit, lease } = await start();
      for (let index = 0; index < 12; index++) await submit(`j${index}`);
      const leased = await Promise.all(Array.from({ length: 20 }, (_, index) => lease(`r${index}`, `q${index}`)));
      const ids = leased.flatMap((one) => (one ? [one.id] : []));
      expect(new Set(ids).size).toBe(12);
      expect(ids).toHaveLength(12);
    });
  });

  describe('a result', () => {
    test('is stored once: the same again is welcome, another is not', async () => {
      const { submit, lease, queue } = await start();
      await submit('a');
      const {
        lease: { token },
      } = (await lease())!;
      const claim = { token, runner: 'r1' };
      const result = { outcome: succeeded, counts: { findings: 1 } };
      expect(await codeOf(queue.result('a', claim, result))).toBe('done');
      expect(await codeOf(queue.result('a', claim, result))).toBe('done');
      expect(await codeOf(queue.result('a', claim, { outcome: failed(false) }))).toBe('result.conflict');
      expect(await queue.details('a')).toMatchObject({ state: 'succeeded', result: { counts: { findings: 1 } } });
    });

    test('of an older lease is not taken', async () => {
      const { submit, lease, queue, clock } = await start();
      await submit('a');
      const old = (await lease())!.lease.token;
      clock.nowMs += queue.limits.leaseMs;
      await queue.sweep();
      clock.nowMs += queue.limits.retryDelayMs;
      const again = (await lease('r2', 'q2'))!;
      expect(again).toMatchObject({ id: 'a', attempt: 2 });
      expect(await codeOf(queue.result('a', { token: old, runner: 'r1' }, { outcome: succeeded }))).toBe('lease.lost');
      expect(await codeOf(queue.renew('a', { token: old, runner: 'r1' }))).toBe('lease.lost');
      const { attempts } = await queue.details('a');
      expect(attempts).toMatchObject([
        { number: 1, runner: 'r1', ending: 'expired' },
        { number: 2, runner: 'r2' },
      ]);
    });

    test('names a report that came with its lease', async () => {
      const { submit, lease, queue } = await start();
      await submit('a');
      const claim = { token: (await lease())!.lease.token, runner: 'r1' };
      const limits = { maxReportBytes: 4096, maxUnpackedReportBytes: 1 << 20 };
      expect(await codeOf(queue.result('a', claim, { outcome: succeeded, reportSha256: '0'.repeat(64) }))).toBe(
        'report.missing',
      );
      const report = gzipSync('{"schemaVersion":"1"}');
      const sha256 = await queue.receiveReport('a', claim, {
        body: bodyOf(report.subarray(0, 5), report.subarray(5)),
        limits,
      });
      await queue.result('a', claim, { outcome: succeeded, reportSha256: sha256 });
      const stored = await queue.report('a', sha256);
      expect(Buffer.concat(await Array.fromAsync(stored!.bytes))).toEqual(report);
    });

    const limits = { maxReportBytes: 2000, maxUnpackedReportBytes: 100_000 };
    const reports = [
      ['is no gzip', Buffer.from('no gzip'), 'report.malformed'],
      ['is cut', gzipSync('some text').subarray(0, 15), 'report.malformed'],
      ['is empty', Buffer.alloc(0), 'report.malformed'],
      ['unpacks to the limit', gzipSync(Buffer.alloc(100_000)), 'done'],
      ['unpacks to one more', gzipSync(Buffer.alloc(100_001)), 'report.too-large'],
      ['is a bomb', gzipSync(Buffer.alloc(1 << 20)), 'report.too-large'],
      ['is at the limit', gzipSync(Buffer.alloc(2000 - 23 - 5, 1), { level: 0 }), 'done'],
      ['is above the limit', gzipSync(Buffer.alloc(2001, 1), { level: 0 }), 'report.too-large'],
    ] as const;
    for (const [shows, report, want] of reports) {
      test(`whose report ${shows}: ${want}`, async () => {
        const { submit, lease, queue, state } = await start();
        await submit('a');
        const claim = { token: (await lease())!.lease.token, runner: 'r1' };
        expect(await codeOf(queue.receiveReport('a', claim, { body: bodyOf(report), limits }))).toBe(want);
        const left = await state.db.selectFrom('job_report_chunk').select('sha256').execute();
        expect(left.length > 0).toBe(want === 'done');
      });
    }
  });

  test('documents go with the end of their job, but not with its failure', async () => {
    const { submit, lease, queue, clock } = await start();
    const payload = { bytes: gzipSync('sbom'), sha256: 'a'.repeat(64), format: 'cyclonedx-json' };
    await submit('a', { payload });
    const claim = { token: (await lease())!.lease.token, runner: 'r1' };
    expect(await queue.payload('a', claim)).toEqual(payload);
    expect(await codeOf(queue.payload('a', { ...claim, token: 'b'.repeat(32) }))).toBe('lease.lost');
    await queue.result('a', claim, { outcome: failed(false) });
    await queue.retry('a');
    const again = { token: (await lease('r1', 'q2'))!.lease.token, runner: 'r1' };
    expect(await queue.payload('a', again)).toEqual(payload);
    await queue.cancel('a');
    expect(await codeOf(queue.renew('a', again))).toBe('job.cancelled');
    expect(await codeOf(queue.retry('a'))).toBe('job.no-payload');
    await queue.forget(clock.nowMs + 1);
  });

  test('reports that no result names go: at once where another is named, later where none is', async () => {
    const { submit, lease, queue, clock, state } = await start();
    const limits = { maxReportBytes: 2000, maxUnpackedReportBytes: 2000 };
    const deliver = (id: string, claim: { token: string; runner: string }, text: string) =>
      queue.receiveReport(id, claim, { body: bodyOf(gzipSync(text)), limits });
    const left = async () =>
      (await state.db.selectFrom('job_report').select(['job_id', 'lease_number']).execute()).map((row) =>
        Object.values(row).join(' '),
      );
    for (const id of ['a', 'b']) await submit(id);
    const first = (await lease('r1', 'q1'))!;
    await deliver(first.id, { token: first.lease.token, runner: 'r1' }, 'lost');
    clock.nowMs += queue.limits.leaseMs;
    await queue.sweep();
    clock.nowMs += queue.limits.retryDelayMs;
    const again = [(await lease('r1', 'q2'))!, (await lease('r1', 'q3'))!];
    const claimOf = (id: string) => ({ token: again.find((it) => it.id === id)!.lease.token, runner: 'r1' });
    const named = await deliver('a', claimOf('a'), 'named');
    await deliver('b', claimOf('b'), 'of a job that fails');
    expect(await left()).toEqual(['a 1', 'a 2', 'b 1']);
    await queue.result('a', claimOf('a'), { outcome: succeeded, reportSha256: named });
    await queue.result('b', claimOf('b'), { outcome: failed(false) });
    expect(await left()).toEqual(['a 2', 'b 1']);
    await queue.forget(clock.nowMs + 1);
    expect(await left()).toEqual(['a 2']);
    expect((await state.db.selectFrom('job_report_chunk').select('job_id').execute()).map((row) => row.job_id)).toEqual(
      ['a'],
    );
  });

  test('lists go by pages, and statistics count', async () => {
    const { submit, lease, queue, clock } = await start();
    for (const id of ['a', 'b', 'c']) {
      await submit(id, { submitter: id === 'b' ? 'other' : 's' });
      clock.nowMs++;
    }
    await lease();
    const first = await queue.list({ limit: 2 });
    expect(first.jobs.map(({ id }) => id)).toEqual(['c', 'b']);
    const second = await queue.list({ limit: 2, after: first.next! });
    expect(second).toMatchObject({ jobs: [{ id: 'a' }] });
    expect(second.next).toBeUndefined();
    expect((await queue.list({ limit: 9, submitter: 's' })).jobs.map(({ id }) => id)).toEqual(['c', 'a']);
    expect((await queue.list({ limit: 9, state: 'running' })).jobs.map(({ id }) => id)).toEqual(['a']);
    expect(await codeOf(queue.list({ limit: 2, after: 'nonsense' }))).toBe('usage.invalid');
    expect((await queue.statistics()).jobs).toEqual([
      { type: 'scan', state: 'pending', count: 2 },
      { type: 'scan', state: 'running', count: 1 },
    ]);
  });

  test('no history of calls, crashes and clocks gives two results, loses a job, or hears an expired lease', async () => {
    const state = await open();
    const runCount = dialect === 'sqlite' ? 3000 : 300;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), (history) => hold(state, history)),
      { numRuns: runCount, endOnFailure: true },
    );
  }, 120_000);
});

type HistoryStep = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const step = fc.oneof(
  fc.record({ do: fc.constant('submit' as const) }),
  fc.record({ do: fc.constant('lease' as const), runner: fc.integer({ min: 0, max: 2 }), isRepeated: fc.boolean() }),
  fc.record({
    do: fc.constantFrom('renew' as const, 'succeed' as const, 'fail' as const, 'give up' as const, 'release' as const),
    held: fc.nat(9),
  }),
  fc.record({ do: fc.constantFrom('cancel' as const, 'retry' as const), job: fc.nat(4) }),
  fc.record({ do: fc.constant('sweep' as const) }),
  // Clocks jump, also back.
  fc.record({
    do: fc.constant('wait' as const),
    ms: fc.constantFrom(1, 5_000, 60_000, 299_999, 300_000, 1_200_000, 3_600_000, -60_000),
  }),
);

interface Held {
  readonly id: string;
  readonly token: string;
  readonly runner: string;
  expiresAtMs: number;
}

/** Plays a history against the queue, and holds what was heard against what may be heard. */
async function hold(state: State, history: readonly HistoryStep[]): Promise<void> {
  const clock = { nowMs: 1_000_000_000 };
  await state.write(async (tx) => {
    for (const table of ['job', 'job_attempt', 'runner_seen'] as const) await tx.deleteFrom(table).execute();
  });
  const queue = createJobQueue({ state, nowMs: async () => clock.nowMs });
  const submitted: string[] = [];
  const held: Held[] = [];
  const results = new Map<string, number>();
  for (const [index, one] of history.entries()) {
    if (one.do === 'wait') clock.nowMs += one.ms;
    else if (one.do === 'sweep') await queue.sweep();
    else if (one.do === 'submit') {
      submitted.push(`j${index}`);
      await state.write((tx) => queue.submit(tx, { id: `j${index}`, type: 'scan', work: {}, submitter: 's' }));
    } else if (one.do === 'lease') {
      const runner = `r${one.runner}`;
      const leased = await queue.lease({ runner, requestId: one.isRepeated ? runner : `q${index}`, types: ['scan'] });
      if (leased)
        note(held, { id: leased.id, token: leased.lease.token, runner, expiresAtMs: leased.lease.expiresAtMs });
    } else if (one.do === 'cancel' || one.do === 'retry') {
      const id = submitted[one.job];
      if (id) await codeOf(queue[one.do](id));
    } else if ('held' in one && held.length > 0)
      await speak(queue, held[one.held % held.length]!, { what: one.do, clock, results });
  }
  await check(queue, submitted, results);
}

/** A lease that was given before is the same lease. */
function note(held: Held[], lease: Held): void {
  if (!held.some(({ token }) => token === lease.token)) held.push(lease);
}

async function speak(
  queue: JobQueue,
  lease: Held,
  { what, clock, results }: { what: string; clock: { nowMs: number }; results: Map<string, number> },
): Promise<void> {
  const { id, token, runner } = lease;
  const claim = { token, runner };
  const before = await queue.details(id);
  const isDelivered = before.attempts.some(
    ({ number, ending }) => number === before.leaseCount && ending === 'succeeded',
  );
  const call = {
    renew: async () => {
      lease.expiresAtMs = await queue.renew(id, claim);
    },
    succeed: () => queue.result(id, claim, { outcome: succeeded }),
    fail: () => queue.result(id, claim, { outcome: failed(true) }),
    'give up': () => queue.result(id, claim, { outcome: failed(false) }),
    release: () => queue.release(id, claim),
  }[what]!;
  const expiresAtMs = lease.expiresAtMs;
  const heard = await codeOf(call());
  if (heard !== 'done' || what === 'renew') return expect(heard !== 'done' || clock.nowMs < expiresAtMs).toBe(true);
  const after = await queue.details(id);
  const isNew =
    after.state !== before.state ||
    after.attempts.filter(({ ending }) => ending).length > before.attempts.filter(({ ending }) => ending).length;
  // What is heard anew is heard from the lease in force, in its time.
  if (isNew) expect(clock.nowMs).toBeLessThan(expiresAtMs);
  if (what === 'succeed' && isNew && !isDelivered) results.set(id, (results.get(id) ?? 0) + 1);
}

async function check(
  queue: JobQueue,
  submitted: readonly string[],
  results: ReadonlyMap<string, number>,
): Promise<void> {
  for (const id of submitted) {
    const job = await queue.details(id);
    expect(results.get(id) ?? 0).toBe(job.state === 'succeeded' ? 1 : 0);
    expect(job.attempts.filter(({ ending }) => ending === 'succeeded')).toHaveLength(job.state === 'succeeded' ? 1 : 0);
    expect(job.attempts.filter(({ ending }) => ending === undefined)).toHaveLength(job.state === 'running' ? 1 : 0);
    expect(job.attempts.map(({ number }) => number)).toEqual(job.attempts.map((_, index) => index + 1));
    expect(job.attemptCount).toBeLessThanOrEqual(3);
    expect(job.lease !== undefined).toBe(
      job.state === 'running' || (job.state === 'cancelled' && job.leaseCount > 0 && job.lease !== undefined),
    );
  }
}
