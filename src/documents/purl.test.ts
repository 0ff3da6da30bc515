import fc from 'fast-check';
import { PackageURL } from 'packageurl-js';
import { describe, expect, test } from 'vitest';
import type { ListedPackage } from '../model/package.ts';
import { packageOfPurl, parsePurl } from './purl.ts';
import { formatPurl, purlOfPackage } from './write-purl.ts';

const deb = (extra: Partial<ListedPackage> = {}): ListedPackage => ({
  name: 'libssl3',
  version: '3.0.14-1~deb12u2',
  versionScheme: 'dpkg',
  type: 'deb',
  arch: 'amd64',
  namespace: 'debian:12',
  source: { name: 'openssl', version: '3.0.14-1~deb12u2' },
  ...extra,
});
const rpm = (extra: Partial<ListedPackage> = {}): ListedPackage => ({
  name: 'openssl-libs',
  version: '1:3.0.7-27.el9',
  versionScheme: 'rpm',
  type: 'rpm',
  arch: 'x86_64',
  namespace: 'rhel:9',
  source: { name: 'openssl', version: '3.0.7-27.el9' },
  ...extra,
});

const cases: readonly (readonly [string, ListedPackage])[] = [
  ['pkg:deb/debian/libssl3@3.0.14-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl', deb()],
  [
    'pkg:deb/debian/libssl3@3.0.14-1~deb12u2?arch=amd64&distro=debian-sid&upstream=openssl',
    deb({ namespace: 'debian:sid' }),
  ],
  [
    'pkg:deb/ubuntu/bash@5.1-6ubuntu1?arch=amd64&distro=ubuntu-22.04&upstream=bash%405.1-6',
    deb({
      name: 'bash',
      version: '5.1-6ubuntu1',
      namespace: 'ubuntu:22.04',
      source: { name: 'bash', version: '5.1-6' },
    }),
  ],
  [
    'pkg:deb/debian/bash@1:5.2+b1?arch=amd64&distro=debian-12',
    deb({ name: 'bash', version: '1:5.2+b1', source: { name: 'bash', version: '1:5.2+b1' } }),
  ],
  [
    'pkg:deb/libssl3@3.0.14-1~deb12u2?arch=amd64&upstream=openssl',
    { ...deb(), namespace: undefined } as unknown as ListedPackage,
  ],
  ['pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9&epoch=1&upstream=openssl%403.0.7-27.el9', rpm()],
  [
    'pkg:rpm/suse/bash@4.4-1?arch=x86_64&distro=sles-15.3',
    rpm({ name: 'bash', version: '4.4-1', namespace: 'sles:15.3', source: { name: 'bash', version: '4.4-1' } }),
  ],
  [
    'pkg:rpm/almalinux/nodejs@18.0-1?arch=x86_64&distro=almalinux-8&rpmmod=nodejs:18:8070020221214:bd1311ed',
    rpm({
      name: 'nodejs',
      version: '18.0-1',
      namespace: 'almalinux:8',
      module: 'nodejs:18:8070020221214:bd1311ed',
      source: { name: 'nodejs', version: '18.0-1' },
    }),
  ],
  [
    'pkg:apk/alpine/libssl3@3.3.2-r1?arch=x86_64&distro=alpine-3.20&upstream=openssl',
    {
      name: 'libssl3',
      version: '3.3.2-r1',
      versionScheme: 'apk',
      type: 'apk',
      arch: 'x86_64',
      namespace: 'alpine:v3.20',
      source: { name: 'openssl', version: '3.3.2-r1' },
    },
  ],
  [
    'pkg:apk/wolfi/zlib@1.3.1-r50?arch=x86_64&distro=wolfi',
    {
      name: 'zlib',
      version: '1.3.1-r50',
      versionScheme: 'apk',
      type: 'apk',
      arch: 'x86_64',
      namespace: 'wolfi',
      source: { name: 'zlib', version: '1.3.1-r50' },
    },
  ],
  [
    'pkg:npm/%40angular/core@17.0.1',
    { name: '@angular/core', version: '17.0.1', versionScheme: 'semver', type: 'npm', namespace: 'npm' },
  ],
  [
    'pkg:maven/org.apache.commons/commons-text@1.9',
    {
      name: 'org.apache.commons:commons-text',
      version: '1.9',
      versionScheme: 'maven',
      type: 'maven',
      namespace: 'maven',
    },
  ],
  [
    'pkg:golang/github.com/gorilla/websocket@v1.4.0',
    {
      name: 'github.com/gorilla/websocket',
      version: 'v1.4.0',
      versionScheme: 'go',
      type: 'golang',
      namespace: 'golang',
    },
  ],
  [
    'pkg:pypi/requests@2.31.0',
    { name: 'requests', version: '2.31.0', versionScheme: 'pep440', type: 'pypi', namespace: 'pypi' },
  ],
  [
    'pkg:swift/github.com/apple/swift-nio@2.46.0',
    {
      name: 'github.com/apple/swift-nio',
      version: '2.46.0',
      versionScheme: 'semver',
      type: 'swift',
      namespace: 'swift',
    },
  ],
  [
    'pkg:hex/phoenix_live_view@0.18.3',
    { name: 'phoenix_live_view', version: '0.18.3', versionScheme: 'hex', type: 'hex', namespace: 'hex' },
  ],
  [
    'pkg:conan/zlib@1.2.13',
    { name: 'zlib', version: '1.2.13', versionScheme: 'semver', type: 'conan', namespace: 'conan' },
  ],
  [
    'pkg:conan/pocoproject/poco@1.9.4?channel=stable',
    {
      name: 'poco',
      version: '1.9.4',
      versionScheme: 'semver',
      type: 'conan',
      namespace: 'conan',
      properties: { user: 'pocoproject', channel: 'stable' },
    },
  ],
  [
    'pkg:composer/monolog/monolog@3.5.0',
    { name: 'monolog/monolog', version: '3.5.0', versionScheme: 'packagist', type: 'composer', namespace: 'composer' },
  ],
];

