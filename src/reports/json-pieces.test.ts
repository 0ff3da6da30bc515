import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonPieces, streamed } from './json-pieces.ts';

const text = (members: Readonly<Record<string, unknown>>) => [...jsonPieces(members)].join('');

test('members keep their order, lists have a line for each element, and what is undefined is left out', () => {
  const members = { b: 1, none: undefined, list: [{ x: 1 }, 'y'], empty: [], a: null, lazy: [1, 2].values() };
  expect(text(members)).toBe('{\n"b":1,\n"list":[\n{"x":1},\n"y"\n],\n"empty":[],\n"a":null,\n"lazy":[\n1,\n2\n]\n}\n');
});

test('no sign that a terminal would obey is left, and all are read back', () => {
  const evil = '\u001b[2J\u009b2J\u202e\u200b\u2028\u0000\ud800';
  expect(text({ evil })).toMatch(/^[\n\u0020-\u007e]*$/);
  expect(JSON.parse(text({ evil }))).toEqual({ evil });
});

test('any members are read back as they were', () =>
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), (members) => {
      expect(JSON.parse(text(members))).toEqual(JSON.parse(JSON.stringify(members)));
    }),
  ));

test('long lists come in pieces', () => {
  const pieces = [...jsonPieces({ list: Array.from({ length: 20_000 }, (_, i) => `element ${i}`) })];
  expect(pieces.length).toBeGreaterThan(3);
  expect(JSON.parse(pieces.join('')).list).toHaveLength(20_000);
});

test('lists deep in a document come in pieces too', () => {
  const list = Array.from({ length: 20_000 }, (_, i) => `element ${i}`);
  const pieces = [...jsonPieces({ runs: [streamed({ none: undefined, list })], empty: streamed({}) })];
  expect(pieces.length).toBeGreaterThan(3);
  expect(JSON.parse(pieces.join(''))).toEqual({ runs: [{ list }], empty: {} });
});
