import { describe, expect, test } from 'vitest';
import { parseDuration } from './durations.ts';

describe('parseDuration', () => {
  for (const [text, hours] of [
    ['12h', 12],
    ['7d', 168],
    ['2w', 336],
    ['0d', 0],
  ] as const) {
    test(text, () => expect(parseDuration(text, '--max-db-age')).toBe(hours * 3_600_000));
  }
  for (const text of ['', '7', 'd', '-1d', '1.5d', '7D', '999999d']) {
    test(`${JSON.stringify(text)} is refused`, () =>
      expect(() => parseDuration(text, '--max-db-age')).toThrow('it is a number with h, d or w, e.g. 7d'));
  }
});
