import { describe, expect, test } from 'vitest';
import { compareCpe, compareWords, formatCpe, formatCpeUri, parseCpe, textOfWord, wordOfText } from './cpe.ts';

describe('parseCpe and formatCpe', () => {
  for (const [text, formatted, shows] of [
    [
      'cpe:2.3:a:openssl:openssl:1.0.2u:*:*:*:*:*:*:*',
      'cpe:2.3:a:openssl:openssl:1.0.2u:*:*:*:*:*:*:*',
      'a formatted string',
    ],
    ['cpe:/a:openssl:openssl:1.0.2u', 'cpe:2.3:a:openssl:openssl:1.0.2u:*:*:*:*:*:*:*', 'a URI'],
    [
      'cpe:2.3:A:OpenSSL:OpenSSL:1.0.2U:*:*:*:*:*:*:*',
      'cpe:2.3:a:openssl:openssl:1.0.2u:*:*:*:*:*:*:*',
      'capitals do not count',
    ],
    [
      'cpe:2.3:a:microsoft:visual_c\\+\\+:2013:sp1:*:*:*:*:*:*',
      'cpe:2.3:a:microsoft:visual_c\\+\\+:2013:sp1:*:*:*:*:*:*',
      'escapes stay',
    ],
    ['cpe:2.3:a:gnu:c++', 'cpe:2.3:a:gnu:c\\+\\+:*:*:*:*:*:*:*:*', 'a forgotten escape, and a short name'],
    ['cpe:2.3:a:v:p:1\\.0:*:*:*:*:*:*:*', 'cpe:2.3:a:v:p:1.0:*:*:*:*:*:*:*', 'an escape that needs not be'],
    ['cpe:2.3:a:v:a\\:b:1', 'cpe:2.3:a:v:a\\:b:1:*:*:*:*:*:*:*', 'an escaped colon is part of a word'],
    ['cpe:2.3:a:v:\\-:1', 'cpe:2.3:a:v:\\-:1:*:*:*:*:*:*:*', 'a hyphen that is a product is not "not applicable"'],
    ['cpe:2.3:a:v:p:8.*', 'cpe:2.3:a:v:p:8.*:*:*:*:*:*:*:*', 'a wildcard at the end'],
    ['cpe:2.3:a:v:p:8*9', 'cpe:2.3:a:v:p:8\\*9:*:*:*:*:*:*:*', 'an asterisk in the middle is none'],
    [
      'cpe:/a:hp:insight_diagnostics:7.4.0.1570:-:~~online~win2003~x64~',
      'cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:-:*:*:online:win2003:x64:*',
      'a packed edition (example of NISTIR 7695, 6.1.3.2)',
    ],
    [
      'cpe:/a:hp:openview_network_manager:7.51::~~~linux~~',
      'cpe:2.3:a:hp:openview_network_manager:7.51:*:*:*:*:linux:*:*',
      'a packed target software',
    ],
    [
      'cpe:/a:foo%5cbar:big%24money_2010%07:::~~special~ipod_touch~80gb~',
      undefined,
      'a control character (example of 6.1.3.2)',
    ],
    ['cpe:/a:v:p:8.%02:sp%01', 'cpe:2.3:a:v:p:8.*:sp?:*:*:*:*:*:*', 'wildcards of a URI'],
    ['cpe:/a:v:%21p%3a', 'cpe:2.3:a:v:\\!p\\::*:*:*:*:*:*:*:*', 'percent-encoded characters'],
    ['cpe:/o:linux:linux_kernel:-', 'cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*', 'not applicable'],
    ['cpe:2.3:a:v:p:1:*:*:*:*:*:*:*:more', undefined, 'too many words'],
    ['cpe:2.3:x:v:p:1', undefined, 'an unknown part'],
    ['cpe:2.3:a:v:p q:1', undefined, 'a blank'],
    ['pkg:npm/lodash@1', undefined, 'a purl'],
    ['', undefined, 'nothing'],
  ] as const) {
    test(`${text}: ${shows}`, () => {
      const name = parseCpe(text);
      expect(name && formatCpe(name)).toBe(formatted);
      if (name) expect(parseCpe(formatCpeUri(name))).toEqual(name);
    });
  }

  test('ten thousand words are none', () => expect(parseCpe(`cpe:2.3:${'a:'.repeat(10_000)}`)).toBeUndefined());
});

