import { expect, test } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';

test('holds as much as its bound, and gives up what was used longest ago', () => {
  const cache = new BoundedCache<number>(10);
  cache.set('a', 1, 5);
  cache.set('b', 2, 5);
  expect([cache.get('a'), cache.sizeBytes]).toEqual([1, 10]);
  cache.set('c', 3, 1);
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([1, undefined, 3]);
  cache.set('d', 4, 11);
  expect([cache.get('d'), cache.sizeBytes]).toEqual([undefined, 6]);
  cache.set('a', 5, 9);
  expect([cache.get('a'), cache.sizeBytes]).toEqual([5, 10]);
});
