import { describe, expect, test } from 'vitest';
import { layerFileOf, listFile } from '../lister.contract.ts';
import { dpkgLister } from './dpkg.ts';

const list = (text: string, path = 'var/lib/dpkg/status') => listFile(dpkgLister, layerFileOf(path, text));
const briefly = async (text: string) =>
  (await list(text)).packages.map(
    ({ name, version, source }) => `${name} ${version} <- ${source?.name} ${source?.version}`,
  );

describe('a stanza', () => {
  for (const [shows, text, packages] of [
    ['is its own source when it names none', 'Package: a\nStatus: install ok installed\nVersion: 1\n', ['a 1 <- a 1']],
    ['names its source', 'Package: a\nVersion: 1\nSource: b\n', ['a 1 <- b 1']],
    ['names its source with a version', 'Package: a\nSource: b (2:3-1)\nVersion: 1+b1\n', ['a 1+b1 <- b 2:3-1']],
    ['with an empty source is its own', 'Package: a\nSource:\nVersion: 1\n', ['a 1 <- a 1']],
    [
      'may have its fields in any order and case',
      'VERSION: 1\nstatus: install ok installed\npackage: a\n',
      ['a 1 <- a 1'],
    ],
    ['counts when it is held', 'Package: a\nStatus: hold ok installed\nVersion: 1\n', ['a 1 <- a 1']],
    [
      'counts when its removal is only wished',
      'Package: a\nStatus: deinstall ok installed\nVersion: 1\n',
      ['a 1 <- a 1'],
    ],
    [
      'counts when it is unpacked: its files are there',
      'Package: a\nStatus: install ok unpacked\nVersion: 1\n',
      ['a 1 <- a 1'],
    ],
    [
      'counts when its installation broke off',
      'Package: a\nStatus: install reinstreq half-installed\nVersion: 1\n',
      ['a 1 <- a 1'],
    ],
    ['does not count when only settings are left', 'Package: a\nStatus: deinstall ok config-files\nVersion: 1\n', []],
    ['does not count when it is purged', 'Package: a\nStatus: purge ok not-installed\n', []],
    ['counts without a status, as in distroless images', 'Package: a\nVersion: 1\n', ['a 1 <- a 1']],
    ['ends at the end of the file', 'Package: a\nVersion: 1\n\n\nPackage: b\nVersion: 2', ['a 1 <- a 1', 'b 2 <- b 2']],
    [
      'may have Windows line ends',
      'Package: a\r\nVersion: 1\r\n\r\nPackage: b\r\nVersion: 2\r\n',
      ['a 1 <- a 1', 'b 2 <- b 2'],
    ],
    [
      'may continue a field',
      'Package: a\nVersion: 1\nDescription: x\n Package: not-this\n .\n\tnor this\n',
      ['a 1 <- a 1'],
    ],
  ] as const) {
    test(shows, async () => {
      expect(await briefly(text)).toEqual(packages);
      expect((await list(text)).problems).toEqual([]);
    });
  }

  test('may have lines of any length', async () => {
    const text = `Package: a\nDepends: ${'x, '.repeat(100_000)}y\nVersion: 1\n`;
    expect(await briefly(text)).toEqual(['a 1 <- a 1']);
  });
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, code] of [
    ['no name', 'Version: 1\n\nPackage: b\nVersion: 2\n', ['b 2 <- b 2'], 'lister.incomplete-entry'],
    [
      'no version: it is listed all the same',
      'Package: a\nStatus: install ok installed\n',
      ['a  <- a '],
      'lister.incomplete-entry',
    ],
    [
      'an unknown status counts as installed',
      'Package: a\nStatus: teapot\nVersion: 1\n',
      ['a 1 <- a 1'],
      'lister.incomplete-entry',
    ],
    ['a source that is none', 'Package: a\nSource: b c d\nVersion: 1\n', ['a 1 <- a 1'], 'lister.incomplete-entry'],
    ['a line that is no field', 'Package: a\n=======\nVersion: 1\n', ['a 1 <- a 1'], 'lister.malformed-line'],
  ] as const) {
    test(shows, async () => {
      expect(await briefly(text)).toEqual(packages);
      expect((await list(text)).problems).toMatchObject([{ code, path: 'var/lib/dpkg/status' }]);
    });
  }
});

describe('owned paths', () => {
  for (const [path, text, owner, ownedPaths] of [
    ['var/lib/dpkg/info/libc6:amd64.list', '/.\n/lib\n/lib/x.so\n', 'libc6', ['lib', 'lib/x.so']],
    [
      'var/lib/dpkg/status.d/libssl3.md5sums',
      '0123456789abcdef0123456789abcdef  usr/lib/a b.so\nx\n',
      'libssl3',
      ['usr/lib/a b.so'],
    ],
  ] as const) {
    test(`of ${path}`, async () => expect((await list(text, path)).ownedPaths).toEqual([{ owner, ownedPaths }]));
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['var/lib/dpkg/status', true],
    ['var/lib/dpkg/status-old', false],
    ['var/lib/dpkg/status.d/python3.11', true],
    ['var/lib/dpkg/status.d/python3.11.md5sums', false],
    ['opt/var/lib/dpkg/status', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(dpkgLister.wants(layerFileOf(path, ''))).toBe(isWanted));
  }
});
