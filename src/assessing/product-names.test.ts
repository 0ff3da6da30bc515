import { describe, expect, test } from 'vitest';
import { productKeys, readProductName } from './product-names.ts';
import { samplePackage } from './sample-finding.ts';

const cases = [
  ['pkg:deb/debian/libssl3', true, 'without version'],
  ['pkg:deb/debian/libssl3@3.0.11-1~deb12u2', true, 'of this version'],
  ['pkg:deb/debian/libssl3@3.0.11-1%7Edeb12u2', true, 'another spelling'],
  ['pkg:deb/debian/libssl3@3.0.14-1~deb12u1', false, 'of another version'],
  ['pkg:deb/debian/libssl3?distro=debian-12', true, 'a qualifier that agrees'],
  ['pkg:deb/debian/libssl3?distro=debian-11', false, 'a qualifier that differs'],
  ['pkg:deb/debian/libssl3?vcs_url=git', false, 'a qualifier that the package does not state'],
  ['pkg:deb/ubuntu/libssl3', false, 'another vendor'],
  ['pkg:rpm/debian/libssl3', false, 'another type'],
  ['cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*', true, 'a CPE of all versions'],
  ['cpe:2.3:a:openssl:openssl:3.0.11:*:*:*:*:*:*:*', true, 'a CPE of this version'],
  ['cpe:2.3:a:openssl:openssl:3.0.12:*:*:*:*:*:*:*', false, 'a CPE of another version'],
  ['cpe:/a:openssl:openssl:3.0.11', true, 'a CPE 2.2'],
] as const;

describe('productKeys', () => {
  for (const [name] of cases.filter(([, isNamed]) => isNamed)) {
    test(`finds ${name}`, () => expect(productKeys(samplePackage)).toContain(readProductName(name)?.key));
  }
  const wild = [
    ['cpe:2.3:a:openssl:open*:3.0.11:*:*:*:*:*:*:*', undefined, 'any product'],
    ['cpe:2.3:a:openssl:openssl:3.*:*:*:*:*:*:*:*', '["openssl"]', 'any version'],
    ['cpe:2.3:a:gtk:gtk\\+:3.0:*:*:*:*:*:*:*', String.raw`["gtk\\+","3.0"]`, 'a character that is quoted'],
  ] as const;
  test.each(wild)('%s: %s, %s', (name, key) => expect(readProductName(name)?.key).toBe(key));
});

describe('readProductName', () => {
  for (const [name, names, shows] of cases) {
    test(`${name}: ${shows}`, () => expect(readProductName(name)?.covers(samplePackage)).toBe(names));
  }
  for (const name of ['libssl3', 'pkg:', 'pkg:deb', 'cpe:2.3:x', 'https://openvex.dev/docs/x', '']) {
    test(`${JSON.stringify(name)} is none`, () => expect(readProductName(name)).toBeUndefined());
  }
  test('a package without purl and CPE is named by none', () => {
    const { purl, cpes, ...bare } = samplePackage;
    expect(readProductName(purl!)?.covers(bare)).toBe(false);
    expect(readProductName(cpes![0]!)?.covers(bare)).toBe(false);
  });
});
