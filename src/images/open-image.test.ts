import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { asyncProperty, assert as hold, integer } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addBlob,
  archiveOf,
  dockerSave,
  type ImageFiles,
  type ImageSpec,
  json,
  ociLayout,
  ociManifest,
  sha256,
} from '../../test/images.ts';
import { tar } from '../../test/tar.ts';
import { ScannerError } from '../model/errors.ts';
import { type OpenImage, type OpenImageOptions, openImage } from './open-image.ts';
import { walkLayer } from './walk-layer.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'open-image-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const base = tar({ path: 'etc/os-release', body: 'ID=debian' });
const upper = tar({ path: 'a', body: '1' });
const two: ImageSpec = {
  layers: [{ tar: base, stored: gzipSync(base) }, { tar: upper }],
  names: ['docker.io/library/sample:1'],
  history: [{ created_by: 'ADD base' }, { created_by: 'ENV x=y', empty_layer: true }, { created_by: 'RUN it' }],
};
const other: ImageSpec = { layers: [{ tar: upper }], names: ['other:2'] };

describe('openImage', () => {
  test('docker save: layers by diff id, what made them, the name, the platform', async () => {
    using image = await open(archiveOf(dockerSave([{ ...two, names: ['sample:1'] }])));
    expect(image).toMatchObject({
      imageName: 'sample:1',
      target: { kind: 'image', platform: 'linux/amd64', digest: expect.stringMatching(/^sha256:/) },
      layers: [
        { index: 0, digest: sha256(base), digestIsDiffId: true, createdBy: 'ADD base' },
        { index: 1, digest: sha256(upper), digestIsDiffId: true, createdBy: 'RUN it' },
      ],
    });
    expect(await filesOf(image)).toEqual(['etc/os-release', 'a']);
  });

  test('OCI layout: layers by digest', async () => {
    using image = await open(archiveOf(ociLayout([two])));
    expect(image).toMatchObject({
      imageName: 'sample:1',
      layers: [
        { digest: sha256(gzipSync(base)), diffId: sha256(base), createdBy: 'ADD base' },
        { digest: sha256(upper), diffId: sha256(upper), createdBy: 'RUN it' },
      ],
    });
    expect(await filesOf(image)).toEqual(['etc/os-release', 'a']);
  });

  test('a history that does not fit names no makers', async () => {
    using image = await open(archiveOf(ociLayout([{ ...two, history: [{ created_by: 'ADD base' }] }])));
    expect(image.layers.map(({ createdBy }) => createdBy)).toEqual([undefined, undefined]);
  });

  test('the same as a directory, with and without its prefix', async () => {
    const path = asDirectory(ociLayout([two]));
    for (const target of [path, `oci-dir:${path}`]) {
      using image = await openImage(target);
      expect(await filesOf(image)).toEqual(['etc/os-release', 'a']);
    }
  });

  for (const [name, compress] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    test(`an archive that is compressed itself (${name}) leaves no file behind`, async () => {
      const path = asFile(compress(archiveOf(dockerSave([two]))));
      let spool: string;
      {
        using image = await openImage(`docker-archive:${path}`);
        const { content } = image.layers[0]!;
        spool = content.kind === 'tar' ? content.file : '';
        expect(content).toMatchObject({ isTemporary: true });
        expect(await filesOf(image)).toEqual(['etc/os-release', 'a']);
      }
      expect(readdirSync(tmpdir())).not.toContain(dirname(spool).split('/').at(-1));
    });
  }

  test('standard input', async () => {
    const stdin = chunksOf(gzipSync(archiveOf(dockerSave([two]))));
    using image = await openImage('-', { stdin });
    expect(await filesOf(image)).toEqual(['etc/os-release', 'a']);
  });

  test('docker save since 25 is read by its OCI index', async () => {
    using image = await open(archiveOf(savedTwice([two], [two])));
    expect(image.layers[0]).toMatchObject({ digest: sha256(gzipSync(base)) });
  });

  test('a layer that is a symlink to another, as old docker save has it', async () => {
    const files = dockerSave([{ ...two, layers: [{ tar: upper }, { tar: upper }] }]);
    const entries = Object.entries(files).map(([path, body]) =>
      path === '01/layer.tar' ? { path, type: '2', linkPath: '../00/layer.tar' } : { path, body },
    );
    using image = await open(tar(...entries));
    expect(await filesOf(image)).toEqual(['a', 'a']);
  });

  test('a root file system', async () => {
    const path = asDirectory({ 'etc/os-release': Buffer.from('ID=debian'), 'index.json': json({}) });
    for (const target of [path, `dir:${path}`]) {
      using image = await openImage(target);
      expect(image.target).toEqual({ kind: 'directory', name: target });
      expect(await filesOf(image)).toEqual(expect.arrayContaining(['etc/os-release']));
    }
  });
});

