import { describe, expect, test } from 'vitest';
import { languagePackage, languagePackages } from './language-package.ts';
import { reachable } from './reachable.ts';

test('a package belongs to the namespace of its type, with that one’s versions', () => {
  expect(languagePackage('pypi', { name: 'Jinja2', version: '3.1.2' })).toEqual({
    name: 'Jinja2',
    version: '3.1.2',
    versionScheme: 'pep440',
    type: 'pypi',
    namespace: 'pypi',
  });
});

describe('the packages of a file', () => {
  const a = { name: 'a', version: '1' };
  for (const [shows, mentions, expected] of [
    ['once each', [a, a], ['a 1']],
    ['versions apart', [a, { ...a, version: '2' }], ['a 1', 'a 2']],
    ['marked', [{ ...a, isDevelopment: true }], ['a 1 development']],
    [
      'not marked if anything else needs it',
      [{ ...a, isDevelopment: true }, a, { ...a, isDevelopment: true }],
      ['a 1'],
    ],
  ] as const) {
    test(shows, () => {
      const listed = [...languagePackages('npm', mentions)];
      expect(
        listed.map(({ name, version, properties }) => [name, version, ...Object.keys(properties ?? {})].join(' ')),
      ).toEqual(expected);
    });
  }
});

test('what is reachable, through circles too', () => {
  const needs = new Map([
    ['a', ['b']],
    ['b', ['a', 'c']],
    ['d', ['a']],
  ]);
  expect([...reachable(['a'], needs)].sort()).toEqual(['a', 'b', 'c']);
});
