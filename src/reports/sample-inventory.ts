import type { InventoryReport } from '../model/inventory-report.ts';
import type { Package } from '../model/package.ts';

const BASE = `sha256:${'a'.repeat(64)}`;
const TOP = `sha256:${'b'.repeat(64)}`;

const openssl: Package = {
  id: 'deb/libssl3@3.0.14-1~deb12u2?amd64',
  name: 'libssl3',
  version: '3.0.14-1~deb12u2',
  versionScheme: 'dpkg',
  type: 'deb',
  arch: 'amd64',
  namespace: 'debian:12',
  source: { name: 'openssl', version: '3.0.14-1~deb12u2' },
  purl: 'pkg:deb/debian/libssl3@3.0.14-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl',
  locations: [{ layer: BASE, path: 'var/lib/dpkg/status' }],
};

const angular: Package = {
  id: 'npm/@angular/core@17.0.1',
  name: '@angular/core',
  version: '17.0.1',
  versionScheme: 'semver',
  type: 'npm',
  namespace: 'npm',
  purl: 'pkg:npm/%40angular/core@17.0.1',
  locations: [{ layer: TOP, path: 'srv/node_modules/@angular/core/package.json' }],
  cpes: ['cpe:2.3:a:google:angular:17.0.1:*:*:*:*:*:*:*'],
  properties: { license: 'MIT' },
};

const bash: Package = {
  id: 'deb/bash@5.2.15-2+b7?amd64',
  name: 'bash',
  version: '5.2.15-2+b7',
  versionScheme: 'dpkg',
  type: 'deb',
  arch: 'amd64',
  namespace: 'debian:12',
  source: { name: 'bash', version: '5.2.15-2' },
  purl: 'pkg:deb/debian/bash@5.2.15-2+b7?arch=amd64&distro=debian-12&upstream=bash%405.2.15-2',
  locations: [{ layer: BASE, path: 'var/lib/dpkg/status' }],
  removedBy: TOP,
};

/** What a stranger's image may hold: a terminal's commands, and no version. */
const hostile: Package = {
  id: 'deb/\u001b]0;evil\u0007@?amd64',
  name: '\u001b]0;evil\u0007',
  version: '',
  versionScheme: 'dpkg',
  type: 'deb',
  arch: 'amd64',
  namespace: 'debian:12',
  locations: [{ layer: TOP, path: 'var/lib/dpkg/status.d/\u202eevil' }],
  module: 'a:1',
  filtered: 'only a test',
};

/** An inventory with one of everything, for the tests of formats. */
export const sampleInventory: InventoryReport = {
  inventory: {
    target: { kind: 'image', name: 'sample.tar', digest: `sha256:${'c'.repeat(64)}`, platform: 'linux/amd64' },
    namespace: 'debian:12',
    repositoryCpes: ['cpe:/o:redhat:enterprise_linux:9::baseos'],
    packages: [hostile, bash, openssl, angular],
    layers: [
      { index: 0, digest: BASE, createdBy: 'ADD rootfs.tar /', verification: 'verified' },
      { index: 1, digest: TOP, verification: 'not_verified' },
    ],
    problems: [
      {
        code: 'lister.incomplete-entry',
        message: 'line 7: package \u001b[31mx has no version',
        path: 'var/lib/dpkg/status',
        layer: TOP,
      },
      { code: 'overlay.release-file-removed', message: 'no release file is left' },
    ],
  },
  ledger: { components: 4, noVersion: 1, unknownNamespace: 0, unreadableVersion: 0, filtered: 1 },
};
