import { describe, expect, test } from 'vitest';
import { buildInventory } from './build-inventory.ts';
import { LISTING_LIMITS } from './list-file.ts';
import { layerFileOf } from './lister.contract.ts';
import { apkLister } from './listers/apk.ts';
import { dpkgLister } from './listers/dpkg.ts';
import { overlay } from './overlay.ts';
import { OwnedFiles } from './owned-files.ts';
import { listSample, type SampleLayer } from './sample-layer.ts';

const STATUS = 'var/lib/dpkg/status';
const LIST = 'var/lib/dpkg/info/python3-six.list';
const SIX = 'usr/lib/python3/dist-packages/six-1.16.0.egg-info';
const METADATA = 'Name: six\nVersion: 1.16.0\n';
const debian: SampleLayer = {
  files: {
    'etc/os-release': 'ID=debian\nVERSION_ID=12\n',
    [SIX]: METADATA,
    [STATUS]: 'Package: python3-six\nVersion: 1.16.0-4\n',
    [LIST]: `/.\n/usr\n/${SIX}\n`,
  },
};

async function inventoryOf(layers: readonly SampleLayer[], showOwned = false) {
  const listings = await Promise.all(layers.map((layer) => listSample(layer)));
  const sources = listings.map((listing, index) => ({
    source: { index, digest: '', content: { kind: 'directory', path: '' } as const },
    listing,
  }));
  const target = { kind: 'directory', name: 'x' } as const;
  return buildInventory(target, sources, overlay(listings, 'squashed'), { showOwned });
}

async function namesOf(...layers: readonly SampleLayer[]): Promise<readonly string[]> {
  return (await inventoryOf(layers)).packages.map(({ type, name }) => `${type} ${name}`);
}

test('a package of a language that an OS package brought is not listed twice', async () =>
  expect(await namesOf(debian)).toEqual(['deb python3-six']));

test('when it is shown, it takes no part in matching and says whose it is', async () => {
  const { packages } = await inventoryOf([debian], true);
  expect(packages.find(({ type }) => type === 'pypi')).toMatchObject({
    name: 'six',
    filtered: 'owned by deb package python3-six',
    properties: { ownedBy: 'deb/python3-six' },
  });
});

describe('it is listed by itself', () => {
  const own = ['deb python3-six', 'pypi six'];
  for (const [where, layers, names] of [
    ['elsewhere', [{ files: { ...debian.files, [`srv/${SIX}`]: METADATA } }], own],
    ['where another version took its place', [debian, { files: { [SIX]: 'Name: six\nVersion: 1.17.0\n' } }], own],
    ['where the database of OS packages is gone', [debian, { whiteouts: ['var/lib/dpkg'] }], ['pypi six']],
    ['where the package is gone, and its file is not', [debian, { files: { [STATUS]: '' } }], ['pypi six']],
  ] as const) {
    test(where, async () => expect(await namesOf(...layers)).toEqual(names));
  }
});

test('it belongs to the OS package though a later layer copied the file, as chmod does', async () =>
  expect(await namesOf(debian, { files: { [SIX]: METADATA } })).toEqual(['deb python3-six']));

test('what cannot be read of its files is no problem of the image', async () => {
  const damaged = { ...debian, files: { ...debian.files, [SIX]: 'x' } };
  expect((await inventoryOf([damaged])).problems).toEqual([]);
  expect((await inventoryOf([{ files: { [SIX]: 'x' } }])).problems).toMatchObject([{ path: SIX }]);
});

describe('paths meet', () => {
  const ownersOf = async (owned: string, path: string) => {
    const files = new OwnedFiles(LISTING_LIMITS);
    await files.add(dpkgLister, layerFileOf('var/lib/dpkg/info/a:amd64.list', `/${owned}\n`));
    return files.ownersOf([path]);
  };
  for (const [owned, path, isOwned] of [
    ['usr/lib/a.jar', 'usr/lib/a.jar', true],
    ['lib/a.jar', 'usr/lib/a.jar', true],
    ['usr/bin/a', 'bin/a', true],
    ['sbin/a', 'usr/sbin/a', true],
    ['lib64/a', 'usr/lib64/a', true],
    ['share/a.jar', 'usr/share/a.jar', false],
    ['usr/lib/a.jar', 'usr/lib/a.jar/b', false],
    ['library/a', 'usr/library/a', false],
  ] as const) {
    test(`${owned} ${isOwned ? 'is' : 'is not'} ${path}`, async () =>
      expect([...(await ownersOf(owned, path))]).toEqual(isOwned ? [[path, { lister: 'dpkg', name: 'a' }]] : []));
  }
});

describe('files that say who owns what', () => {
  const text = 'P:a\nV:1\nF:usr\nR:x\nR:y\n';
  const kept = { ...layerFileOf('lib/apk/db/installed', text), keep: () => {} };

  test('are read at the end when they can be kept, else at once', async () => {
    for (const [file, readsBefore] of [
      [kept, 0],
      [layerFileOf('lib/apk/db/installed', text), 1],
    ] as const) {
      let reads = 0;
      const files = new OwnedFiles(LISTING_LIMITS);
      const countedText = () => {
        reads++;
        return file.text();
      };
      await files.add(apkLister, { ...file, text: countedText });
      expect(reads).toBe(readsBefore);
      expect([...(await files.ownersOf(['usr/y']))]).toEqual([['usr/y', { lister: 'apk', name: 'a' }]]);
    }
  });

  for (const [limit, value] of [
    ['maxOwnerFileBytesPerLayer', text.length],
    ['maxOwnedPathsPerLayer', 2],
  ] as const) {
    test(`keep to ${limit}; what is not attributed is listed by itself`, async () => {
      for (const [set, owners, problems] of [
        [value, 1, []],
        [value - 1, 0, [{ code: 'lister.limit-exceeded', message: expect.stringContaining(limit) }]],
      ] as const) {
        const files = new OwnedFiles({ ...LISTING_LIMITS, [limit]: set });
        await files.add(apkLister, kept);
        expect((await files.ownersOf(['usr/y'])).size).toBe(owners);
        expect(files.problems).toMatchObject(problems);
      }
    });
  }
});
