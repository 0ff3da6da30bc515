import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ScannerError } from '../../src/model/errors.ts';
import { compareVersions } from '../../src/versions/registry.ts';
import { sharedData } from './shared-data.ts';

const shared = sharedData();

/** Tables of lines `A < B` by scheme, and what makes a version in them malformed: these, and no others, are refused. */
const TABLES: readonly { readonly scheme: string; readonly files: readonly string[]; readonly malformed?: RegExp }[] = [
  {
    scheme: 'apk',
    files: ['alpine-versions.txt', 'alpine-versions-generated.txt', 'apk-tools-version.data'],
    // No number at the beginning or after a dot, capitals, two letters, unknown suffixes, something else behind -r1.
    malformed: /^[.a-z]|\.[.r]|[A-Z]|[0-9](?!_)[a-z]{2}|_(?:foo|blah|csv)|--|-r(?![0-9]+$)/,
  },
  { scheme: 'cran', files: ['cran-versions.txt', 'cran-versions-generated.txt'] },
  { scheme: 'dpkg', files: ['debian-versions.txt', 'debian-versions-generated.txt'] },
  { scheme: 'hackage', files: ['hackage-versions.txt'] },
  { scheme: 'maven', files: ['maven-versions.txt', 'maven-versions-generated.txt'] },
  { scheme: 'nuget', files: ['nuget-versions.txt'] },
  { scheme: 'packagist', files: ['packagist-versions.txt', 'packagist-versions-generated.txt'], malformed: /#/ },
  {
    scheme: 'pep440',
    files: ['pypi-versions.txt', 'pypi-versions-generated.txt'],
    // What pip took before PEP 440: other words, timestamps, two numbers behind a phase.
    malformed:
      /^[a-z-]|T[0-9]{2}[:-]|[0-9](?:m|-?p)[0-9]+$|^0\.[19]-[a-z]+$|(?:fix1|r2010|git|STAGING|final|beta6\.1)$/,
  },
  // A leading v, and another number of numbers than three.
  { scheme: 'pub', files: ['pub-versions.txt'], malformed: /^v|^[0-9]+$|^[0-9]+(?:\.[0-9]+){4}$/ },
  { scheme: 'rpm', files: ['redhat-versions.txt'] },
  {
    scheme: 'rubygems',
    files: ['rubygems-versions.txt', 'rubygems-versions-generated.txt'],
    malformed: /^[0-9]+[a-z]/,
  },
  { scheme: 'semver', files: ['semver-versions.txt'], malformed: /^[0-9]+$|^[0-9]+(?:\.[0-9]+){4}$/ },
];

/** Where Clair v2 takes what its distribution's own tools refuse, or the other way round. */
const DIFFERS_FROM_CLAIR: Readonly<Record<string, string>> = {
  'dpkg 0:0-': 'dpkg: revision number is empty',
  'dpkg 0:abc3-0': 'Debian Policy: an upstream version starts with a digit',
  'dpkg 0:09azAZ.-+~:_-0': 'Debian Policy: no underscore',
  'dpkg 0:0-azAZ09.+~_': 'Debian Policy: no underscore',
  'rpm a:0-0': 'rpm: what is no number before a colon is no epoch, but part of the version',
  'rpm A:0-0': 'the same',
};

/** `<`, `=`, `>`, or `?` for a malformed version. */
function answer(scheme: string, a: string, b: string): string {
  try {
    return '<=>'[Math.sign(compareVersions(scheme, a, b)) + 1]!;
  } catch (error) {
    if (error instanceof ScannerError && error.code === 'version.malformed') return '?';
    throw error;
  }
}

function read(file: string): string {
  return readFileSync(join(shared!.un, 'versions', file), 'utf8');
}

describe.skipIf(!shared)('tables of versions', () => {
  for (const { scheme, files, malformed } of TABLES) {
    for (const file of files) {
      test(`${scheme} answers ${file}`, () => {
        const lines = read(file).matchAll(/^(\S+) +([<=>]) +(\S+)[^\S\n]*(?:#.*)?$/gm);
        const wrong = [...lines].flatMap(([, a, sign, b]) => {
          const expected = malformed?.test(a!) || malformed?.test(b!) ? '?' : sign;
          const answered = answer(scheme, a!, b!);
          return answered === expected ? [] : [`${a} ${expected} ${b}, answered ${answered}`];
        });
        expect(wrong).toEqual([]);
      });
    }
  }

  test('every line of a table is read', () => {
    const others = TABLES.flatMap(({ files }) => files).flatMap((file) =>
      read(file)
        .split('\n')
        .filter((line) => !/^\s*$|^#|^\/\/|^\S+ +[<=>] +\S+\s*(?:#.*)?$/.test(line)),
    );
    expect(others).toEqual([]);
  });
});

describe.skipIf(!shared)('vectors of Clair v2', () => {
  test('versions compare the same', () => {
    const vectors: { format: string; a: string; b: string; expected: number }[] = JSON.parse(
      read('version-vectors.json'),
    );
    const wrong = vectors.filter(({ format, a, b, expected }) => answer(format, a, b) !== '<=>'[expected + 1]);
    expect(vectors).toHaveLength(142);
    expect(wrong).toEqual([]);
  });

  test('versions are valid or not, but for the listed differences', () => {
    const vectors: { format: string; version: string; valid: boolean }[] = JSON.parse(read('version-validity.json'));
    const different = vectors
      .filter(({ format, version, valid }) => (answer(format, version, version) === '=') !== valid)
      .map(({ format, version }) => `${format} ${version}`);
    expect(vectors).toHaveLength(97);
    expect(different.sort()).toEqual(Object.keys(DIFFERS_FROM_CLAIR).sort());
  });
});
