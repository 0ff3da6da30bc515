import { describe, expect, test } from 'vitest';
import { didYouMean, nearestWord } from './nearest-word.ts';

const KNOWN = ['scan', 'packages', 'db status', 'db export', 'explain'];

describe('nearestWord', () => {
  for (const [typed, meant, shows] of [
    ['scna', 'scan', 'two letters swapped'],
    ['package', 'packages', 'a letter missing'],
    ['db statsu', 'db status', 'two words'],
    ['explian', 'explain', 'two letters swapped in a longer word'],
    ['teapot', undefined, 'nothing is near'],
    ['', undefined, 'nothing was typed'],
  ] as const) {
    test(`${JSON.stringify(typed)}: ${shows}`, () => expect(nearestWord(typed, KNOWN)).toBe(meant));
  }
});

test('didYouMean ends a sentence', () => {
  expect(didYouMean('severty', ['severity'], '--')).toBe('; did you mean --severity?');
  expect(didYouMean('teapot', ['severity'])).toBe('');
});
