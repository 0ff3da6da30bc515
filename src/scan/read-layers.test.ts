import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../test/images.ts';
import { tar } from '../../test/tar.ts';
import type { LayerListing } from '../inventory/layer-listing.ts';
import type { LayerSource } from '../model/layer.ts';
import { decodeEntry } from './cache-entry.ts';
import { identityOf, LayerCache } from './layer-cache.ts';
import { type ReadLayersOptions, readLayers } from './read-layers.ts';

const list = { verify: 'blobs' } as const;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'read-layers-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('readLayers', () => {
  for (const maxWorkers of [0, 1, 3]) {
    test(`listings in the order of the layers, with ${maxWorkers} at once`, async () => {
      const layers = ['a', 'bb', 'ccc'].map((name, index) => ({ source: gzipLayer(name, index) }));
      const listings = await readLayers(layers, { list, maxWorkers });
      expect(listings.map(packagesOf)).toEqual([['a'], ['bb'], ['ccc']]);
    });
  }

  test('the same through worker threads', async () => {
    const layers = ['a', 'b'].map((name, index) => ({ source: bigLayer(name, index) }));
    const listings = await readLayers(layers, { list: { verify: 'full' }, maxWorkers: 2 });
    expect(listings.map(packagesOf)).toEqual([['a'], ['b']]);
    expect(listings[0]?.walk.nonDirectories).toBeInstanceOf(Float64Array);
  });

  test('errors keep their code and details on the way out of worker threads', async () => {
    const layers = ['a', 'b'].map((name, index) => ({
      source: { ...bigLayer(name, index), digest: sha256(Buffer.of()) },
    }));
    await expect(readLayers(layers, { list: { verify: 'full' }, maxWorkers: 2 })).rejects.toMatchObject({
      name: 'ScannerError',
      code: 'image.digest-mismatch',
      details: { layer: sha256(Buffer.of()), actual: expect.stringMatching(/^sha256:/) },
    });
  });

  test('an aborted scan does not wait', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(readLayers([{ source: gzipLayer('a', 0) }], { list, signal })).rejects.toThrow('stopped');
  });

  test('maxImageBytes: at it, and one above', async () => {
    const layers = ['a', 'b'].map((name, index) => ({ source: gzipLayer(name, index) }));
    const imageBytes = 2 * layerTar('a').length;
    await readLayers(layers, { list: { ...list, limits: { maxImageBytes: imageBytes } } });
    const above = readLayers(layers, { list: { ...list, limits: { maxImageBytes: imageBytes - 1 } } });
    await expect(above).rejects.toMatchObject({ code: 'image.limit-exceeded', details: { limit: 'maxImageBytes' } });
  });
});

