import { describe, expect, test } from 'vitest';
import type { Problem } from '../model/problem.ts';
import { layerFileOf } from './lister.contract.ts';
import { isBelow, MAX_LOCKFILE_BYTES, readJsonDocument, readJsonLockfile, readLockfile } from './lockfile.ts';

describe('readLockfile', () => {
  for (const [shows, bytes] of [
    ['UTF-8', Buffer.from('é==1\n')],
    ['UTF-8 with a mark', Buffer.from('\ufeffé==1\n')],
    ['UTF-16 of Windows', Buffer.from('\ufeffé==1\n', 'utf16le')],
    ['UTF-16 of others', Buffer.from('\ufeffé==1\n', 'utf16le').swap16()],
  ] as const) {
    test(shows, async () => expect(await readLockfile(layerFileOf('x', bytes), () => {})).toBe('é==1\n'));
  }

  test('takes a file at its limit, and refuses one above it', async () => {
    const problems: Problem[] = [];
    const sized = (sizeBytes: number) => ({ ...layerFileOf('a/uv.lock', 'x'), sizeBytes });
    expect(await readLockfile(sized(MAX_LOCKFILE_BYTES), (it) => problems.push(it))).toBe('x');
    expect(problems).toEqual([]);
    expect(await readLockfile(sized(MAX_LOCKFILE_BYTES + 1), (it) => problems.push(it))).toBe(undefined);
    expect(problems).toMatchObject([{ code: 'lister.file-too-large', path: 'a/uv.lock' }]);
  });
});

describe('JSON', () => {
  for (const text of ['', '{', '[1]', 'null', '"x"', '1']) {
    test(`${JSON.stringify(text)} is no object: a problem`, async () => {
      const problems: Problem[] = [];
      expect(await readJsonLockfile(layerFileOf('x.json', text), (it) => problems.push(it))).toBe(undefined);
      expect(problems).toMatchObject([{ code: 'lister.malformed-file', path: 'x.json' }]);
    });
  }

  test('nested deeply is read', async () => {
    const text = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(await readJsonDocument(layerFileOf('x.json', text), () => {})).toBeInstanceOf(Array);
  });
});

describe('isBelow', () => {
  for (const [path, isInside] of [
    ['node_modules/a/package.json', true],
    ['x/node_modules/a', true],
    ['x/my_node_modules/a', false],
    ['x/node_modules', false],
  ] as const) {
    test(`${path}: ${isInside}`, () => expect(isBelow(path, 'node_modules')).toBe(isInside));
  }
});
