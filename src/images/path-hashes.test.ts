import { expect, test } from 'vitest';
import { hashOfPath, hasPathHash, pathHashesOf } from './path-hashes.ts';

test('a set holds its paths and no others', () => {
  const paths = Array.from({ length: 2000 }, (_, i) => `usr/share/doc/package-${i}/copyright`);
  const hashes = pathHashesOf(paths);
  expect(new Set(hashes).size).toBe(paths.length);
  expect(paths.every((path) => hasPathHash(hashes, hashOfPath(path)))).toBe(true);
  expect(paths.some((path) => hasPathHash(hashes, hashOfPath(`${path}s`)))).toBe(false);
});

test('an empty set holds nothing', () => expect(hasPathHash(pathHashesOf([]), hashOfPath('etc'))).toBe(false));

test('hashes are whole numbers below 2^52', () => {
  for (const path of ['', 'a', 'etc/passwd', '\u{1f4a9}', 'x'.repeat(10_000)]) {
    expect(Number.isInteger(hashOfPath(path)) && hashOfPath(path) >= 0 && hashOfPath(path) < 2 ** 52).toBe(true);
  }
});

test('paths that differ in one place have different hashes', () => {
  const hashes = new Set<number>();
  for (let i = 0; i < 256; i++)
    for (let j = 0; j < 256; j++) hashes.add(hashOfPath(`a/${String.fromCharCode(i, j)}/z`));
  expect(hashes.size).toBe(65_536);
});