describe('one of several images', () => {
  const saved = () => archiveOf(dockerSave([two, other]));
  const layout = () => archiveOf(ociLayout([two, other]));

  for (const [kind, archive] of [
    ['docker save', saved],
    ['OCI', layout],
  ] as const) {
    for (const name of ['sample:1', 'library/sample:1', 'docker.io/library/sample:1']) {
      test(`${kind}: ${name}`, async () => {
        using image = await open(archive(), { imageName: name });
        expect(image.layers).toHaveLength(2);
      });
    }
    test(`${kind}: by digest`, async () => {
      using named = await open(archive(), { imageName: 'other:2' });
      using image = await open(archive(), { imageName: named.target.digest });
      expect(image.layers).toHaveLength(1);
    });
    test(`${kind}: without a name all are listed`, async () => {
      const message = expect.stringMatching(/holds 2 images.*--image.*sample:1.*other:2/);
      await expect(open(archive())).rejects.toMatchObject({ code: 'image.not-found', message });
    });
    test(`${kind}: a name that none has`, async () => {
      const message = expect.stringMatching(/no image called x.*sample:1.*other:2/);
      await expect(open(archive(), { imageName: 'x' })).rejects.toMatchObject({ code: 'image.not-found', message });
    });
  }

  test('one image under two names is one image', async () => {
    using image = await open(archiveOf(ociLayout([two, { ...two, names: ['sample:latest'] }])));
    expect(image.imageName).toBe('sample:1');
  });

  test('latest is what a name without a tag means', async () => {
    using image = await open(archiveOf(ociLayout([other, { ...two, names: ['sample:latest'] }])), {
      imageName: 'sample',
    });
    expect(image.layers).toHaveLength(2);
  });
});

describe('one of several platforms', () => {
  const amd64: ImageSpec = { layers: [{ tar: base }], architecture: 'amd64' };
  const arm64: ImageSpec = { layers: [{ tar: upper }], architecture: 'arm64', variant: 'v8' };
  const attestation: ImageSpec = {
    layers: [],
    descriptor: { platform: { os: 'unknown', architecture: 'unknown' } },
  };
  const nested = (specs: readonly ImageSpec[]): Buffer => {
    const files: ImageFiles = {};
    const manifests = specs.map((spec) => ociManifest(spec, files));
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const inner = { mediaType, ...addBlob(files, json({ schemaVersion: 2, manifests })) };
    const outer = { mediaType, ...addBlob(files, json({ schemaVersion: 2, manifests: [inner] })) };
    return archiveOf({ ...files, ...ociLayout([], { manifests: [outer] }) });
  };

  for (const [platform, actual] of [
    ['linux/amd64', 'linux/amd64'],
    ['linux/arm64', 'linux/arm64/v8'],
    ['linux/arm64/v8', 'linux/arm64/v8'],
    ['arm64', 'linux/arm64/v8'],
  ] as const) {
    test(`${platform} in indexes within indexes`, async () => {
      using image = await open(nested([amd64, arm64, attestation]), { platform });
      expect(image.target.platform).toBe(actual);
    });
  }

  test('a platform that there is not: those that there are', async () => {
    const message = expect.stringMatching(/linux\/s390x.*linux\/amd64.*linux\/arm64\/v8/);
    const opening = open(nested([amd64, arm64]), { platform: 'linux/s390x' });
    await expect(opening).rejects.toMatchObject({ code: 'image.not-found', message });
  });

  test('the only one needs no asking, whatever the host', async () => {
    using image = await open(nested([{ ...arm64, architecture: 'riscv64' }, attestation]));
    expect(image.target.platform).toBe('linux/riscv64/v8');
  });

  test('an attestation alone is no image', async () => {
    await expect(open(nested([attestation]))).rejects.toMatchObject({ code: 'image.not-found' });
  });

  test('of an archive that lacks the other platforms, the one that is there', async () => {
    const files = ociLayout([amd64, arm64]);
    const missing = sha256(ociLayoutManifest(arm64));
    delete files[`blobs/${missing.replace(':', '/')}`];
    using image = await open(archiveOf(files));
    expect(image.target.platform).toBe('linux/amd64');
  });

  test('docker save of another platform', async () => {
    const opening = open(archiveOf(dockerSave([two])), { platform: 'linux/arm64' });
    await expect(opening).rejects.toMatchObject({
      code: 'image.not-found',
      message: expect.stringMatching(/linux\/amd64.*linux\/arm64/),
    });
  });
});

