import { describe, expect, test } from 'vitest';
import { isRetryableStatus, retryDelayMs } from './http-retry.ts';

const at = (random: number) => ({
  now: () => Date.parse('2026-01-30T12:00:00Z'),
  random: () => random,
  sleep: async () => {},
});

const cases = [
  // failed  header                                chance  ms         what the row shows
  [1, undefined, 0, 500, 'half a second at least'],
  [1, undefined, 1, 1000, 'a second at most'],
  [4, undefined, 1, 8000, 'twice as long each time'],
  [12, undefined, 1, 60_000, 'never more than a minute'],
  [1, '7', 0.5, 7000, 'as many seconds as the server says'],
  [1, 'Fri, 30 Jan 2026 12:00:30 GMT', 0.5, 30_000, 'until the date that the server says'],
  [1, 'Fri, 30 Jan 2026 11:00:00 GMT', 0.5, 0, 'a date that is past'],
  [1, 'soon', 0, 500, 'what is neither seconds nor a date counts for nothing'],
  [1, '600', 0, 600_000, 'ten minutes are waited for'],
  [1, '601', 0, undefined, 'and no more'],
] as const;

describe('retryDelayMs', () => {
  for (const [failedCount, header, random, delayMs, shows] of cases) {
    test(shows, () => expect(retryDelayMs(failedCount, header, at(random))).toBe(delayMs));
  }
});

test('throttling and servers in trouble are asked again, what is not there is not', () => {
  expect([403, 408, 429, 500, 503].map(isRetryableStatus)).toEqual([true, true, true, true, true]);
  expect([400, 401, 404, 410, 501].map(isRetryableStatus)).toEqual([false, false, false, false, false]);
});
