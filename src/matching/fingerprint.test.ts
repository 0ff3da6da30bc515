import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fingerprintOf, issueKeyOf } from './fingerprint.ts';

const openssl = {
  vulnerabilityId: 'CVE-2022-0778',
  namespace: 'debian:11',
  name: 'libssl1.1',
  arch: 'amd64',
  version: '1.1.1k-1+deb11u1',
  versionScheme: 'dpkg',
  locations: [{ layer: `sha256:${'0'.repeat(64)}`, path: 'var/lib/dpkg/status' }],
};
const lodash = {
  vulnerabilityId: 'CVE-2019-10744',
  namespace: 'npm',
  name: 'lodash',
  version: '4.17.11',
  versionScheme: 'semver',
  locations: [{ path: 'app/package-lock.json' }],
};

test('the text that is hashed is the documented one', () => {
  const text = '["CVE-2022-0778","debian:11","libssl1.1","amd64","1.1.1k-1+deb11u1","os"]';
  expect(fingerprintOf(openssl)).toBe(hash('sha256', text).slice(0, 32));
  const key = '["CVE-2019-10744","npm","lodash","","app/package-lock.json"]';
  expect(issueKeyOf(lodash)).toBe(hash('sha256', key).slice(0, 32));
});

describe('what changes the fingerprint', () => {
  for (const [change, sameFingerprint, sameKey, shows] of [
    [{ version: '1.1.1n-0+deb11u1' }, false, true, 'the version, and not the key'],
    [{ locations: [] }, true, true, 'not the layer or file of an operating system package'],
    [{ arch: 'i386' }, false, false, 'the architecture'],
    [{ vulnerabilityId: 'CVE-2021-3449' }, false, false, 'the vulnerability'],
  ] as const) {
    test(shows, () => {
      expect(fingerprintOf({ ...openssl, ...change }) === fingerprintOf(openssl)).toBe(sameFingerprint);
      expect(issueKeyOf({ ...openssl, ...change }) === issueKeyOf(openssl)).toBe(sameKey);
    });
  }

  test('the path of a language package', () =>
    expect(fingerprintOf({ ...lodash, locations: [{ path: 'srv/package-lock.json' }] })).not.toBe(
      fingerprintOf(lodash),
    ));

  test('a second package that is alike in all', () => expect(fingerprintOf(lodash, 2)).not.toBe(fingerprintOf(lodash)));
});
