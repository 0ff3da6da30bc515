import { describe, expect, test } from 'vitest';
import { ScannerError } from '../model/errors.ts';
import { LISTING_LIMITS } from './list-file.ts';
import { listersVersion, listWalked } from './list-layer.ts';
import { layerFileOf } from './lister.contract.ts';
import type { PackageLister } from './lister.ts';
import { sampleWalk, sampleWalker } from './sample-layer.ts';

const STATUS = 'var/lib/dpkg/status';
const options = { verify: 'blobs' } as const;

test('a listing is plain data', async () => {
  const walk = sampleWalker({
    files: { [STATUS]: 'Package: a\nVersion: 1\n', 'etc/os-release': 'ID=debian\n', 'usr/bin/a': '' },
  });
  const listing = await listWalked(walk, options);
  expect(listing.files.map(({ path, lister }) => `${lister} ${path}`)).toEqual([`dpkg ${STATUS}`]);
  expect(listing.texts).toEqual([['etc/os-release', 'ID=debian\n']]);
  expect(structuredClone(listing)).toEqual(listing);
});

test('files of languages get the OS package that owns them, wherever its list lies in the layer', async () => {
  const manifest = 'usr/share/nodejs/node_modules/a/package.json';
  const own = 'srv/node_modules/a/package.json';
  const package_ = '{"name":"a","version":"1.0.0"}';
  const list = { 'var/lib/dpkg/info/node-a:all.list': `/.\n/usr\n/${manifest}\n` };
  for (const files of [
    { [manifest]: package_, [own]: package_, ...list },
    { ...list, [own]: package_, [manifest]: package_ },
  ]) {
    const listing = await listWalked(sampleWalker({ files }), options);
    expect(listing.files.map(({ path, owner }) => [path, owner])).toEqual([
      [own, undefined],
      [manifest, { lister: 'dpkg', name: 'node-a' }],
    ]);
  }
});

test('of a path that comes twice the last counts, and what was replaced does not', async () => {
  const { files } = await listWalked(async ({ onFile }) => {
    await onFile(layerFileOf(STATUS, 'Package: a\nVersion: 1\n'));
    await onFile(layerFileOf(STATUS, 'Package: a\nVersion: 2\n'));
    await onFile(layerFileOf('lib/apk/db/installed', 'P:b\nV:1\n'));
    return { ...sampleWalk({}), replacedFiles: ['lib/apk/db/installed'] };
  }, options);
  expect(files).toMatchObject([{ path: STATUS, packages: [{ version: '2' }] }]);
});

describe('a lister that breaks', () => {
  const broken = (error: Error): PackageLister => ({
    name: 'broken',
    version: 1,
    wants: () => true,
    // biome-ignore lint/correctness/useYield: it breaks before it yields
    async *list() {
      throw error;
    },
  });

  test('is a problem of the file', async () => {
    const { files } = await listWalked(sampleWalker({ files: { x: '' } }), options, [broken(new TypeError('oops'))]);
    expect(files).toMatchObject([{ packages: [], problems: [{ code: 'lister.failed', path: 'x' }] }]);
  });

  test('because the layer cannot be read is an error of the layer', async () => {
    const damaged = broken(new ScannerError('archive.damaged', 'cut'));
    await expect(listWalked(sampleWalker({ files: { x: '' } }), options, [damaged])).rejects.toThrow('cut');
  });
});

describe('limits', () => {
  const limits = { ...LISTING_LIMITS, maxPackagesPerFile: 2, maxProblemsPerFile: 2, maxNamespaceFileBytes: 10 };
  const list = (files: Readonly<Record<string, string>>) =>
    listWalked(sampleWalker({ files }), { ...options, listingLimits: limits });
  const stanzas = (count: number) => 'Package: a\nVersion: 1\n\n'.repeat(count);

  test('maxPackagesPerFile', async () => {
    expect((await list({ [STATUS]: stanzas(2) })).files[0]?.packages).toHaveLength(2);
    await expect(list({ [STATUS]: stanzas(3) })).rejects.toMatchObject({
      code: 'image.limit-exceeded',
      message: expect.stringContaining('maxPackagesPerFile'),
    });
  });

  test('maxProblemsPerFile', async () => {
    const codes = async (count: number) =>
      (await list({ [STATUS]: 'Version: 1\n\n'.repeat(count) })).files[0]?.problems.map(({ code, message }) =>
        code === 'lister.more-problems' ? message : code,
      );
    expect(await codes(2)).toEqual(['lister.incomplete-entry', 'lister.incomplete-entry']);
    expect(await codes(4)).toEqual([
      'lister.incomplete-entry',
      'lister.incomplete-entry',
      '2 further problems in this file',
    ]);
  });

  test('maxNamespaceFileBytes', async () => {
    expect((await list({ 'etc/os-release': 'ID=debian\n' })).walk.problems).toEqual([]);
    const { texts, walk } = await list({ 'etc/os-release': 'ID=debian\n\n' });
    expect([texts, walk.problems]).toMatchObject([[], [{ code: 'detector.file-too-large', path: 'etc/os-release' }]]);
  });
});

test('the version of the listers is a short hash', () => expect(listersVersion()).toMatch(/^[0-9a-f]{16}$/));
