import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openResultCache } from './result-cache.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cvescan-results-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const folder = (name: string) => join(scratch, name);
const files = (name: string) => readdirSync(folder(name)).sort();

test('what was written is read, by its own key only', async () => {
  const cache = openResultCache(folder('plain'));
  expect(cache.read('a')).toBeUndefined();
  await cache.write('a', { list: [1, 'ä\n'] });
  expect(cache.read('a')).toEqual({ list: [1, 'ä\n'] });
  expect(cache.read('b')).toBeUndefined();
});

test('a damaged or foreign file is none', async () => {
  const cache = openResultCache(folder('damaged'));
  await cache.write('a', 'value');
  const [name = ''] = files('damaged');
  const file = join(folder('damaged'), name);
  const whole = readFileSync(file, 'utf8');
  for (const text of [
    '',
    'x',
    '\n\n',
    whole.slice(0, -2),
    whole.replace('value', 'valve'),
    whole.replace('"a"', '"b"'),
  ]) {
    writeFileSync(file, text);
    expect(cache.read('a')).toBeUndefined();
  }
  truncateSync(file, 0);
  await cache.write('a', 'again');
  expect(cache.read('a')).toBe('again');
  expect(files('damaged')).toEqual([name]);
});

test('at most maxEntries are kept, those used last', async () => {
  const cache = openResultCache(folder('bounded'), { maxEntries: 2, maxBytes: 1 << 20 });
  for (const [at, key] of ['a', 'b'].entries()) {
    const before = new Set(at === 0 ? [] : files('bounded'));
    await cache.write(key, key);
    const [added = ''] = files('bounded').filter((name) => !before.has(name));
    utimesSync(join(folder('bounded'), added), at + 1, at + 1);
  }
  expect(['a', 'b'].map((key) => cache.read(key))).toEqual(['a', 'b']);
  utimesSync(join(folder('bounded'), files('bounded')[0] as string), 1, 1);
  await cache.write('c', 'c');
  expect(files('bounded')).toHaveLength(2);
  expect(cache.read('c')).toBe('c');
});

test('at most maxBytes are kept, and nothing larger is written', async () => {
  const cache = openResultCache(folder('bytes'), { maxEntries: 9, maxBytes: 400 });
  await cache.write('a', 'x'.repeat(200));
  await cache.write('b', 'x'.repeat(200));
  expect(files('bytes')).toHaveLength(1);
  await cache.write('c', 'x'.repeat(500));
  expect(cache.read('c')).toBeUndefined();
});

test('where nothing can be written nothing is kept', async () => {
  writeFileSync(folder('occupied'), '');
  const cache = openResultCache(folder('occupied'));
  await cache.write('a', 1);
  expect(cache.read('a')).toBeUndefined();
  chmodSync(folder('occupied'), 0o600);
});
