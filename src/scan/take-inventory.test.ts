import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { takeInventory } from './take-inventory.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A root file system of these files and symlinks. */
function makeRoot(files: Readonly<Record<string, string>>, symlinks: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'cvescan-root-'));
  folders.push(root);
  const inRoot = (path: string): string => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(inRoot(path), text);
  for (const [path, target] of Object.entries(symlinks)) symlinkSync(target, inRoot(path));
  return root;
}

const status =
  'Package: libssl3\nVersion: 3.0.14-1\nArchitecture: amd64\nSource: openssl\nStatus: install ok installed\n';
const release = 'ID=debian\nVERSION_ID=12\n';

describe('a root file system', () => {
  test('has its packages, with the release that it names', async () => {
    const root = makeRoot({ 'var/lib/dpkg/status': status, 'etc/os-release': release });
    expect(await takeInventory(`dir:${root}`)).toEqual({
      target: { kind: 'directory', name: `dir:${root}` },
      namespace: 'debian:12',
      packages: [
        {
          id: 'deb/libssl3@3.0.14-1?amd64',
          ...{ name: 'libssl3', version: '3.0.14-1', versionScheme: 'dpkg', type: 'deb', arch: 'amd64' },
          source: { name: 'openssl', version: '3.0.14-1' },
          namespace: 'debian:12',
          purl: 'pkg:deb/debian/libssl3@3.0.14-1?arch=amd64&distro=debian-12&upstream=openssl',
          locations: [{ path: 'var/lib/dpkg/status' }],
        },
      ],
      layers: [{ index: 0, digest: '', verification: 'not_verified' }],
      problems: [],
    });
  });

  test('has the release that the user names, where it names none', async () => {
    const [named, unnamed] = [
      { 'var/lib/dpkg/status': status, 'etc/os-release': release },
      { 'var/lib/dpkg/status': status },
    ];
    const namespaceOf = async (files: Readonly<Record<string, string>>) =>
      (await takeInventory(makeRoot(files), { distro: 'debian:11' })).packages[0]?.namespace;
    expect(await namespaceOf(unnamed)).toBe('debian:11');
    expect(await namespaceOf(named)).toBe('debian:12');
  });

  test('may keep its database behind a symlink: it is read once more', async () => {
    const root = makeRoot({ 'opt/dpkg/status': status }, { 'var/lib/dpkg': '/opt/dpkg' });
    const { packages, problems } = await takeInventory(root);
    expect(packages).toMatchObject([{ name: 'libssl3', locations: [{ path: 'opt/dpkg/status' }] }]);
    expect(problems).toEqual([]);
  });
});

test('a target that is not there is said so', async () => {
  await expect(takeInventory('no/such/target')).rejects.toMatchObject({ code: 'image.not-found' });
});
