import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { yamlLines, yamlScalar } from './lockfile-yaml.ts';

function read(text: string) {
  const malformed: number[] = [];
  const lines = [...yamlLines(text, (line) => malformed.push(line))];
  return { lines: lines.map(({ indent, key, value }) => [indent, key, value] as const), malformed };
}

describe('a line', () => {
  for (const [shows, text, lines] of [
    ['a key and a value', 'version: 1.2.3', [[0, 'version', '1.2.3']]],
    [
      'a key that opens a mapping',
      'packages:\n\n  a:\n',
      [
        [0, 'packages', ''],
        [2, 'a', ''],
      ],
    ],
    ['a key in single quotes', "  '@a/it''s@1.0.0':", [[2, "@a/it's@1.0.0", '']]],
    ['a key in double quotes', '"a@npm:^1, a@npm:^2":', [[0, 'a@npm:^1, a@npm:^2', '']]],
    ['a quote that is escaped', '"a\\"b": 1', [[0, 'a"b', '1']]],
    ['a key with colons', '/a@https://x.org/y:', [[0, '/a@https://x.org/y', '']]],
    ['a flow mapping stays as it is', 'r: {integrity: sha512-x}', [[0, 'r', '{integrity: sha512-x}']]],
    ['an item of a list', '- a', [[0, '-', 'a']]],
    ['comments and marks of documents say nothing', '---\n# a: b\na: 1\n...\n', [[0, 'a', '1']]],
    [
      'Windows line ends',
      'a: 1\r\nb:\r\n',
      [
        [0, 'a', '1'],
        [0, 'b', ''],
      ],
    ],
    [
      'a long key has a line of its own',
      '  ? long\n  : version: 1\n    dev: true',
      [
        [2, 'long', ''],
        [4, 'version', '1'],
        [4, 'dev', 'true'],
      ],
    ],
    [
      'or two',
      '? "long"\n:\n  version: 1',
      [
        [0, 'long', ''],
        [1, ':', ''],
        [2, 'version', '1'],
      ],
    ],
    [
      'a block of text is passed over',
      'a: |-\n  b: 1\n\n  c\nd: 2',
      [
        [0, 'a', '|-'],
        [0, 'd', '2'],
      ],
    ],
    [
      'a text that goes on is passed over',
      'a: some\n  more\nb: 1',
      [
        [0, 'a', 'some'],
        [0, 'b', '1'],
      ],
    ],
  ] as const) {
    test(shows, () => expect(read(text)).toEqual({ lines, malformed: [] }));
  }

  test('that is none of these is told by its number', () => {
    expect(read('a: 1\nteapot\n"b\nc: 2').malformed).toEqual([2, 3]);
  });
});

describe('a scalar', () => {
  for (const [written, meant] of [
    ['1.2.3', '1.2.3'],
    ["'9.0'", '9.0'],
    ['"a\\tb"', 'a\tb'],
    ['"a\\xb"', 'a\\xb'],
    ["'", "'"],
    ['1.0.0 # pinned', '1.0.0'],
    ['^1 || ^2', '^1 || ^2'],
  ] as const) {
    test(written, () => expect(yamlScalar(written)).toBe(meant));
  }
});

test('reads what a YAML library writes', () => {
  const word = fc.stringMatching(/^[@/a-z0-9.'" _-]{1,20}$/);
  const fields = fc.uniqueArray(fc.tuple(word, word), { minLength: 1, selector: ([key]) => key });
  const entries = fc.uniqueArray(fc.tuple(word, fields), { minLength: 1, selector: ([key]) => key });
  fc.assert(
    fc.property(entries, (document) => {
      const maps = new Map(document.map(([key, pairs]) => [key, new Map(pairs)]));
      const written = stringify(maps, {
        lineWidth: 0,
        defaultStringType: 'QUOTE_SINGLE',
        defaultKeyType: 'QUOTE_SINGLE',
      });
      const expected = document.flatMap(([key, pairs]) => [[0, key, ''], ...pairs.map((pair) => [2, ...pair])]);
      const { lines, malformed } = read(written);
      expect(lines.map(([indent, key, value]) => [indent, key, yamlScalar(value)])).toEqual(expected);
      expect(malformed).toEqual([]);
    }),
  );
});

test('takes any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void read(text)));
  expect(read(`${': '.repeat(100_000)}a: 1`).lines.length).toBeLessThan(2);
});