describe('a package and its purl', () => {
  for (const [purl, listed] of cases) {
    test(purl, () => {
      const written = purlOfPackage(listed);
      expect(written?.replaceAll('%3A', ':')).toBe(purl);
      expect(packageOfPurl(parsePurl(written!)!)).toEqual(JSON.parse(JSON.stringify(listed)));
    });
  }

  test('a package without a version has none in its purl', () => {
    const purl = purlOfPackage(deb({ version: '', source: { name: 'openssl', version: '' } }));
    expect(purl).toBe('pkg:deb/debian/libssl3?arch=amd64&distro=debian-12&upstream=openssl');
    expect(packageOfPurl(parsePurl(purl!)!)).toMatchObject({ version: '', source: { name: 'openssl', version: '' } });
  });

  test('a package without a name has no purl', () => expect(purlOfPackage(deb({ name: '' }))).toBe(undefined));

  test('nor has one whose name is no text', () => expect(purlOfPackage(deb({ name: '\ud800' }))).toBe(undefined));
});

describe("others' purls", () => {
  for (const [purl, expected] of [
    [
      'pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4&epoch=1&upstream=openssl-3.0.7-27.el9.src.rpm',
      { namespace: 'rhel:9', version: '1:3.0.7-27.el9', source: { name: 'openssl', version: '3.0.7-27.el9' } },
    ],
    ['pkg:rpm/ol/bash@4.4-1?distro=ol-8.9', { namespace: 'oracle:8' }],
    ['pkg:rpm/amzn/bash@4.4-1?distro=amzn-2018.03', { namespace: 'amzn:2018.03' }],
    ['pkg:apk/alpine/musl@1.2.5-r0?distro=3.20.3', { namespace: 'alpine:v3.20' }],
    ['pkg:apk/alpine/musl@1.2.5-r0?distro=alpine-3.20.3', { namespace: 'alpine:v3.20' }],
    [
      'pkg:deb/debian/gcc-12@12.2.0-14+deb12u1?distro=debian-12.5&upstream=gcc-12@12.2.0-14+deb12u1',
      { namespace: 'debian:12', source: { name: 'gcc-12', version: '12.2.0-14+deb12u1' } },
    ],
    ['pkg:rpm/opensuse/bash@4.4-1?distro=opensuse-leap-15.6', { namespace: 'opensuse:15.6' }],
    ['pkg:rpm/suse/bash@4.4-1?distro=suse-15.5', { namespace: 'sles:15.5' }],
    ['pkg:rpm/alma/bash@4.4-1?epoch=0&distro=alma-9.4', { namespace: 'almalinux:9', version: '4.4-1' }],
    ['pkg:rpm/azurelinux/bash@4.4-1?distro=azurelinux-3.0', { namespace: 'azurelinux:3' }],
    ['pkg:deb/debian/bash@5.2-1', { namespace: undefined, source: { name: 'bash', version: '5.2-1' } }],
    ['pkg:deb/debian/bash@5.2-1?distro=bookworm', { namespace: 'debian:12' }],
  ] as const) {
    test(purl, () => {
      const read = packageOfPurl(parsePurl(purl)!);
      expect({ namespace: read.namespace, version: read.version, source: read.source }).toMatchObject(expected);
    });
  }
});

describe('no purl', () => {
  for (const text of [
    '',
    'pkg:',
    'pkg:npm',
    'pkg:npm/',
    'npm/a@1',
    'http://a/b',
    'pkg:npm/%zz',
    'pkg:1npm/a',
    'pkg:npm/a?1=2',
  ]) {
    test(JSON.stringify(text), () => expect(parsePurl(text)).toBe(undefined));
  }
});

