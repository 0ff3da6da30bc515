import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ScannerError } from '../../model/errors.ts';
import { getScheme, schemes } from '../registry.ts';

const folder = join(import.meta.dirname, 'fixtures');
const SIGNS: Readonly<Record<string, number>> = { '<': -1, '=': 0, '>': 1 };

/** `A < B  # sentence`, or `"text" ?  # sentence` for a malformed version; texts with blanks in JSON's quotes. */
const LINE = /^(".*?"|\S+) (?:([<=>]) (".*"|\S+)|\?) +# (.+)$/;

function readLines(file: string): RegExpExecArray[] {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => LINE.exec(line) ?? expect.fail(`${file}: ${line}`));
}

function unquote(text: string): string {
  return text.startsWith('"') ? JSON.parse(text) : text;
}

test('every scheme has a fixture, and every fixture a scheme', () => {
  expect(readdirSync(folder).sort()).toEqual(schemes.map(({ name }) => `${name}.txt`).sort());
});

for (const file of readdirSync(folder)) {
  const scheme = getScheme(file.replace('.txt', ''));
  describe(scheme.name, () => {
    for (const [, a, sign, b, shows] of readLines(file)) {
      if (sign === undefined) {
        test(`${a} is malformed: ${shows}`, () => {
          expect(() => scheme.parse(unquote(a!))).toThrow(ScannerError);
        });
        continue;
      }
      test(`${a} ${sign} ${b}: ${shows}`, () => {
        const [x, y] = [scheme.parse(unquote(a!)), scheme.parse(unquote(b!))];
        expect(Math.sign(scheme.compare(x, y))).toBe(SIGNS[sign]);
        expect(Math.sign(scheme.compare(y, x))).toBe(0 - SIGNS[sign]!);
      });
    }
  });
}
