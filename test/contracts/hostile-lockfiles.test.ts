import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkBytes } from '../../src/inventory/lister.contract.ts';
import { listers } from '../../src/inventory/listers/registry.ts';
import { HOSTILE_TEXTS } from '../../src/reports/report-format.contract.ts';
import { nestedLists, withCuts, withTexts, withWrongTypes } from '../hostile-values.ts';

const fixtures = resolve(import.meta.dirname, '../../src/inventory/listers/fixtures');

/** What some pattern could go over again and again, behind each kind of sign of a file, and before what ends a line for patterns only. */
const RUNS = [' ', '#', ' #', ' //', '"', '\\', '[', '(', '/', ':', 'a', 'a/', '1.', '\n[', '\n ', '<<"a'];
const RUN_LENGTH = 60_000;
/** Most take some milliseconds; one that takes the square takes seconds. */
const MAX_RUN_MS = 1500;

/** Text files of the fixtures; what is in databases and archives has its own tests. */
function textsOf(lister: string): readonly (readonly [path: string, text: string])[] {
  const root = join(fixtures, lister, 'root');
  return globSync('**/*', { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path.slice(root.length + 1), readFileSync(path)] as const)
    .filter(([, bytes]) => !bytes.includes(0))
    .map(([path, bytes]) => [path, bytes.toString()]);
}

for (const lister of listers) {
  const texts = textsOf(lister.name);
  describe.skipIf(texts.length === 0)(lister.name, () => {
    const documents = texts.flatMap(([path, text]) => {
      const value = parsed(text);
      return value === undefined ? [] : [[path, value] as const];
    });

    test('cut anywhere it is listed, or is a problem', async () => {
      for (const [path, text] of texts)
        for (const cut of withCuts(Buffer.from(text))) await checkBytes(lister, path, cut);
    });

    test.skipIf(documents.length === 0)('values of another type are passed over, or are problems', async () => {
      for (const [path, value] of documents)
        for (const changed of withWrongTypes(value)) await checkBytes(lister, path, json(changed));
    });

    test('nested 10,000 deep it ends', async () => {
      for (const [path, text] of texts) {
        const openings = ['[', '{', '(', '{"dependencies":{"a":', '<a>'];
        for (const nested of [nestedLists(10_000), ...openings.map((sign) => text + sign.repeat(10_000))])
          await checkBytes(lister, path, Buffer.from(nested));
      }
      for (const [path, value] of documents)
        for (const changed of withTexts(value, 'NESTED'))
          await checkBytes(lister, path, Buffer.from(JSON.stringify(changed).replace('"NESTED"', nestedLists(10_000))));
    });

    test('names that command terminals, browsers and spreadsheets are names', async () => {
      for (const hostile of [...HOSTILE_TEXTS, 'constructor'])
        for (const [path, text] of texts) {
          for (const changed of withTexts(parsed(text), hostile)) await checkBytes(lister, path, json(changed));
          for (const word of text.match(/[\w.@/-]{4,}/g)?.slice(0, 20) ?? [])
            await checkBytes(lister, path, Buffer.from(text.replaceAll(word, hostile)));
        }
    });

    test('long runs of any sign take time in proportion', async () => {
      const slow: string[] = [];
      for (const [path, text] of texts)
        for (const place of placesOf(text))
          for (const run of RUNS) {
            const middle = `${run.repeat(RUN_LENGTH / run.length)}\u2028/$`;
            const start = performance.now();
            await checkBytes(lister, path, Buffer.from(text.slice(0, place) + middle + text.slice(place)));
            const tookMs = performance.now() - start;
            if (tookMs > MAX_RUN_MS)
              slow.push(`${JSON.stringify(run)} in ${path} at ${place}: ${Math.round(tookMs)} ms`);
          }
      expect(slow).toEqual([]);
    }, 120_000);
  });
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The beginning, the end, and behind the first of each kind of sign. */
function placesOf(text: string): readonly number[] {
  const signs = new Map<string, number>();
  for (const { 0: sign, index } of text.matchAll(/[\s:="'@/\\[({,.-]/g))
    if (!signs.has(sign)) signs.set(sign, index + 1);
  return [...new Set([0, ...signs.values(), text.length])];
}
