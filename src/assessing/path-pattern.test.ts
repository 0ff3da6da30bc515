import { describe, expect, test } from 'vitest';
import { readPathPattern } from './path-pattern.ts';

const cases = [
  // pattern                   path                              matches  what the row shows
  ['app/package-lock.json', 'app/package-lock.json', true, 'itself'],
  ['/app/a', 'app/a', true, 'a leading slash is none'],
  ['app/a', 'srv/app/a', false, 'from the root on'],
  ['app/*', 'app/a.jar', true, 'any one name'],
  ['app/*', 'app/lib/a.jar', false, 'one name only'],
  ['app/*.jar', 'app/a.jar', true, 'any signs of a name'],
  ['app/*-*.jar', 'app/a-b-1.jar', true, 'twice'],
  ['app/**', 'app/lib/a.jar', true, 'any folders'],
  ['app/', 'app/lib/a.jar', true, 'all below a folder'],
  ['**/node_modules/**', 'srv/app/node_modules/a/package.json', true, 'wherever it lies'],
  ['**/a', 'a', true, 'no folder is some folders'],
  ['**/a/**/b', 'a/a/x/b', true, 'back to the last point of choice'],
  ['a/**/b', 'a/b/c', false, 'what follows must follow'],
  ['a.b', 'axb', false, 'a dot is a dot'],
] as const;

describe('readPathPattern', () => {
  for (const [pattern, path, matches, shows] of cases) {
    test(`${pattern} ${path}: ${shows}`, () => expect(readPathPattern(pattern)(path)).toBe(matches));
  }
  test('no pattern takes long', () => {
    expect(readPathPattern(`${'*a'.repeat(200)}b`)('a'.repeat(5000))).toBe(false);
  });
});
