import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openImage } from '../../src/images/open-image.ts';
import { overlay } from '../../src/inventory/overlay.ts';
import { ERRORS, ScannerError } from '../../src/model/errors.ts';
import type { ListedPackage } from '../../src/model/package.ts';
import { readLayers } from '../../src/scan/read-layers.ts';
import { takeInventory } from '../../src/scan/take-inventory.ts';
import { sharedData } from './shared-data.ts';

/** Every image of the shared set against its package list, which was derived in another way; entirely. */

interface ImageEntry {
  readonly name: string;
  readonly file: string;
  readonly expected: string;
}

interface ExpectedPackage {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly source: string;
  readonly sourceVersion: string;
}

const shared = sharedData();
const images = shared ? join(shared.un, 'images') : '';
const manifest: readonly ImageEntry[] = shared ? readJson('manifest.json') : [];
const options = { layers: 'squashed', verify: 'blobs' } as const;

/** What must fail, and how; everything else is listed. */
const FAILURES: Readonly<Record<string, string>> = {
  'damaged-digest': 'image.digest-mismatch',
  'damaged-truncated': 'image.damaged',
  'hostile-bomb': 'image.limit-exceeded',
};

const NAMESPACES: Readonly<Record<string, string | undefined>> = {
  'almalinux-8-s390x-micro': 'almalinux:8',
  'alpine-3.18.9-x86_64': 'alpine:v3.18',
  'alpine-3.20.3-x86_64': 'alpine:v3.20',
  'alpine-3.6.5-x86_64': 'alpine:v3.6',
  'alpine-upgrade-remove': 'alpine:v3.10',
  'alpine-multiarch': 'alpine:v3.20',
  'busybox-musl': undefined,
  'debian-bullseye-dbonly': 'debian:11',
  'debian-trixie-dbonly': 'debian:13',
  'ubuntu-xenial-dbonly': 'ubuntu:16.04',
  'ubuntu-focal-dbonly': 'ubuntu:20.04',
  'ubuntu-jammy-dbonly': 'ubuntu:22.04',
  'ubuntu-noble-dbonly': 'ubuntu:24.04',
  'lang-app': 'alpine:v3.20',
  'amazonlinux2023-rpmdb-sqlite': 'amzn:2023',
  'amazonlinux2023-rpmdb-bdb-le': 'amzn:2023',
  'sles15-rpmdb-ndb': 'sles:15.3',
  'eldk30-rpmdb-bdb8': undefined,
  'yocto-rpm5-btree': 'poky:1.8',
  'wolfi-python-dbonly': 'wolfi',
};

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(images, path), 'utf8'));
}

function linesOfExpected(packages: readonly ExpectedPackage[]): readonly string[] {
  return packages.map((it) => `${it.name} ${it.version} ${it.arch} <- ${it.source} ${it.sourceVersion}`).sort();
}

/** Packages of the system only: language packages have lists of their own. */
function linesOf(packages: readonly ListedPackage[]): readonly string[] {
  return packages
    .filter(({ type }) => ['deb', 'rpm', 'apk'].includes(type))
    .map((it) => `${it.name} ${it.version} ${it.arch ?? ''} <- ${it.source?.name ?? ''} ${it.source?.version ?? ''}`)
    .sort();
}

describe.skipIf(!shared)('every image', () => {
  for (const { name, file, expected } of manifest) {
    const failure = FAILURES[name];
    if (failure !== undefined) {
      test(`${file} is refused with exit code 3`, async () => {
        const error = await takeInventory(join(images, file), options).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(ScannerError);
        expect(error).toMatchObject({ code: failure });
        expect(ERRORS[(error as ScannerError).code].exit).toBe(3);
      });
      continue;
    }
    test(`${file} has its packages`, async () => {
      const inventory = await takeInventory(join(images, file), options);
      expect(linesOf(inventory.packages)).toEqual(linesOfExpected(readJson(expected)));
      expect(inventory.namespace).toBe(name in NAMESPACES ? NAMESPACES[name] : 'debian:12');
    });
  }
});

describe.skipIf(!shared)('after each layer', () => {
  const file = 'images/alpine-upgrade-remove.oci-mixed';
  for (const [layerCount, expected] of [
    [1, 'expected/alpine-upgrade-remove.after-layer1.expected-packages.json'],
    [2, 'expected/alpine-upgrade-remove.after-layer2.expected-packages.json'],
    [3, 'expected/alpine-upgrade-remove.expected-packages.json'],
  ] as const) {
    test(`${layerCount} of ${file}`, async () => {
      using image = await openImage(join(images, file));
      const requests = image.layers.slice(0, layerCount).map((source) => ({ source }));
      const listings = await readLayers(requests, { list: { verify: 'blobs' } });
      const { packages, unread } = overlay(listings, 'squashed');
      expect(unread.size).toBe(0);
      expect(linesOf(packages.map((it) => it.package))).toEqual(linesOfExpected(readJson(expected)));
    });
  }
});

test.skipIf(!shared)('a database that nobody can read is a problem, not a crash', async () => {
  const { packages, problems } = await takeInventory(join(images, 'images/yocto-rpm5-btree.oci-gzip.tar'), options);
  expect(packages).toEqual([]);
  expect(problems).toMatchObject([{ code: 'lister.damaged-database', path: 'var/lib/rpm/Packages' }]);
});

test.skipIf(!shared)('all layers: what was removed is listed with the layer that removed it', async () => {
  const file = join(images, 'images/debian-db-whiteout.oci-gzip.tar');
  const { packages, layers } = await takeInventory(file, { ...options, layers: 'all' });
  expect(linesOf(packages)).toEqual(
    linesOfExpected(readJson('expected/debian-bookworm-dbonly.expected-packages.json')),
  );
  expect(new Set(packages.map(({ removedBy }) => removedBy))).toEqual(new Set([layers[1]?.digest]));
});

describe.skipIf(!shared)('five layers of Debian', () => {
  const file = 'images/debian-bookworm-multilayer-dbonly.oci-mixed';

  test('a package belongs to the layer that first brought it', async () => {
    const { packages, layers } = await takeInventory(join(images, file), options);
    const counts = layers.map(
      ({ digest }) => packages.filter(({ locations }) => locations[0]?.layer === digest).length,
    );
    // debootstrap, apt-get install, apt-get upgrade, apt-get purge, an architecture more.
    expect(counts).toEqual([82, 33, 6, 0, 4]);
    const last = packages.filter(({ locations }) => locations[0]?.layer === layers[4]?.digest);
    expect(last.map(({ name, arch }) => `${name} ${arch}`)).toEqual(
      ['gcc-12-base', 'libc6', 'libgcc-s1', 'zlib1g'].map((name) => `${name} i386`),
    );
  });

  test('with all layers, what was upgraded and purged is there too', async () => {
    const { packages, layers } = await takeInventory(join(images, file), { ...options, layers: 'all' });
    const removed = layers.map(({ digest }) => packages.filter(({ removedBy }) => removedBy === digest).length);
    expect(removed).toEqual([0, 0, 6, 23, 0]);
    expect(packages.find(({ name, version }) => name === 'apt' && version === '2.6.1')?.removedBy).toBe(
      layers[2]?.digest,
    );
  });
});

test.skipIf(!shared)('the other platform of a nested index', async () => {
  const file = join(images, 'images/alpine-multiarch.oci-index');
  const { packages } = await takeInventory(file, { ...options, platform: 'linux/arm64' });
  expect(packages).toHaveLength(14);
  expect(new Set(packages.map(({ arch }) => arch))).toEqual(new Set(['aarch64']));
});
