import { expect, test } from 'vitest';
import { basicCredentialsOf } from './basic-credentials.ts';

const rows: readonly (readonly [url: string, pair: string | undefined])[] = [
  ['http://a/', undefined],
  ['http://u:p@a/', 'u:p'],
  ['http://u@a/', 'u:'],
  ['http://:p@a/', ':p'],
  ['http://u%40b:p%3A%C3%A9@a/', 'u@b:p:é'],
  ['http://u%zz:p@a/', 'u%zz:p'],
];

for (const [url, pair] of rows)
  test(`${url} says ${pair ?? 'nothing'}`, () => {
    const header = pair === undefined ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`;
    expect(basicCredentialsOf(new URL(url))).toBe(header);
  });
