import { describe, expect, test } from 'vitest';
import type { Job } from '../model/job.ts';
import {
  type At,
  cancel,
  DEFAULT_JOB_LIMITS,
  finish,
  grant,
  isLeasable,
  release,
  renew,
  retry,
  settle,
} from './job-rules.ts';

const limits = DEFAULT_JOB_LIMITS;
const at = (nowMs: number): At => ({ nowMs, limits });
const claim = { token: 'a'.repeat(32), runner: 'r1' };
const retryable = { status: 'failed', error: { code: 'x', message: 'x', retryable: true } } as const;

const pending: Job = {
  id: 'j',
  type: 'scan',
  state: 'pending',
  priority: 0,
  createdAtMs: 0,
  notBeforeMs: 0,
  deadlineMs: 3_600_000,
  timeoutMs: 3_600_000,
  attemptCount: 0,
  leaseCount: 0,
  releaseCount: 0,
};
const running = grant(pending, { ...claim, requestId: 'q' }, at(1000)).job;
const code = (act: () => unknown): string => {
  try {
    act();
    return 'done';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a lease', () => {
  test('lasts its time, and is renewed from now', () => {
    expect(running.lease?.expiresAtMs).toBe(1000 + limits.leaseMs);
    expect(renew(running, claim, at(200_000)).job.lease?.expiresAtMs).toBe(200_000 + limits.leaseMs);
  });

  test('never becomes shorter when the clock goes back', () => {
    expect(renew(running, claim, at(0)).job.lease?.expiresAtMs).toBe(1000 + limits.leaseMs);
  });

  test('ends with the deadline', () => {
    const short = grant({ ...pending, deadlineMs: 2000 }, { ...claim, requestId: 'q' }, at(1000)).job;
    expect(short.lease?.expiresAtMs).toBe(2000);
  });

  const last = 1000 + limits.leaseMs - 1;
  const cases = [
    ['the last millisecond', running, claim, last, 'done'],
    ['its end', running, claim, last + 1, 'lease.lost'],
    ['another token', running, { ...claim, token: 'b'.repeat(32) }, last, 'lease.lost'],
    ['another runner', running, { ...claim, runner: 'r2' }, last, 'lease.lost'],
    ['a pending job', pending, claim, 0, 'lease.lost'],
    ['a cancelled job', cancel(running, 2000).job, claim, 3000, 'job.cancelled'],
    ['a deadline that passed', { ...running, deadlineMs: 2000 }, claim, 2000, 'job.deadline'],
  ] as const;
  for (const [shows, job, who, nowMs, want] of cases) {
    test(`at ${shows}: ${want}`, () => {
      expect(code(() => renew(job, who, at(nowMs)))).toBe(want);
      expect(code(() => finish(job, who, { status: 'succeeded' }, at(nowMs)))).toBe(want);
      expect(code(() => release(job, who, at(nowMs)))).toBe(want);
    });
  }
});

describe('attempts', () => {
  test('wait 10 s, then 40 s, then the job fails', () => {
    let job: Job = pending;
    const waits: number[] = [];
    while (job.state === 'pending') {
      job = grant(job, { ...claim, requestId: 'q' }, at(job.notBeforeMs)).job;
      const nowMs = job.lease!.startedAtMs + 1;
      job = finish(job, claim, retryable, at(nowMs)).job;
      if (job.state === 'pending') waits.push(job.notBeforeMs - nowMs);
    }
    expect(waits).toEqual([10_000, 40_000]);
    expect(job).toMatchObject({ state: 'failed', attemptCount: 3, error: { code: 'x' } });
  });

  test('that are hopeless are the only one', () => {
    const outcome = { status: 'failed', error: { code: 'x', message: 'x', retryable: false } } as const;
    expect(finish(running, claim, outcome, at(2000)).job).toMatchObject({ state: 'failed', attemptCount: 1 });
  });

  test('that expire count', () => {
    const step = settle(running, at(1000 + limits.leaseMs));
    expect(step).toMatchObject({ ended: 'expired', job: { state: 'pending', attemptCount: 1 } });
    expect(settle(running, at(1000 + limits.leaseMs - 1))).toBeUndefined();
  });

  test('that are given back do not count, ten times', () => {
    let job: Job = pending;
    for (let count = 0; count < limits.maxReleases; count++) {
      job = release(grant(job, { ...claim, requestId: 'q' }, at(count)).job, claim, at(count)).job;
    }
    expect(job).toMatchObject({ state: 'pending', attemptCount: 0, releaseCount: 10 });
    expect(isLeasable(job, limits.maxReleases)).toBe(true);
    job = release(grant(job, { ...claim, requestId: 'q' }, at(11)).job, claim, at(11)).job;
    expect(job).toMatchObject({ state: 'pending', attemptCount: 1 });
  });
});

describe('the end', () => {
  test('is reached by the deadline, running or not', () => {
    expect(isLeasable(pending, pending.deadlineMs - 1)).toBe(true);
    expect(isLeasable(pending, pending.deadlineMs)).toBe(false);
    for (const job of [pending, running]) {
      expect(settle(job, at(pending.deadlineMs))?.job).toMatchObject({
        state: 'failed',
        error: { code: 'job.deadline' },
      });
    }
  });

  test('is not undone by time, a cancel or a result', () => {
    const done = finish(running, claim, { status: 'succeeded' }, at(2000)).job;
    expect(settle(done, at(9e9))).toBeUndefined();
    expect(code(() => cancel(done, 3000))).toBe('job.ended');
    expect(code(() => finish(done, claim, { status: 'succeeded' }, at(3000)))).toBe('lease.lost');
    expect(code(() => retry(done, 3000))).toBe('job.not-ended');
  });

  test('of a failed job is undone by a retry, with a new deadline', () => {
    const failed = settle(pending, at(pending.deadlineMs))!.job;
    const again = retry(failed, 5_000_000).job;
    expect(again).toMatchObject({ state: 'pending', attemptCount: 0, deadlineMs: 8_600_000 });
    expect(again).not.toHaveProperty('error');
    expect(isLeasable(again, 5_000_000)).toBe(true);
  });
});
