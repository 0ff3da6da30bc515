import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncodedAnswer, OpenLayerFile } from '../src/server/dependencies.ts';
import { ServerThreads } from '../src/server/threads/server-threads.ts';
import { type LayersOptions, StoredLayers } from '../src/server/usecases/layers.ts';
import type { ClairLayer } from '../src/wire/clair-v1/types.ts';
import { tar } from './tar.ts';

/** Layers over a state that a test opened, with threads of their own. */
export interface LayersUnderTest extends AsyncDisposable {
  readonly layers: StoredLayers;
  readonly threads: ServerThreads;
  /** Stores a layer of these files or this tar. */
  post(name: string, content: LayerFiles | Buffer, more?: PostMore): Promise<unknown>;
  /** The object of the envelope. */
  get(name: string, ...flags: readonly ShowFlag[]): Promise<ClairLayer>;
}

export type LayerFiles = Readonly<Record<string, string>>;

interface PostMore {
  readonly parentName?: string;
  readonly format?: string;
  readonly signal?: AbortSignal;
}

type ShowFlag = 'features' | 'vulnerabilities' | 'allLayers';

/** @param options what differs from: no snapshot, a fixed day. */
export function layersUnderTest(options: Pick<LayersOptions, 'state'> & Partial<LayersOptions>): LayersUnderTest {
  const threads = new ServerThreads({ maxThreads: 1, maxWaiting: 64 });
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-layers-'));
  const layers = new StoredLayers({
    analysing: threads,
    judging: threads,
    pin: () => undefined,
    now: () => new Date('2026-07-30T00:00:00Z'),
    ...options,
  });
  let count = 0;
  return {
    layers,
    threads,
    post(name, content, { format = 'Docker', signal = new AbortController().signal, ...more } = {}) {
      const file = join(directory, `${count++}.tar`);
      writeFileSync(file, Buffer.isBuffer(content) ? content : layerTar(content));
      return layers.post({ name, format, ...more }, async () => openLayer(file), signal);
    },
    async get(name, ...flags) {
      const [features, vulnerabilities, allLayers] = [
        flags.includes('features'),
        flags.includes('vulnerabilities'),
        flags.includes('allLayers'),
      ];
      return layerOf(await layers.get(name, { features, vulnerabilities, allLayers }));
    },
    async [Symbol.asyncDispose]() {
      await threads[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true });
    },
  };
}

/** The layer that an answer holds. */
export function layerOf({ json }: EncodedAnswer): ClairLayer {
  return (JSON.parse(Buffer.from(json).toString()) as { readonly Layer: ClairLayer }).Layer;
}

/** A layer of these files. */
export function layerTar(files: LayerFiles): Buffer {
  return tar(...Object.entries(files).map(([path, body]) => ({ path, body })));
}

/** A file as the server hands it to the use case: opened once, read by its descriptor. */
export async function openLayer(path: string): Promise<OpenLayerFile> {
  const fd = openSync(path, 'r');
  return { fd, path, sizeBytes: statSync(path).size, [Symbol.asyncDispose]: async () => closeSync(fd) };
}

/** A database of dpkg that lists these packages. */
export function dpkgStatus(packages: Readonly<Record<string, string>>): string {
  return Object.entries(packages)
    .map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`,
    )
    .join('');
}

export const DEBIAN_12 = 'ID=debian\nVERSION_ID="12"\n';