describe('the layer cache', () => {
  test('a layer that was seen before is not read again', async () => {
    const source = gzipLayer('a', 0);
    const cache = cacheOf();
    await readLayers([{ source }], { list, cache });
    mark(cache, source);
    expect(await readLayers([{ source }], { list, cache })).toMatchObject([MARKED]);
  });

  test('a copy of it is hashed, and then known by its file', async () => {
    const source = gzipLayer('a', 0);
    const cache = cacheOf();
    await readLayers([{ source }], { list, cache });
    mark(cache, source);
    const copy = gzipLayer('a', 1);
    expect(await readLayers([{ source: copy }], { list, cache })).toMatchObject([MARKED]);
    const [entry] = entriesOf();
    expect(decodeEntry(readFileSync(entry!))?.files).toEqual([identityOf(copy), identityOf(source)]);
  });

  test('another blob under its digest is read, and refused', async () => {
    const cache = cacheOf();
    const source = gzipLayer('a', 0);
    await readLayers([{ source }], { list, cache });
    const forged = { ...gzipLayer('b', 1), digest: source.digest };
    await expect(readLayers([{ source: forged }], { list, cache })).rejects.toMatchObject({
      code: 'image.digest-mismatch',
    });
    expect(cache.status().entryCount).toBe(1);
  });

  test('a file that was changed is read again', async () => {
    const source = uncompressedLayer('a', 0);
    const options = { list, cache: cacheOf() };
    expect((await readLayers([{ source }], options)).map(packagesOf)).toEqual([['a']]);
    uncompressedLayer('b', 0);
    expect((await readLayers([{ source }], options)).map(packagesOf)).toEqual([['b']]);
  });

  test('a modification time that is set back does not hide a change', async () => {
    const source = uncompressedLayer('a', 0);
    const { atime, mtime } = statSync(fileOf(source));
    const options = { list, cache: cacheOf() };
    utimesSync(fileOf(source), atime, mtime);
    await readLayers([{ source }], options);
    uncompressedLayer('b', 0);
    utimesSync(fileOf(source), atime, mtime);
    expect((await readLayers([{ source }], options)).map(packagesOf)).toEqual([['b']]);
  });

  test('a layer that was not verified is known by its file alone', async () => {
    const cache = cacheOf();
    await readLayers([{ source: uncompressedLayer('a', 0) }], { list, cache });
    expect(await cache.find(uncompressedLayer('a', 1), { ...list, aliases: [] })).toBeUndefined();
  });

  test('nor is one kept that lies in a temporary file', async () => {
    const cache = cacheOf();
    const source = uncompressedLayer('a', 0);
    const content = { ...source.content, isTemporary: true } as LayerSource['content'];
    await readLayers([{ source: { ...source, content } }], { list, cache });
    expect(cache.status().entryCount).toBe(0);
  });

  test('another question has another answer', async () => {
    const cache = cacheOf();
    const source = gzipLayer('a', 0);
    await readLayers([{ source }], { list, cache });
    for (const options of [
      { verify: 'full' },
      { ...list, aliases: [{ path: 'a', realPath: 'b' }] },
      { ...list, limits: { maxFilesPerLayer: 1 } },
    ] as const) {
      expect(await cache.find(source, options)).toBeUndefined();
    }
  });

  for (const [what, spoil] of Object.entries({
    cut: (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1),
    changed: (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(0xaa)]),
    empty: () => Buffer.alloc(0),
  })) {
    test(`an entry that is ${what} is removed, and the layer read again`, async () => {
      const cache = cacheOf();
      const source = gzipLayer('a', 0);
      await readLayers([{ source }], { list, cache });
      const [entry] = entriesOf();
      writeFileSync(entry!, spoil(readFileSync(entry!)));
      expect(await cache.find(source, { ...list, aliases: [] })).toBeUndefined();
      expect(entriesOf()).toEqual([]);
      expect((await readLayers([{ source }], { list, cache })).map(packagesOf)).toEqual([['a']]);
    });
  }

  test('the entries that were not used for longest go first', async () => {
    await readLayers([{ source: gzipLayer('a', 0) }], { list, cache: cacheOf() });
    const [oldest] = entriesOf();
    utimesSync(oldest!, new Date(0), new Date(0));
    await readLayers([{ source: gzipLayer('b', 1) }], { list, cache: cacheOf() });
    const sizeBytes = entriesOf().reduce((sum, entry) => sum + statSync(entry).size, 0);
    const full = cacheOf({ maxCacheBytes: sizeBytes * 1.2 });
    await readLayers([{ source: gzipLayer('c', 2) }], { list, cache: full });
    expect(entriesOf()).toHaveLength(2);
    expect(entriesOf()).not.toContain(oldest);
  });

  test('what a killed process left goes after a while', async () => {
    const cache = cacheOf();
    await readLayers([{ source: gzipLayer('a', 0) }], { list, cache });
    const draft = join(directory, 'cache', 'x.draft');
    writeFileSync(draft, 'half');
    cache.status();
    expect(readdirSync(join(directory, 'cache'))).toContain('x.draft');
    utimesSync(draft, new Date(0), new Date(0));
    cache.status();
    expect(readdirSync(join(directory, 'cache'))).not.toContain('x.draft');
  });

  test('a directory that cannot be made is no error', async () => {
    writeFileSync(join(directory, 'file'), '');
    const cache = new LayerCache({ directory: join(directory, 'file', 'cache'), now: () => new Date() });
    expect((await readLayers([{ source: gzipLayer('a', 0) }], { list, cache })).map(packagesOf)).toEqual([['a']]);
  });

  test('scans at once', async () => {
    const options: ReadLayersOptions = { list, cache: cacheOf() };
    const scans = Array.from({ length: 8 }, () => readLayers([{ source: gzipLayer('a', 0) }], options));
    for (const [listing] of await Promise.all(scans)) expect(packagesOf(listing!)).toEqual(['a']);
    expect(readdirSync(join(directory, 'cache')).filter((name) => name.endsWith('.draft'))).toEqual([]);
  });
});

function layerTar(name: string, padding = 0): Buffer {
  const body = `P:${name}\nV:1.0-r0\n\n`;
  return tar({ path: 'lib/apk/db/installed', body }, { path: 'padding', body: Buffer.alloc(padding) });
}

function gzipLayer(name: string, index: number): LayerSource {
  return put(gzipSync(layerTar(name)), index);
}

function uncompressedLayer(name: string, index: number): LayerSource {
  return put(layerTar(name), index);
}

/** Large enough for worker threads. */
function bigLayer(name: string, index: number): LayerSource {
  return put(layerTar(name, 17 * 1024 ** 2), index);
}

function put(bytes: Buffer, index: number): LayerSource {
  const file = join(directory, `${index}.bin`);
  writeFileSync(file, bytes);
  return { index, digest: sha256(bytes), content: { kind: 'tar', file, offset: 0, sizeBytes: bytes.length } };
}

function fileOf({ content }: LayerSource): string {
  return content.kind === 'tar' ? content.file : content.path;
}

/** What only the cache can have said. */
const MARKED = { texts: [['marked', '']] };

function mark(cache: LayerCache, source: LayerSource): void {
  const walk = { verification: 'verified', uncompressedBytes: 0 };
  const listing = { files: [], aliases: [], walk, ...MARKED } as unknown as LayerListing;
  cache.store(source, { ...list, aliases: [] }, { identity: identityOf(source), listing });
}

function packagesOf(listing: LayerListing): string[] {
  return listing.files.flatMap(({ packages }) => packages.map(({ name }) => name));
}

function cacheOf(options: { readonly maxCacheBytes?: number } = {}): LayerCache {
  return new LayerCache({ directory: join(directory, 'cache'), now: () => new Date(), ...options });
}

function entriesOf(): string[] {
  return readdirSync(join(directory, 'cache'))
    .filter((name) => name.endsWith('.layer'))
    .sort()
    .map((name) => join(directory, 'cache', name));
}
