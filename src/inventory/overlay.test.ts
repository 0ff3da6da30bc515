import { describe, expect, test } from 'vitest';
import type { LayerListing } from './layer-listing.ts';
import { type LayerChoice, overlay } from './overlay.ts';
import { listSample, type SampleLayer } from './sample-layer.ts';

const STATUS = 'var/lib/dpkg/status';
const status = (...packages: readonly string[]) =>
  packages
    .map((it) => it.split(' '))
    .map(([name, version]) => `Package: ${name}\nVersion: ${version}\n`)
    .join('\n');

/** Lists and overlays layers, and lists again what the overlay asks for, as `takeInventory` does. */
async function overlaySamples(layers: readonly SampleLayer[], choice: LayerChoice = 'squashed') {
  let listings: LayerListing[] = await Promise.all(layers.map((layer) => listSample(layer)));
  let merged = overlay(listings, choice);
  let readAgain = 0;
  while (merged.unread.size > 0) {
    readAgain += merged.unread.size;
    listings = await Promise.all(
      layers.map((layer, i) => listSample(layer, merged.unread.get(i) ?? listings[i]!.aliases)),
    );
    merged = overlay(listings, choice);
  }
  const packages = merged.packages.map(
    ({ package: { name, version }, layer, path, removedBy }) =>
      `${name} ${version} @${layer}:${path}${removedBy === undefined ? '' : ` removed by ${removedBy}`}`,
  );
  return { packages: packages.sort(), problems: merged.problems, namespace: merged.detected?.namespace, readAgain };
}

describe('a package belongs to the layer that brought it', () => {
  for (const [shows, layers, packages] of [
    ['the only one', [{ files: { [STATUS]: status('a 1') } }], [`a 1 @0:${STATUS}`]],
    [
      'not to the one that wrote the database again',
      [{ files: { [STATUS]: status('a 1') } }, { files: { [STATUS]: status('a 1', 'b 1') } }],
      [`a 1 @0:${STATUS}`, `b 1 @1:${STATUS}`],
    ],
    [
      'an upgrade is another package',
      [{ files: { [STATUS]: status('a 1') } }, { files: { [STATUS]: status('a 2') } }],
      [`a 2 @1:${STATUS}`],
    ],
    [
      'to the last one that brought it, when it was gone in between',
      [
        { files: { [STATUS]: status('a 1') } },
        { files: { [STATUS]: status('b 1') } },
        { files: { [STATUS]: status('a 1') } },
      ],
      [`a 1 @2:${STATUS}`],
    ],
    [
      'to the lower one of two that are the same',
      [{ files: { [STATUS]: status('a 1') } }, {}, { files: { [STATUS]: status('a 1') } }],
      [`a 1 @0:${STATUS}`],
    ],
    [
      'also when the database moves',
      [
        { files: { [STATUS]: status('a 1') } },
        {
          files: { 'opt/real/status': status('a 1', 'b 1') },
          symlinks: { 'var/lib/dpkg': '/opt/real' },
          whiteouts: ['var/lib/dpkg'],
        },
      ],
      [`a 1 @0:${STATUS}`, 'b 1 @1:opt/real/status'],
    ],
    [
      'one package in two files is one',
      [{ files: { 'var/lib/dpkg/status.d/a': status('a 1'), 'var/lib/dpkg/status.d/b': status('a 1', 'b 1') } }],
      ['a 1 @0:var/lib/dpkg/status.d/a', 'b 1 @0:var/lib/dpkg/status.d/b'],
    ],
    [
      'a file deleted from status.d takes its package with it',
      [
        { files: { 'var/lib/dpkg/status.d/a': status('a 1'), 'var/lib/dpkg/status.d/b': status('b 1') } },
        { whiteouts: ['var/lib/dpkg/status.d/a'] },
      ],
      ['b 1 @0:var/lib/dpkg/status.d/b'],
    ],
    ['a deleted database has none', [{ files: { [STATUS]: status('a 1') } }, { whiteouts: ['var/lib'] }], []],
    [
      'a hidden database has none',
      [{ files: { [STATUS]: status('a 1') } }, { opaqueDirectories: ['var/lib/dpkg'] }],
      [],
    ],
  ] as const) {
    test(shows, async () => expect((await overlaySamples(layers)).packages).toEqual(packages));
  }
});

describe('with all layers, removed packages are listed', () => {
  for (const [shows, layers, packages] of [
    [
      'with the layer that removed them',
      [{ files: { [STATUS]: status('a 1', 'b 1') } }, {}, { files: { [STATUS]: status('b 1') } }],
      [`a 1 @0:${STATUS} removed by 2`, `b 1 @0:${STATUS}`],
    ],
    [
      'also the old version of an upgrade',
      [{ files: { [STATUS]: status('a 1') } }, { files: { [STATUS]: status('a 2') } }],
      [`a 1 @0:${STATUS} removed by 1`, `a 2 @1:${STATUS}`],
    ],
    [
      'but not those that came again',
      [{ files: { [STATUS]: status('a 1') } }, { whiteouts: [STATUS] }, { files: { [STATUS]: status('a 1') } }],
      [`a 1 @2:${STATUS}`],
    ],
    [
      'once, by the last removal',
      [
        { files: { [STATUS]: status('a 1') } },
        { whiteouts: [STATUS] },
        { files: { [STATUS]: status('a 1') } },
        { whiteouts: [STATUS] },
      ],
      [`a 1 @2:${STATUS} removed by 3`],
    ],
  ] as const) {
    test(shows, async () => expect((await overlaySamples(layers, 'all')).packages).toEqual(packages));
  }
});