test('any text is a purl or none, and never an error', () =>
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parsePurl(`pkg:${text}`))));

const word = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{0,20}$/);
const version = fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z.+~^_-]{0,20}$/);

test('an OS package survives its purl', () => {
  const source = fc.record({ name: word, version });
  const osPackage = fc.oneof(
    fc.record({
      type: fc.constant('deb'),
      versionScheme: fc.constant('dpkg'),
      namespace: fc.constantFrom('debian:12', 'debian:sid', 'ubuntu:22.04'),
      name: word,
      version,
      arch: word,
      source,
    }),
    fc.record({
      type: fc.constant('apk'),
      versionScheme: fc.constant('apk'),
      namespace: fc.constantFrom('alpine:v3.20', 'alpine:edge', 'wolfi', 'chainguard'),
      name: word,
      version,
      arch: word,
      source,
    }),
    fc.record({
      type: fc.constant('rpm'),
      versionScheme: fc.constant('rpm'),
      namespace: fc.constantFrom('rhel:9', 'oracle:8', 'amzn:2018.03', 'sles:15.3', 'opensuse:tumbleweed', 'photon:5'),
      name: word,
      version: fc.tuple(fc.nat(9), version).map(([epoch, rest]) => (epoch === 0 ? rest : `${epoch}:${rest}`)),
      arch: word,
      module: word,
      source,
    }),
  );
  fc.assert(
    fc.property(osPackage, (listed) => {
      expect(packageOfPurl(parsePurl(purlOfPackage(listed)!)!)).toEqual(listed);
    }),
  );
});

test('a purl survives being written', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const purl = fc.record({
    type: fc.constantFrom('generic', 'deb', 'cargo', 'gem'),
    name: text,
    version: text,
    qualifiers: fc.dictionary(
      word.map((it) => `k${it.replace(/\+/g, '')}`),
      text,
      { maxKeys: 3 },
    ),
  });
  fc.assert(
    fc.property(purl, (parts) => {
      const written = formatPurl(parts);
      if (written === undefined) return;
      const read = parsePurl(written);
      expect(read && formatPurl(read)).toBe(written);
    }),
  );
});

test('a type that cannot do without a version or a namespace has no purl without', () => {
  const swift = { versionScheme: 'semver', type: 'swift', namespace: 'swift' };
  expect(purlOfPackage({ ...swift, name: 'github.com/apple/swift-nio', version: '' })).toBe(undefined);
  expect(purlOfPackage({ ...swift, name: 'mona.LinkedList', version: '1.2.0' })).toBe(undefined);
});

test('writes what the library that reads would write', () => {
  const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const type = fc.constantFrom(
    'deb',
    'rpm',
    'apk',
    'npm',
    'pypi',
    'golang',
    'gem',
    'cargo',
    'composer',
    'nuget',
    'hex',
    'generic',
  );
  const qualifiers = fc.dictionary(fc.constantFrom('arch', 'distro', 'upstream', 'epoch'), part);
  fc.assert(
    fc.property(type, part, part, part, qualifiers, (type, namespace, name, version, qualifiers) => {
      let expected: string | undefined;
      try {
        expected = new PackageURL(type, namespace, name, version, qualifiers, undefined).toString();
      } catch {
        expected = undefined;
      }
      fc.pre(expected !== undefined && !/^\/*$/.test(namespace));
      expect(formatPurl({ type, namespace, name, version, qualifiers })).toBe(expected);
    }),
  );
});

test('reads what the library reads', () => {
  const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const type = fc.constantFrom(
    'deb',
    'rpm',
    'apk',
    'npm',
    'pypi',
    'gem',
    'oci',
    'composer',
    'nuget',
    'generic',
    'maven',
  );
  const qualifiers = fc.dictionary(fc.constantFrom('arch', 'distro', 'upstream'), part);
  fc.assert(
    fc.property(type, part, part, part, qualifiers, (type, namespace, name, version, qualifiers) => {
      const text = formatPurl({ type, ...(type === 'oci' ? {} : { namespace }), name, version, qualifiers });
      // Blank and dot segments mean nothing to us; the library keeps them in namespaces.
      fc.pre(text !== undefined && !namespace.split('/').some((segment) => ['', '.', '..'].includes(segment.trim())));
      const {
        type: readType,
        namespace: readNamespace,
        name: readName,
        version: readVersion,
      } = PackageURL.fromString(text.split('?')[0]!); // It decodes qualifiers twice.
      expect(parsePurl(text)).toMatchObject({
        type: readType,
        ...(readNamespace && { namespace: readNamespace }),
        name: readName,
        ...(readVersion && { version: readVersion }),
      });
    }),
  );
});

test('never throws, whatever it is given', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parsePurl(`pkg:${text}`)));
});