describe('openImage refuses', () => {
  const withBlob = (spec: ImageSpec, pick: (files: ImageFiles) => string, bytes?: Buffer): Buffer => {
    const files = ociLayout([spec]);
    const name = pick(files);
    if (bytes === undefined) delete files[name];
    else files[name] = bytes;
    return archiveOf(files);
  };
  const layerBlob = () => `blobs/${sha256(upper).replace(':', '/')}`;
  const manifestBlob = (spec: ImageSpec) => () => `blobs/${sha256(ociLayoutManifest(spec)).replace(':', '/')}`;
  const single: ImageSpec = { layers: [{ tar: upper }] };

  const rows: readonly (readonly [what: string, archive: Buffer, code: string, message: RegExp])[] = [
    ['a missing layer', withBlob(single, layerBlob), 'image.damaged', /layer 0 sha256:[0-9a-f]{64} is missing/],
    [
      'a layer of another size',
      withBlob(single, layerBlob, Buffer.alloc(7)),
      'image.digest-mismatch',
      /layer 0 .*7 bytes/,
    ],
    ['a missing manifest', withBlob(single, manifestBlob(single)), 'image.damaged', /manifest sha256:\w+ is missing/],
    [
      'a manifest with other bytes',
      withBlob(
        single,
        manifestBlob(single),
        Buffer.from(ociLayoutManifest(single).toString().replace('schema', 'SCHEMA')),
      ),
      'image.digest-mismatch',
      /its bytes have the digest/,
    ],
    [
      'fewer diff ids than layers',
      archiveOf(ociLayout([{ ...single, config: { rootfs: {} } }])),
      'image.damaged',
      /1 layers, its config 0 diff ids/,
    ],
    [
      'an artefact that is no image',
      archiveOf(ociLayout([{ ...single, manifest: { config: { mediaType: 'application/vnd.oci.empty.v1+json' } } }])),
      'image.unknown-format',
      /no container image but application\/vnd.oci.empty/,
    ],
    [
      'a digest that leads elsewhere',
      archiveOf(ociLayout([{ ...single, descriptor: { digest: 'sha256:../../../etc/passwd' } }])),
      'image.damaged',
      /no sha256 digest/,
    ],
    ...([null, [null, 5]] as const).map(
      (layers) =>
        [
          `a manifest with the layers ${JSON.stringify(layers)}`,
          archiveOf(ociLayout([{ ...single, manifest: { layers } }])),
          'image.damaged',
          /the layers of the manifest are no list of objects/,
        ] as const,
    ),
    [
      'a docker save whose layers are no texts',
      archiveOf({ 'manifest.json': Buffer.from('[{"Config":"c.json","Layers":[null,5]}]') }),
      'image.damaged',
      /the layers of manifest.json are no list of texts/,
    ],
    ['nothing at all', Buffer.alloc(0), 'image.unknown-format', /is empty$/],
    ['a compressed nothing', gzipSync(''), 'image.unknown-format', /is empty$/],
    ['one byte', Buffer.alloc(1), 'image.unknown-format', /is no image: neither a tar/],
    ['an index that is no JSON', archiveOf({ 'index.json': Buffer.from('{') }), 'image.damaged', /no JSON/],
    ['an index without images', archiveOf(ociLayout([])), 'image.not-found', /no image/],
    [
      'a docker save without its layer',
      archiveOf(without(dockerSave([single]), '00/layer.tar')),
      'image.damaged',
      /layer 0 .* is missing: 00\/layer.tar/,
    ],
    [
      'a config with other bytes',
      archiveOf(withOtherConfig(dockerSave([single]))),
      'image.digest-mismatch',
      /its bytes have the digest/,
    ],
    [
      'lists that speak of different images',
      archiveOf(savedTwice([single], [two])),
      'image.damaged',
      /manifest.json describes/,
    ],
    [
      'a tar that is no image',
      tar({ path: 'a' }),
      'image.unknown-format',
      /neither a manifest.json.*nor an index.json/,
    ],
    ['what is no tar at all', Buffer.from('hello '.repeat(200)), 'image.unknown-format', /is no image/],
    ['an archive that is cut', archiveOf(ociLayout([single])).subarray(0, 2500), 'image.damaged', /cut short/],
    ['a gzip that is cut', gzipSync(archiveOf(ociLayout([single]))).subarray(0, 300), 'image.damaged', /gzip/],
  ];
  for (const [what, archive, code, message] of rows) {
    test(
      what,
      async () => await expect(open(archive)).rejects.toMatchObject({ code, message: expect.stringMatching(message) }),
    );
  }

  for (const [limit, value] of [
    ['maxLayers', 2],
    ['maxFilesPerLayer', 6],
    ['maxManifests', 1],
  ] as const) {
    test(`${limit}: at it, and one above`, async () => {
      const archive = archiveOf(ociLayout([two]));
      using _ = await open(archive, { limits: { [limit]: value } });
      const above = open(archive, { limits: { [limit]: value - 1 } });
      await expect(above).rejects.toMatchObject({ code: 'image.limit-exceeded', details: { limit, value: value - 1 } });
    });
  }

  test('maxManifestBytes: at it, and one above', async () => {
    const files = ociLayout([two]);
    const largest = Math.max(
      ...Object.entries(files)
        .filter(([name]) => !name.startsWith('blobs'))
        .map(([, bytes]) => bytes.length),
      configOrManifestBytes(files),
    );
    using _ = await open(archiveOf(files), { limits: { maxManifestBytes: largest } });
    const above = open(archiveOf(files), { limits: { maxManifestBytes: largest - 1 } });
    await expect(above).rejects.toMatchObject({ code: 'image.limit-exceeded', details: { limit: 'maxManifestBytes' } });
  });

  for (const name of ['alpine:3.20', 'alpine', 'ghcr.io/owner/image:v1', 'localhost:5000/x@sha256:ab']) {
    test(`${name}, which is no path: how to hand it over`, async () => {
      const message = expect.stringContaining(`docker save ${name} | cvescan scan -`);
      await expect(openImage(name)).rejects.toMatchObject({ code: 'image.not-found', message });
    });
  }
  test('a path that does not exist', async () => {
    await expect(openImage('./nowhere.tar')).rejects.toMatchObject({
      code: 'image.not-found',
      message: './nowhere.tar does not exist',
    });
  });
  test('a prefix that does not fit', async () => {
    await expect(openImage(`oci-archive:${directory}`)).rejects.toMatchObject({
      code: 'image.unknown-format',
      message: expect.stringMatching(/is a directory/),
    });
    const file = asFile(base);
    await expect(openImage(`dir:${file}`)).rejects.toMatchObject({
      code: 'image.unknown-format',
      message: expect.stringMatching(/is no directory/),
    });
  });
});

