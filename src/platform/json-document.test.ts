import { describe, expect, test } from 'vitest';
import { parseJsonDocument } from './json-document.ts';

const limits = { maxNestingDepth: 3, maxStringBytes: 8, maxObjects: 5 };
const parse = (text: string) => parseJsonDocument(Buffer.from(text), text, limits);

describe('parseJsonDocument', () => {
  test('gives the value', () => expect(parse('{"a":[1,"x"]}')).toEqual({ a: [1, 'x'] }));

  const faults = [
    // text               place                what the row shows
    ['{"a": oops}', 'line 1, column 7', 'a word'],
    ['{\n "a": 1,\n}', 'line 3, column 1', 'a comma too many'],
    ['{"a": 1} x', 'line 1, column 10', 'more behind the end'],
    ['{"a": "\u0007"}', 'line 1, column 8', 'a control character in a text'],
    ['{"a": [1, 2', 'it ends early', 'a list that is cut'],
    ['{"a": "x', 'it ends early', 'a text that is cut'],
  ] as const;
  for (const [text, place, shows] of faults) {
    test(`${shows}: ${place}`, () => expect(() => parse(text)).toThrow(`the JSON is not well-formed: ${place}`));
  }

  const cases = [
    // at the limit         above it                what the row shows
    ['[[[]]]', '[[[[]]]]', 'maxNestingDepth'],
    ['[[],{},"[[[",[],{}]', '[[],{},[],{},[]]', 'maxObjects'],
    ['{"a":"12345678"}', '{"a":"123456789"}', 'maxStringBytes'],
    ['["[[[[["]', '["1234567\\\\"]', 'maxStringBytes'],
  ] as const;
  for (const [at, above, limit] of cases) {
    test(`${limit}: ${above} is above it`, () => {
      expect(() => parse(at)).not.toThrow();
      expect(() => parse(above)).toThrow(limit);
    });
  }
});