describe('databases behind symlinks', () => {
  for (const [shows, layers, packages, readAgain] of [
    [
      'a directory elsewhere',
      [{ files: { 'opt/dpkg/status': status('a 1') }, symlinks: { 'var/lib/dpkg': '/opt/dpkg' } }],
      ['a 1 @0:opt/dpkg/status'],
      1,
    ],
    [
      'a directory above it',
      [{ files: { 'opt/lib/dpkg/status': status('a 1') }, symlinks: { var: 'opt' } }],
      ['a 1 @0:opt/lib/dpkg/status'],
      1,
    ],
    [
      'a file elsewhere',
      [{ files: { 'opt/status': status('a 1') }, symlinks: { [STATUS]: '../../../opt/status' } }],
      ['a 1 @0:opt/status'],
      1,
    ],
    [
      'over layers: the file lies below the symlink',
      [{ files: { 'opt/dpkg/status': status('a 1') } }, { symlinks: { 'var/lib/dpkg': '/opt/dpkg' } }],
      ['a 1 @0:opt/dpkg/status'],
      2,
    ],
    [
      'over layers: the file comes later',
      [{ symlinks: { 'var/lib/dpkg': '/opt/dpkg' } }, { files: { 'opt/dpkg/status': status('a 1') } }],
      ['a 1 @1:opt/dpkg/status'],
      2,
    ],
    [
      'over layers: written through the symlink',
      [{ symlinks: { 'var/lib/dpkg': '/opt/dpkg' } }, { files: { [STATUS]: status('a 1') } }],
      [`a 1 @1:${STATUS}`],
      2,
    ],
    [
      'a symlink that an upper layer deletes shows nothing',
      [
        { files: { 'opt/dpkg/status': status('a 1') }, symlinks: { 'var/lib/dpkg': '/opt/dpkg' } },
        { whiteouts: ['var/lib/dpkg'] },
      ],
      [],
      1,
    ],
    [
      'a symlink among wanted places costs nothing',
      [{ files: { 'usr/lib/apk/db/installed': 'P:a\nV:1\n' }, symlinks: { lib: 'usr/lib' } }],
      ['a 1 @0:usr/lib/apk/db/installed'],
      0,
    ],
    [
      'one that leads nowhere neither lists nor breaks',
      [{ files: { x: '' }, symlinks: { 'var/lib/dpkg': '/proc/self/root' } }],
      [],
      1,
    ],
  ] as const) {
    test(shows, async () => {
      const result = await overlaySamples(layers);
      expect(result).toMatchObject({ packages, readAgain, problems: [] });
    });
  }

  test('one that leads in circles is a problem', async () => {
    const { packages, problems } = await overlaySamples([{ symlinks: { 'var/lib/dpkg': 'dpkg' } }]);
    expect(packages).toEqual([]);
    expect(problems).toMatchObject([{ problem: { code: 'overlay.circular-symlinks', path: 'var/lib/dpkg' } }]);
  });

  test('more than MAX_ALIASES are a problem', async () => {
    const symlinks = Object.fromEntries(
      Array.from({ length: 65 }, (_, i) => [`var/lib/dpkg/status.d/p${i}`, `/opt/p${i}`]),
    );
    const { problems } = await overlaySamples([{ files: { 'opt/p0': status('a 1') }, symlinks }]);
    expect(problems).toMatchObject([{ problem: { code: 'overlay.too-many-symlinks' } }]);
    delete symlinks['var/lib/dpkg/status.d/p64'];
    expect((await overlaySamples([{ files: { 'opt/p0': status('a 1') }, symlinks }])).problems).toEqual([]);
  });
});

describe('the namespace', () => {
  const debian = {
    files: { 'usr/lib/os-release': 'ID=debian\nVERSION_ID=12\n' },
    symlinks: { 'etc/os-release': '../usr/lib/os-release' },
  };
  for (const [shows, layers, namespace, codes] of [
    ['is found through a symlink', [debian], 'debian:12', []],
    [
      'is that of the merged file system',
      [debian, { files: { 'usr/lib/os-release': 'ID=debian\nVERSION_ID=13\n' } }],
      'debian:13',
      [],
    ],
    [
      'is found far away',
      [{ files: { 'opt/release': 'ID=alpine\nVERSION_ID=3.20.1\n' }, symlinks: { 'etc/os-release': '/opt/release' } }],
      'alpine:v3.20',
      [],
    ],
    [
      'is what lower layers say when the file was deleted',
      [debian, { whiteouts: ['usr/lib/os-release', 'etc/os-release'] }],
      'debian:12',
      ['overlay.release-file-removed'],
    ],
    ['is none where nothing says so', [{ files: { 'bin/busybox': '' } }], undefined, []],
  ] as const) {
    test(shows, async () => {
      const result = await overlaySamples(layers);
      expect(result.namespace).toBe(namespace);
      expect(result.problems.map(({ problem }) => problem.code)).toEqual(codes);
    });
  }
});

describe('problems', () => {
  const layers = [{ files: { [STATUS]: 'Version: 1\n' } }, { files: { [STATUS]: status('a 1') } }];
  test('of hidden files are not listed', async () => expect((await overlaySamples(layers)).problems).toEqual([]));
  test('of hidden files are listed with all layers', async () =>
    expect((await overlaySamples(layers, 'all')).problems).toMatchObject([
      { layer: 0, problem: { code: 'lister.incomplete-entry' } },
    ]));
});