test('an archive with a byte changed: an image or a ScannerError', async () => {
  const archive = archiveOf(ociLayout([two]));
  const change = asyncProperty(
    integer({ min: 0, max: archive.length - 1 }),
    integer({ min: 0, max: 255 }),
    async (at, byte) => {
      const changed = Buffer.from(archive);
      changed[at] = byte;
      try {
        using image = await open(changed);
        await filesOf(image);
      } catch (error) {
        expect(error).toBeInstanceOf(ScannerError);
      }
    },
  );
  await hold(change, { numRuns: 200 });
});

let fileCount = 0;

function asFile(bytes: Buffer): string {
  const path = join(directory, `${fileCount++}.bin`);
  writeFileSync(path, bytes);
  return path;
}

function asDirectory(files: ImageFiles): string {
  const root = join(directory, `${fileCount++}`);
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
  }
  return root;
}

function open(archive: Buffer, options?: OpenImageOptions): Promise<OpenImage> {
  return openImage(asFile(archive), options);
}

async function filesOf({ layers }: OpenImage): Promise<string[]> {
  const paths: string[] = [];
  const onFile = async ({ path }: { path: string }) => void paths.push(path);
  for (const layer of layers) await walkLayer(layer, { wants: () => true, onFile, verify: 'full' });
  return paths;
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** What Docker 25 writes: both lists, with the layers and configs as blobs. */
function savedTwice(saved: readonly ImageSpec[], layout: readonly ImageSpec[]): ImageFiles {
  return { ...dockerSave(saved), ...ociLayout(layout) };
}

/** The bytes of the image's manifest in a layout. */
function ociLayoutManifest(spec: ImageSpec): Buffer {
  const files: ImageFiles = {};
  const { digest } = ociManifest(spec, files) as { digest: string };
  return files[`blobs/${digest.replace(':', '/')}`]!;
}

function withOtherConfig(files: ImageFiles): ImageFiles {
  const name = Object.keys(files).find((it) => it.endsWith('.json') && it !== 'manifest.json')!;
  return { ...files, [name]: Buffer.concat([files[name]!, Buffer.from(' ')]) };
}

function configOrManifestBytes(files: ImageFiles): number {
  const texts = Object.values(files).filter((bytes) => bytes[0] === 0x7b);
  return Math.max(...texts.map((bytes) => bytes.length));
}

function without(files: ImageFiles, name: string): ImageFiles {
  return Object.fromEntries(Object.entries(files).filter(([it]) => it !== name));
}
