import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LayerWalk, WalkOptions } from '../../src/images/layer-walk.ts';
import { type OpenImageOptions, openImage } from '../../src/images/open-image.ts';
import { walkLayer } from '../../src/images/walk-layer.ts';
import type { LayerSource } from '../../src/model/layer.ts';
import { sharedData } from './shared-data.ts';

const shared = sharedData();
const images = shared ? join(shared.un, 'images') : '';

interface ManifestEntry {
  readonly name: string;
  readonly file: string;
  readonly format: string;
  readonly arch: string;
  readonly layers: number;
}

const manifest: readonly ManifestEntry[] = shared
  ? JSON.parse(readFileSync(join(images, 'manifest.json'), 'utf8'))
  : [];

/** Images that end the scan: what is wrong with them. */
const REFUSED: Readonly<Record<string, { readonly code: string; readonly message: RegExp }>> = {
  'damaged-truncated': { code: 'image.damaged', message: /cut short/ },
  'damaged-digest': {
    code: 'image.digest-mismatch',
    message: /^layer 0 \(sha256:c086bc30924e.*its bytes have the digest/,
  },
  'hostile-bomb': { code: 'image.limit-exceeded', message: /^layer 0 \(sha256:305c387ad625.*max[A-Z]\w+ = \d+/ },
};

/** The databases of package managers, wherever they lie. */
const DATABASE = /(^|\/)(dpkg\/status(\.d\/[^.]+)?|installed|Packages(\.db)?|rpmdb\.sqlite)$|^opt\/real\/status$/;

describe.skipIf(!shared)('the images of the shared set', () => {
  for (const { name, file, layers, arch } of manifest.filter((entry) => !(entry.name in REFUSED))) {
    test(`${file} opens, and its layers walk to the end`, async () => {
      const path = join(images, file);
      using image = await openImage(path, arch.includes('+') ? { platform: 'linux/amd64' } : {});
      expect(image.layers).toHaveLength(layers);
      expect(image.target.platform).toMatch(arch.includes('+') ? /^linux\/amd64/ : new RegExp(`^linux/${arch}`));
      const walks = await walkAll(image.layers);
      for (const { walk } of walks) {
        // Compressed layers are always verified; nothing else costs a whole read.
        expect(walk.problems.every(() => name.startsWith('hostile-'))).toBe(true);
      }
      const files = walks.flatMap((walk) => walk.files);
      if (name !== 'busybox-musl') expect(files.filter((it) => DATABASE.test(it))).not.toEqual([]);
    });

    test(`${file} holds what its digests say, all of them`, async () => {
      const path = join(images, file);
      using image = await openImage(path, arch.includes('+') ? { platform: 'linux/amd64' } : {});
      const walks = await walkAll(image.layers, { verify: 'full' });
      expect(walks.map(({ walk }) => walk.verification)).toEqual(image.layers.map(() => 'verified'));
    });
  }

  for (const [name, expected] of Object.entries(REFUSED)) {
    const file = manifest.find((entry) => entry.name === name)?.file ?? '';
    test(`${name} is refused: ${expected.code}`, async () => {
      const error: unknown = await readAll(join(images, file)).catch((it: unknown) => it);
      expect(error).toMatchObject({ code: expected.code, message: expect.stringMatching(expected.message) });
    });
    test(`${name} is refused whatever plugins want`, async () => {
      const error: unknown = await readAll(join(images, file), { wants: () => false }).catch((it: unknown) => it);
      expect(error).toMatchObject({ code: expected.code });
    });
  }

  test('formats of one image have the same files', async () => {
    const formats = manifest.filter(({ name }) => name === 'debian-bookworm-multilayer-dbonly');
    const texts = await Promise.all(formats.map(async ({ file }) => JSON.stringify(await readAll(join(images, file)))));
    expect(formats.length).toBeGreaterThan(4);
    expect(new Set(texts).size).toBe(1);
  });

  test('an archive on standard input', async () => {
    const stdin = createReadStream(join(images, 'images/debian-bookworm-dbonly.oci-gzip.tar'));
    expect(await readAll('-', {}, { stdin })).toEqual([expect.objectContaining({ symlinkCount: expect.any(Number) })]);
  });

  for (const [platform, actual] of [
    ['linux/amd64', 'linux/amd64'],
    ['linux/arm64', 'linux/arm64/v8'],
  ] as const) {
    test(`the nested index has ${platform}`, async () => {
      using image = await openImage(join(images, 'images/alpine-multiarch.oci-index'), { platform });
      expect(image.target.platform).toBe(actual);
    });
  }

  test('layers that come twice, one of them as a symlink, are both there', async () => {
    using image = await openImage(join(images, 'images/debian-duplicate-layers.docker-old.tar'));
    const [first, , , last] = image.layers;
    expect(last?.content).toEqual(first?.content);
  });

  test('names that climb out are contained and told', async () => {
    using image = await openImage(join(images, 'images/hostile-path-traversal.oci-gzip.tar'));
    const [, { walk, files }] = (await walkAll(image.layers, { wants: () => true })) as [Walked, Walked];
    expect(files).toEqual(['tmp/escape', 'abs/path', 'b']);
    expect(walk.whiteouts).toEqual([]);
    expect(walk.problems.map(({ code }) => code)).toEqual([
      ...['layer.escaping-path', 'layer.escaping-path'],
      ...['layer.bad-whiteout', 'layer.bad-whiteout', 'layer.bad-whiteout'],
    ]);
  });

  test('hostile symlinks lead nowhere outside', async () => {
    using image = await openImage(join(images, 'images/hostile-symlinks.oci-gzip.tar'));
    const [, { walk, files }] = (await walkAll(image.layers, { wants: () => true })) as [Walked, Walked];
    expect(files).toEqual(['escape']);
    expect(Object.fromEntries(walk.symlinks)).toMatchObject({ hl: '/etc/shadow', lib2: '/', 'var/lib/loop': 'loop' });
  });

  test('an opaque directory comes after what it must not hide', async () => {
    using image = await openImage(join(images, 'images/debian-db-opaque.oci-gzip.tar'));
    const [, { walk, files }] = (await walkAll(image.layers, { wants: () => true })) as [Walked, Walked];
    expect(files).toEqual(['var/lib/dpkg/status']);
    expect(walk.opaqueDirectories).toEqual(['var/lib/dpkg']);
  });
});

describe.skipIf(!shared)('the file system cases of the shared set', () => {
  const saved = [
    // image, then the files and symlinks of each layer
    ['basic', ['sample.txt'], ['larger-sample.txt']],
    ['multiple-files', ['foo.txt'], ['dir1/bar.txt', 'dir1/baz.txt']],
    ['overwrite-file', ['sample.txt'], ['sample.txt']],
    ['single-file', ['foo.txt']],
    [
      'symlink-attack',
      ['dir1/attack-symlink-absolute.txt -> /../secret.txt', 'dir1/attack-symlink.txt -> ../../secret.txt'],
    ],
    [
      'symlink-cycle',
      [
        'dir1/absolute-symlink.txt -> /dir1/sample.txt',
        'dir1/chain-symlink.txt -> absolute-symlink.txt',
        'dir1/sample.txt -> /dir1/chain-symlink.txt',
      ],
    ],
    ['unpack-permissions', ['sample.txt']],
  ] as const;
  for (const [name, ...layers] of saved) {
    test(`${name}`, async () => {
      using image = await openImage(join(images, 'filesystem-cases', `${name}.tar`));
      const walks = await walkAll(image.layers, { wants: () => true, verify: 'full' });
      const contents = walks.map(({ walk, files }) => [...files, ...walk.symlinks.map((link) => link.join(' -> '))]);
      expect(contents.map((it) => it.sort())).toEqual(expect.arrayContaining(layers.map((it) => [...it].sort())));
    });
  }

  const layers = [
    ['layer', { files: ['layer1.txt', 'layer2.txt', 'layer3.txt'] }],
    ['layer-wh', { files: ['layer1.txt', 'layer3.txt'], whiteouts: ['layer2.txt'], opaque: ['exdir'] }],
    ['empty', { files: [] }],
    ['concat', { files: ['run/logs/log.txt', 'var/run/console/algo.txt'], symlinks: {} }],
    ['bad_name', { files: [`${'_'.repeat(100)}bad\ufffdname`] }],
  ] as const;
  for (const [name, expected] of layers) {
    test(`${name}, as a layer`, async () => {
      const { walk, files } = await walkFile(join(images, 'filesystem-cases', `${name}.tar`));
      expect({ files, whiteouts: walk.whiteouts, opaque: walk.opaqueDirectories }).toMatchObject({
        whiteouts: [],
        opaque: [],
        ...without(expected, 'symlinks'),
      });
      if ('symlinks' in expected) expect(Object.fromEntries(walk.symlinks)).toEqual(expected.symlinks);
    });
  }

  test('unpack-escape, as a layer: a file beneath a symlink that climbs out stays inside', async () => {
    const { walk, files } = await walkFile(join(images, 'filesystem-cases', 'unpack-escape.tar'));
    expect(files).toEqual(['escape/poc.txt']);
    expect(walk.replacedFiles).toEqual(['escape/poc.txt']);
    expect(Object.fromEntries(walk.symlinks)).toMatchObject({
      trampoline: '.',
      'usr/share/doc/c/copyright': '/escape/poc.txt',
    });
  });
});

interface Walked {
  readonly walk: LayerWalk;
  /** Paths of the wanted files. */
  readonly files: readonly string[];
}

async function walkAll(layers: readonly LayerSource[], options: Partial<WalkOptions> = {}): Promise<readonly Walked[]> {
  const walks: Walked[] = [];
  for (const layer of layers) {
    const files: string[] = [];
    const onFile = async ({ path }: { readonly path: string }) => void files.push(path);
    const walk = await walkLayer(layer, {
      wants: ({ path }) => DATABASE.test(path),
      onFile,
      verify: 'blobs',
      ...options,
    });
    walks.push({ walk, files });
  }
  return walks;
}

/** What does not depend on how the image is stored. */
async function readAll(target: string, walking: Partial<WalkOptions> = {}, options: OpenImageOptions = {}) {
  using image = await openImage(target, options);
  const walks = await walkAll(image.layers, walking);
  return walks.map(({ walk, files }) => ({ files, whiteouts: walk.whiteouts, symlinkCount: walk.symlinks.length }));
}

function walkFile(file: string): Promise<Walked> {
  const sizeBytes = readFileSync(file).length;
  const layer: LayerSource = { index: 0, digest: '', content: { kind: 'tar', file, offset: 0, sizeBytes } };
  return walkAll([layer], { wants: () => true }).then(([walked]) => walked!);
}

function without<Value extends object>(value: Value, key: string): Partial<Value> {
  return Object.fromEntries(Object.entries(value).filter(([it]) => it !== key)) as Partial<Value>;
}
