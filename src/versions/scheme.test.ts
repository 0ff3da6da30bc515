import { describe, expect, test } from 'vitest';
import { schemes } from './registry.ts';
import { maxVersionChars, readVersion } from './scheme.ts';

describe('maxVersionChars', () => {
  for (const scheme of schemes) {
    const padded = (chars: number): string => `1.0.${'1'.repeat(chars - 4)}`;
    test(`${scheme.name} reads a version of that length, and none above`, () => {
      expect(scheme.compare(scheme.parse(padded(maxVersionChars)), scheme.parse(padded(maxVersionChars)))).toBe(0);
      expect(() => scheme.parse(padded(maxVersionChars + 1))).toThrow(/longer than 1024 characters/);
    });
  }
});

describe('readVersion', () => {
  test('gives what the grammar captures', () =>
    expect(readVersion('x', '1.2', /^(.)\.(.)$/).slice(1)).toEqual(['1', '2']));

  test('says what is wrong', () => {
    expect(() => readVersion('x', ' ', /^a$/)).toThrow('" " is no x version: it is empty');
    expect(() => readVersion('x', '1.2', /^.$/)).toThrow('"1.2" is no x version: it does not follow the grammar');
  });
});
