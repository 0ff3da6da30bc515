import { describe, expect, test } from 'vitest';
import { createPageTokens, parseFernetKey } from './page-tokens.ts';

/** Source: https://github.com/fernet/spec, generate.json, verify.json. */
const SPEC_KEY = parseFernetKey('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=')!;
const RECORDED_KEY = parseFernetKey('XxoPtCUzrUv4JV5dS+yQ+MdW7yLEJnRMwigVY/bpgtQ=')!;
const at = (seconds: number) => () => seconds * 1000;

test('keys are 32 bytes in base64 of both kinds, or hex', () => {
  const bytes = Buffer.from([...Array(32).keys()].map((byte) => 255 - byte));
  for (const text of [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')])
    expect(parseFernetKey(text)).toEqual(bytes);
  for (const text of ['', 'short', bytes.subarray(1).toString('base64'), `${bytes.toString('hex')}00`])
    expect(parseFernetKey(text)).toBeUndefined();
});

test("a token of Clair's own is read", () => {
  // Golden exchange 131 of Clair 2.0.9: the fourth vulnerability comes next; recorded 2026-11-21 20:46.
  const token = 'gAAAAABrAgMIfnR9kk5GbT0Y8R6HvFmfhnBhQ_2oJCgf5hGcDOvLYbcFjmlfGD1R2bX5UtlHhrUuy6J-MCeNr3kFJ_TOjJTtuw==';
  const made = Number(Buffer.from(token, 'base64').readBigUInt64BE(1));
  expect(createPageTokens(RECORDED_KEY, at(made + 60)).read(token)).toBeTypeOf('number');
});

describe('tokens', () => {
  const token = createPageTokens(SPEC_KEY, at(1000)).make({ OldVulnerability: 1, NewVulnerability: -1 });
  const readAt = (seconds: number, text = token) => createPageTokens(SPEC_KEY, at(seconds)).read(text);

  test('are good for an hour, and not before their time', () => {
    const value = { OldVulnerability: 1, NewVulnerability: -1 };
    for (const seconds of [940, 1000, 4600]) expect([seconds, readAt(seconds)]).toEqual([seconds, value]);
    for (const seconds of [939, 4601]) expect([seconds, readAt(seconds)]).toEqual([seconds, undefined]);
  });

  test('of another key, changed or cut are none', () => {
    expect(createPageTokens(RECORDED_KEY, at(1000)).read(token)).toBeUndefined();
    for (let at = 0; at < token.length - 2; at += 7) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect([at, readAt(1000, changed)]).toEqual([at, undefined]);
    }
    for (const text of ['', 'garbage', token.slice(0, 40), '='.repeat(9), 'A'.repeat(100_000)])
      expect(readAt(1000, text)).toBeUndefined();
  });

  test('are never the same twice', () => {
    const tokens = createPageTokens(SPEC_KEY, at(1000));
    expect(tokens.make(1)).not.toBe(tokens.make(1));
  });
});
