import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { OsvCache } from './osv-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'cvescan-osv-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function filled(name: string, maxCacheBytes: number): Promise<OsvCache> {
  const cache = new OsvCache(join(folder, name), maxCacheBytes);
  for (let n = 0; n < 10; n++) await cache.keepRecord(`R-${n}`, { id: `R-${n}`, text: 'x'.repeat(78) });
  const records = join(folder, name, 'records');
  for (const file of readdirSync(records)) {
    const { id } = JSON.parse(readFileSync(join(records, file), 'utf8'));
    const writtenAt = new Date(Date.UTC(2026, 0, 1) + Number(id.slice(2)) * 1000);
    utimesSync(join(records, file), writtenAt, writtenAt);
  }
  return cache;
}

describe('maxOsvCacheBytes', () => {
  const kept = (cache: OsvCache) =>
    Array.from({ length: 10 }, (_, n) => n).filter((n) => cache.record({ id: `R-${n}`, modified: '' }) !== undefined);

  test('a cache of its limit stays as it is', async () => {
    const cache = await filled('at', 1000);
    const records = join(folder, 'at', 'records');
    expect(readdirSync(records).reduce((sum, file) => sum + statSync(join(records, file)).size, 0)).toBe(1000);
    cache.shrink();
    expect(kept(cache)).toHaveLength(10);
  });

  test('above it what was written first goes, down to nine tenths', async () => {
    const cache = await filled('above', 999);
    cache.shrink();
    expect(kept(cache)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('who has written nothing removes nothing', async () => {
    await filled('reader', 1000);
    const reader = new OsvCache(join(folder, 'reader'), 1);
    reader.shrink();
    expect(kept(reader)).toHaveLength(10);
  });
});
