import type { Finding } from '../model/finding.ts';
import type { Proof } from '../model/match.ts';
import type { Package } from '../model/package.ts';

/** For tests: OpenSSL of Debian 12, as installed. */
export const samplePackage: Package = {
  ...{ id: 'deb/libssl3@3.0.11-1~deb12u2?amd64', name: 'libssl3', version: '3.0.11-1~deb12u2', arch: 'amd64' },
  ...{ versionScheme: 'dpkg', type: 'deb', namespace: 'debian:12' },
  purl: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl',
  cpes: ['cpe:2.3:a:openssl:openssl:3.0.11:*:*:*:*:*:*:*'],
  source: { name: 'openssl', version: '3.0.11-1~deb12u2' },
  locations: [{ path: 'var/lib/dpkg/status' }],
};

const proof: Proof = {
  package: {
    ...{ name: 'libssl3', version: '3.0.11-1~deb12u2', versionScheme: 'dpkg', namespace: 'debian:12', arch: 'amd64' },
    ...{ source: { name: 'openssl', version: '3.0.11-1~deb12u2' }, locations: [{ path: 'var/lib/dpkg/status' }] },
  },
  identity: { by: 'source package', name: 'openssl', version: '3.0.11-1~deb12u2' },
  advisory: {
    ...{ source: 'debian', advisoryId: 'CVE-2024-5535', vulnerabilityId: 'CVE-2024-5535', part: 'openssl' },
    ...{ revision: '1', status: 'affected', fixState: 'fixed' },
    affected: [{ introduced: '0', fixed: '3.0.14-1~deb12u1' }],
  },
  comparison: {
    ...{ scheme: 'dpkg', version: '3.0.11-1~deb12u2', outcome: 'affected' },
    range: { introduced: '0', fixed: '3.0.14-1~deb12u1' },
    reason: '3.0.11-1~deb12u2 < 3.0.14-1~deb12u1',
  },
};

/** For tests: CVE-2024-5535 in it. */
export const sampleFinding: Finding = {
  ...{ fingerprint: '0'.repeat(32), issueKey: '1'.repeat(32) },
  vulnerability: { id: 'CVE-2024-5535', aliases: ['GHSA-4fc7-mvrr-wv2c'] },
  packageId: samplePackage.id,
  severity: { word: 'low', source: 'debian' },
  status: 'affected',
  fixState: 'fixed',
  fixedVersions: ['3.0.14-1~deb12u1'],
  proof,
};

/** For tests: the same where the version has the fix. */
export const clearedFinding: Finding = {
  ...sampleFinding,
  status: 'fixed',
  proof: {
    ...proof,
    comparison: { ...proof.comparison, outcome: 'not_affected', reason: '3.0.14-1~deb12u1 >= 3.0.14-1~deb12u1' },
  },
};