describe('formatCpeUri', () => {
  for (const [formatted, uri] of [
    ['cpe:2.3:a:openssl:openssl:1.0.2u:*:*:*:*:*:*:*', 'cpe:/a:openssl:openssl:1.0.2u'],
    ['cpe:2.3:a:v:visual_c\\+\\+:*:*:*:de:*:*:*:*', 'cpe:/a:v:visual_c%2b%2b::::de'],
    ['cpe:2.3:a:v:p:1:-:*:*:online:win2003:x64:*', 'cpe:/a:v:p:1:-:~~online~win2003~x64~'],
  ]) {
    test(uri!, () => expect(formatCpeUri(parseCpe(formatted!)!)).toBe(uri));
  }
});

describe('compareWords', () => {
  for (const [source, target, relation, shows] of [
    ['*', '*', 'equal', 'any is any'],
    ['*', '-', 'superset', 'any holds what has no value'],
    ['*', 'foo', 'superset', 'any holds a text'],
    ['-', '*', 'subset', 'no value is one of any'],
    ['-', '-', 'equal', 'no value is no value'],
    ['-', 'foo', 'disjoint', 'no value is no text'],
    ['foo', '-', 'disjoint', 'nor the other way round'],
    ['foo', 'foo', 'equal', 'the same'],
    ['foo', 'bar', 'disjoint', 'two texts'],
    ['foo', '*', 'subset', 'a text is one of any'],
    ['8.*', '8.1', 'superset', 'a wildcard holds texts'],
    ['8.*', '9.1', 'disjoint', 'and only its own'],
    ['8.*', '-', 'disjoint', 'never "no value"'],
    ['8.*', '*', 'subset', 'a pattern is part of any'],
    ['8.1', '8.*', 'undefined', 'wildcards on the other side are not defined'],
    ['*', '8.*', 'undefined', 'also for any'],
    ['8.*', '8.*', 'undefined', 'also for the same pattern'],
    ['*sql*', 'postgresql', 'superset', 'a wildcard at both ends'],
    ['sp?', 'sp1', 'superset', 'one character'],
    ['sp?', 'sp', 'superset', 'or none'],
    ['sp?', 'sp12', 'disjoint', 'not two'],
    ['?a', '\\+a', 'superset', 'a character with its backslash is one'],
    ['8\\*', '8.1', 'disjoint', 'an escaped asterisk is an asterisk'],
    ['8\\*', '8\\*', 'equal', 'which equals itself'],
  ] as const) {
    test(`${source} and ${target}: ${shows}`, () => expect(compareWords(source, target)).toBe(relation));
  }

  test('a pattern of many wildcards ends', () => {
    expect(compareWords(`${'?'.repeat(2000)}b`, 'a'.repeat(2000))).toBe('disjoint');
    expect(compareWords(`*${'a'.repeat(500)}b*`, 'a'.repeat(20_000))).toBe('disjoint');
  });
});

describe('compareCpe', () => {
  for (const [source, target, relation] of [
    ['cpe:/a:openssl:openssl', 'cpe:/a:openssl:openssl:1.0.2u', 'superset'],
    ['cpe:/a:openssl:openssl:1.0.2u', 'cpe:/a:openssl:openssl', 'subset'],
    ['cpe:/a:openssl:openssl:1.0.2u', 'cpe:/a:openssl:openssl:1.0.2u', 'equal'],
    ['cpe:/a:haxx:curl', 'cpe:/a:curl:curl', 'disjoint'],
    ['cpe:/a:openssl:openssl:::', 'cpe:/o:openssl:openssl', 'disjoint'],
    ['cpe:/a:v:p:1', 'cpe:/a:v:p::sp1', 'undefined'],
  ]) {
    test(`${source} to ${target} is ${relation}`, () =>
      expect(compareCpe(parseCpe(source!)!, parseCpe(target!)!)).toBe(relation));
  }
});

test('a text becomes a word and a text again', () => {
  expect(wordOfText('Visual C++ 1.0')).toBe('visual_c\\+\\+_1.0');
  expect([wordOfText(''), wordOfText('-')]).toEqual(['*', '\\-']);
  expect([textOfWord('c\\+\\+'), textOfWord('\\-'), textOfWord('*'), textOfWord('-')]).toEqual([
    'c++',
    '-',
    undefined,
    undefined,
  ]);
});
