import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { openArchive } from '../images/archive-files.ts';
import { DEFAULT_IMAGE_LIMITS } from '../images/limits.ts';
import { openImage } from '../images/open-image.ts';
import { ScannerError } from '../model/errors.ts';
import { decompressed } from '../platform/archives/compression.ts';
import { reasonOf } from '../platform/system-errors.ts';
import { TemporaryFile } from '../platform/temporary-file.ts';
import type { OfferedLayer } from './offer-layers.ts';

/** The layers of an image, the lowest first, to be read until it is disposed of. */
export interface SavedImage extends Disposable {
  readonly layers: readonly OfferedLayer[];
}

/** How an image is got. */
export interface SaveOptions {
  /** `os/arch[/variant]` of one of several images. */
  readonly platform?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onEvent: (message: string) => void;
}

/**
 * The layers of an archive, or of an image that docker holds: then `docker save` writes it to a temporary file, which is gone with the
 * image at the latest. Each is named by its chain id, hex: the same content on the same layers has the same name everywhere.
 *
 * @param image a file, or the image's name.
 * @throws ScannerError what `openImage` throws; `image.not-found` where docker cannot save it; `image.digest-mismatch` where a layer is
 *   not what the image's config states.
 */
export async function openSavedImage(image: string, options: SaveOptions): Promise<SavedImage> {
  if (existsSync(image) || /^(docker-archive|oci-archive|oci-dir):/.test(image)) return openLayers(image, options);
  using resources = new DisposableStack();
  const file = resources.use(new TemporaryFile());
  options.onEvent(`Saving ${image} to a temporary file (this may take some time)`);
  await runDocker(['save', image], options, async (output) => {
    for await (const chunk of output as AsyncIterable<Buffer>) file.write(chunk);
  });
  options.onEvent("Reading the image's history");
  const { layers } = resources.use(await openSaved(image, file.path, options));
  const kept = resources.move();
  return { layers, [Symbol.dispose]: () => kept.dispose() };
}

/** Programs before docker 1.10 wrote no `manifest.json`: then docker is asked for the order of the layers. */
async function openSaved(image: string, file: string, options: SaveOptions): Promise<SavedImage> {
  try {
    return await openLayers(`docker-archive:${file}`, options);
  } catch (error) {
    if (!(error instanceof ScannerError) || !/manifest\.json is missing/.test(error.message)) throw error;
    return openByHistory(image, file, options);
  }
}

async function openLayers(target: string, { platform, signal }: SaveOptions): Promise<SavedImage> {
  using resources = new DisposableStack();
  const { layers } = resources.use(await openImage(target, { platform }));
  const contents = layers.map(({ content, diffId }) => {
    if (content.kind === 'tar') return { content, diffId };
    throw new ScannerError('image.unknown-format', `${target} is a directory, which has no layers to be posted`);
  });
  return { ...(await named(contents, signal)), [Symbol.dispose]: move(resources) };
}

async function openByHistory(image: string, file: string, options: SaveOptions): Promise<SavedImage> {
  let text = '';
  await runDocker(['history', '-q', '--no-trunc', image], options, async (output) => {
    for await (const chunk of output) text += chunk;
  });
  using resources = new DisposableStack();
  const { files } = resources.use(await openArchive(image, file, DEFAULT_IMAGE_LIMITS));
  // Docker tells the newest first; what it does not know of an image that was pulled is `<missing>`.
  const ids = text.split(/\s+/).filter((id) => id !== '' && id !== '<missing>');
  const contents = ids.reverse().map((id) => {
    const content = files.find(`${id.replace(/^sha256:/, '')}/layer.tar`);
    if (content) return { content, diffId: undefined };
    throw new ScannerError('image.damaged', `docker save ${image} wrote no layer ${id}, which docker history names`);
  });
  if (contents.length === 0) throw new ScannerError('image.not-found', `docker history names no layers of ${image}`);
  return { ...(await named(contents, options.signal)), [Symbol.dispose]: move(resources) };
}

function move(resources: DisposableStack): () => void {
  const kept = resources.move();
  return () => kept.dispose();
}

interface LayerContent {
  readonly content: Omit<OfferedLayer, 'name'>;
  /** As the image states it. */
  readonly diffId: string | undefined;
}

/**
 * Names layers by chain id. What the config states of them is checked: a server answers for a name that it knows without reading, so a
 * wrong statement would show another image's packages.
 * Source: OCI image specification, "Layer ChainID".
 */
async function named(contents: readonly LayerContent[], signal: AbortSignal): Promise<Pick<SavedImage, 'layers'>> {
  const layers: OfferedLayer[] = [];
  let chainId: string | undefined;
  for (const [index, { content, diffId: stated }] of contents.entries()) {
    const diffId = await diffIdOf(content, signal);
    if (stated !== undefined && stated !== diffId) {
      const message = `layer ${index} has the diff id ${diffId}, but the image's config says ${stated}`;
      throw new ScannerError('image.digest-mismatch', message, { layer: stated });
    }
    chainId = chainId === undefined ? diffId : sha256(`${chainId} ${diffId}`);
    const { file, offset, sizeBytes } = content;
    layers.push({ name: chainId.slice('sha256:'.length), file, offset, sizeBytes });
  }
  return { layers };
}

/** `sha256:<hex>` of a layer's uncompressed tar. */
async function diffIdOf({ file, offset, sizeBytes }: LayerContent['content'], signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  if (sizeBytes > 0) {
    const stored = createReadStream(file, { start: offset, end: offset + sizeBytes - 1, highWaterMark: 256 << 10 });
    for await (const chunk of decompressed(stored as AsyncIterable<Buffer>, DEFAULT_IMAGE_LIMITS)) {
      signal.throwIfAborted();
      hash.update(chunk);
    }
  }
  return `sha256:${hash.digest('hex')}`;
}

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

const MAX_COMPLAINT_BYTES = 4 << 10;

/** Runs the docker program to its end. @throws ScannerError `image.not-found` with what it complained of. */
async function runDocker(
  args: readonly string[],
  { env, signal }: SaveOptions,
  read: (output: Readable) => Promise<void>,
): Promise<void> {
  const child = spawn('docker', args, { stdio: ['ignore', 'pipe', 'pipe'], signal, env });
  const ended = once(child, 'close') as Promise<[code: number | null]>;
  ended.catch(() => {});
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < MAX_COMPLAINT_BYTES) complaint += chunk;
  });
  try {
    await read(child.stdout);
    const [code] = await ended;
    if (code === 0) return;
  } catch (cause) {
    signal.throwIfAborted();
    child.kill();
    if (!isMissingProgram(cause)) throw cause;
    const message = `docker cannot be run (${reasonOf(cause)}); save the image elsewhere and give the file`;
    throw new ScannerError('image.not-found', message, {}, { cause });
  }
  throw new ScannerError('image.not-found', `docker ${args[0]} failed: ${complaint.trim() || 'it does not say why'}`);
}

const isMissingProgram = (cause: unknown): boolean =>
  cause instanceof Error && 'syscall' in cause && String(cause.syscall).startsWith('spawn');
