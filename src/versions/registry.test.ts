import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { schemeOf } from '../model/namespace.ts';
import { compareVersions, findScheme, getScheme, schemes } from './registry.ts';

test('every file in schemes/ is one registered scheme of the same name', () => {
  const files = readdirSync(join(import.meta.dirname, 'schemes'))
    .map((file) => /^([a-z0-9-]+)\.[jt]s$/.exec(file)?.[1])
    .filter((name) => name !== undefined);
  expect(schemes.map(({ name }) => name)).toEqual(files.sort());
});

test('every namespace that names a scheme names one that exists', () => {
  const namespaces = ['debian:12', 'alpine:v3.20', 'rhel:9', 'npm', 'pypi', 'golang', 'gem', 'cargo', 'composer'];
  for (const namespace of [...namespaces, 'maven', 'nuget', 'hex', 'pub', 'swift', 'cran', 'hackage']) {
    expect(findScheme(schemeOf(namespace)!)?.name, namespace).toBe(schemeOf(namespace));
  }
});

describe('getScheme', () => {
  test('gives a scheme by its name', () => expect(getScheme('dpkg').name).toBe('dpkg'));

  test('names the known ones for an unknown name', () => {
    expect(() => getScheme('deb')).toThrow(/"deb"; known are: alpm, apk, cargo, .*, semver$/);
    expect(() => getScheme('toString')).toThrow(expect.objectContaining({ code: 'version.unknown-scheme' }));
  });
});

describe('compareVersions', () => {
  test('answers in the order of the scheme', () => {
    expect(compareVersions('dpkg', '1.0~rc1', '1.0')).toBeLessThan(0);
    expect(compareVersions('rpm', '6.0.rc1', '6.0')).toBeGreaterThan(0);
    expect(compareVersions('pep440', '1.0', '1.0.0')).toBe(0);
  });

  test('names the version that is malformed', () => {
    expect(() => compareVersions('semver', '1.2.3', '1.2')).toThrow(
      expect.objectContaining({
        code: 'version.malformed',
        message: '"1.2" is no semver version: it does not follow the grammar',
        details: { scheme: 'semver', version: '1.2' },
      }),
    );
  });

  test('shows the beginning of a long text only', () => {
    expect(() => compareVersions('semver', 'x'.repeat(2000), '1.2.3')).toThrow(/^"x{100}…" is no semver version/);
  });
});
