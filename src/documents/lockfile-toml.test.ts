import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_TOML_DEPTH, type TomlValue, tomlTables } from './lockfile-toml.ts';

function read(text: string) {
  const malformed: string[] = [];
  const tables = [...tomlTables(text, (line, message) => malformed.push(`${line}: ${message}`))];
  return {
    tables: tables.map(({ name, fields }) => [name, plain(fields)] as const),
    malformed,
    lines: tables.map(({ line }) => line),
  };
}

function plain(value: TomlValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, it]) => [key, plain(it as TomlValue)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

describe('a table', () => {
  for (const [shows, text, tables] of [
    ['the pairs before the first header have no name', 'version = 3\n', [['', { version: '3' }]]],
    ['an empty one', '[metadata]', [['metadata', {}]]],
    [
      'one of a list',
      '[[package]]\nname = "a"\n\n[[package]]\nname = "b"',
      [
        ['package', { name: 'a' }],
        ['package', { name: 'b' }],
      ],
    ],
    [
      'a sub-table stands by itself',
      '[[package]]\nname = "a"\n[package.source]\ntype = "git"',
      [
        ['package', { name: 'a' }],
        ['package.source', { type: 'git' }],
      ],
    ],
    ['comments and blank lines', '# one\n[a] # two\n\n  b = 1 # three\n', [['a', { b: '1' }]]],
    ['Windows line ends', '[a]\r\nb = "c"\r\n', [['a', { b: 'c' }]]],
    [
      'quoted keys',
      '[metadata]\n"checksum a 1.0" = "x"\n\'b\' = "y"',
      [['metadata', { 'checksum a 1.0': 'x', b: 'y' }]],
    ],
  ] as const) {
    test(shows, () => expect(read(text)).toMatchObject({ tables, malformed: [] }));
  }

  test('says on which line its header stands', () => {
    expect(read('a = 1\n\n[b]\n[[c]]\nd = [\n 1,\n]\n# x\n[e]').lines).toEqual([1, 3, 4, 9]);
  });
});

describe('a value', () => {
  for (const [written, value] of [
    ['"a \\"b\\" \\u00e9 \\U0001F980 \\\\"', 'a "b" é 🦀 \\'],
    ['"\\UFFFFFFFF \\q"', '\\UFFFFFFFF \\q'],
    ["'a\\b'", 'a\\b'],
    ['""', ''],
    ['true', true],
    ['false', false],
    ['-1.5e3', '-1.5e3'],
    ['2024-04-28T17:21:27Z', '2024-04-28T17:21:27Z'],
    ['[]', []],
    ['[ "a", 1, [true] ]', ['a', '1', [true]]],
    ['[\n  "a", # one\n  "b",\n]', ['a', 'b']],
    ['{ a = 1, "b c" = { d = "e" } }', { a: '1', 'b c': { d: 'e' } }],
    ['{}', {}],
  ] as const) {
    test(written, () =>
      expect(read(`x = ${written}\n`)).toMatchObject({ tables: [['', { x: value }]], malformed: [] }),
    );
  }
});

describe('what cannot be read is told, and reading goes on with the next header', () => {
  for (const [shows, text, told] of [
    ['a text without an end', 'x = "a', '1: a text without an end'],
    ['a text without an end on its line', 'x = "a\n[c]\nd = "e"', '1: a text without an end on its line'],
    ['a text of several lines', 'x = """\na\n"""', '1: a text of several lines'],
    ['no value', 'a = 1\nx =\n', '2: a key without a value'],
    ['no equals sign', 'x', '1: no "=" after the key "x"'],
    ['a dotted key', 'x.y = 1', '1: no "=" after the key "x"'],
    ['no key', '= 1', '1: neither a header nor a key'],
    ['no comma', 'x = [1 2]', '1: neither "," nor "]" after a value'],
    ['a list without an end', 'x = [1,\n2', '4: neither "," nor "]" after a value'],
    ['two statements on a line', 'x = 1 y = 2', '1: more on the line than one statement'],
    ['a header without a name', 'x = 1\n[]', '2: a header without a name'],
  ] as const) {
    test(shows, () => {
      const { tables, malformed } = read(`[first]\nkept = 1\n${text}\n\n[[after]]\nz = 1\n`);
      const [line, ...message] = told.split(': ');
      expect(malformed[0]).toBe(`${Number(line) + 2}: ${message.join(': ')}`);
      expect(tables[0]).toMatchObject(['first', { kept: '1' }]);
      expect(tables.at(-1)).toEqual(['after', { z: '1' }]);
    });
  }
});

test(`values nest up to ${MAX_TOML_DEPTH} deep, and no deeper`, () => {
  const nested = (depth: number) => `x = ${'['.repeat(depth)}1${']'.repeat(depth)}\n`;
  expect(read(nested(MAX_TOML_DEPTH)).malformed).toEqual([]);
  expect(read(nested(MAX_TOML_DEPTH + 1)).malformed).toMatchObject([expect.stringContaining('MAX_TOML_DEPTH')]);
  expect(read(nested(100_000)).malformed).toHaveLength(1);
});

test('takes any text', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab=[]{}"\'\\,.#\n 1') });
  fc.assert(fc.property(text, (it) => void read(it)));
});
