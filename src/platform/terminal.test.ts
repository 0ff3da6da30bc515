import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { displayWidth, printable, shorten, terminalOf } from './terminal.ts';

const cases = [
  ['openssl 3.0', 'openssl 3.0', 'plain text stays as it is'],
  ['Zoë 漢字', 'Zoë 漢字', 'letters of other scripts stay'],
  ['\u001b[2Jgone', '\\x1b[2Jgone', 'an escape sequence is shown, not obeyed'],
  ['a\r\nb', 'a\\x0d\\nb', 'a name cannot start a line of its own'],
  ['\u009b31m', '\\x9b31m', 'the one-byte control introducer'],
  ['user\u202etxt.exe', 'user\\u{202e}txt.exe', 'text cannot be turned around'],
  ['a\u200bb', 'a\\u{200b}b', 'what has no width is shown'],
  ['\ud800', '\\u{d800}', 'half of a pair'],
] as const;

describe('printable', () => {
  for (const [text, want, shows] of cases) test(shows, () => expect(printable(text)).toBe(want));
});

describe('width', () => {
  test('wide signs count twice, marks not at all', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('漢字')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
  });

  test('what is cut ends in a sign that says so', () => {
    expect(shorten('openssl', 7)).toBe('openssl');
    expect(shorten('openssl', 6)).toBe('opens…');
    expect(shorten('漢字', 3)).toBe('漢…');
    expect(shorten('漢字', 2)).toBe('…');
  });
});

test('colours are for terminals that want them', () => {
  const [pipe, terminal] = [new Writable(), Object.assign(new Writable(), { isTTY: true, columns: 120 })];
  expect(terminalOf(pipe, {})).toEqual({ color: false, columns: undefined });
  expect(terminalOf(pipe, { FORCE_COLOR: '1' }).color).toBe(true);
  expect(terminalOf(terminal, {})).toEqual({ color: true, columns: 120 });
  expect(terminalOf(terminal, { NO_COLOR: '1' }).color).toBe(false);
  expect(terminalOf(terminal, { TERM: 'dumb' }).color).toBe(false);
  expect(terminalOf(terminal, {}, true).color).toBe(false);
});
