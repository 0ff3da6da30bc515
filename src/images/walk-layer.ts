import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ScannerError } from '../model/errors.ts';
import type { LayerSource, LayerVerification } from '../model/layer.ts';
import { FileRangeInput, StreamInput } from '../platform/archives/byte-input.ts';
import { decompressed, SNIFF_BYTES, sniffCompression } from '../platform/archives/compression.ts';
import { HashedChunks, HashedRange } from '../platform/archives/hashed-range.ts';
import { walkDirectory } from './directory-layer.ts';
import { namingLayer } from './layer-errors.ts';
import type { LayerWalk, WalkOptions } from './layer-walk.ts';
import { DEFAULT_IMAGE_LIMITS, type ImageLimits } from './limits.ts';
import { passOverTar, type TarPassResult, type TarSource } from './tar-pass.ts';

type Options = WalkOptions & { readonly limits: ImageLimits; readonly rootDirectory?: string | undefined };

/** A tar layer that is open for reading. */
interface OpenLayer {
  readonly source: LayerSource;
  readonly fd: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * Reads a layer: hands its wanted files on and says what it does to the layers below.
 *
 * A compressed layer streams through once, and its bytes are compared with its digest to the last one. An uncompressed one is walked
 * by seeking from header to header, so it is compared only with `verify: 'full'`, which reads it through. A second pass is made only
 * when a hard link is wanted whose target was not.
 * @throws ScannerError `image.damaged`, `image.digest-mismatch`, `image.limit-exceeded`, each naming the layer.
 */
export async function walkLayer(source: LayerSource, options: WalkOptions): Promise<LayerWalk> {
  const { rootDirectory } = source;
  const complete = { ...options, rootDirectory, limits: { ...DEFAULT_IMAGE_LIMITS, ...options.limits } };
  try {
    const { content } = source;
    return content.kind === 'directory'
      ? await walkDirectory(content.path, complete)
      : await walkTar(source, content, complete);
  } catch (error) {
    throw namingLayer(error, source);
  }
}

async function walkTar(
  source: LayerSource,
  { file, offset, sizeBytes }: { readonly file: string; readonly offset: number; readonly sizeBytes: number },
  options: Options,
): Promise<LayerWalk> {
  const fd = openSync(file, 'r');
  try {
    const missingBytes = offset + sizeBytes - fstatSync(fd).size;
    if (missingBytes > 0) throw new ScannerError('archive.damaged', `cut short by ${missingBytes} bytes`);
    const layer = { source, fd, offset, sizeBytes };
    const isCompressed = sniff(layer) !== 'none';
    const isStreamed = isCompressed || options.verify === 'full';
    return isStreamed ? await streamLayer(layer, options, isCompressed) : await seekLayer(layer, options);
  } finally {
    closeSync(fd);
  }
}

function sniff({ fd, offset, sizeBytes }: OpenLayer): ReturnType<typeof sniffCompression> {
  const head = Buffer.alloc(SNIFF_BYTES);
  const count = readSync(fd, head, 0, Math.min(SNIFF_BYTES, sizeBytes), offset);
  return sniffCompression(head.subarray(0, count));
}

async function seekLayer(layer: OpenLayer, options: Options): Promise<LayerWalk> {
  const open = (): TarSource => ({ input: new FileRangeInput(layer.fd, layer), range: layer });
  const pass = await passOverTar(open(), layer.source.digest, options);
  if (pass.linksByTarget.size > 0) await handLinksOn(pass, open(), layer, options);
  await options.onEnd?.();
  return toWalk(pass, 'not_verified', layer.sizeBytes);
}

async function streamLayer(layer: OpenLayer, options: Options, isCompressed: boolean): Promise<LayerWalk> {
  const { source } = layer;
  const { pass, blobDigest, contentDigest, uncompressedBytes } = await streamThrough(layer, options, isCompressed);
  let isVerified = compareBlob(source, blobDigest);
  if (contentDigest !== undefined && compareContent(source, contentDigest)) isVerified = true;
  if (pass.linksByTarget.size > 0) {
    const range = new HashedRange(layer.fd, layer);
    const input = new StreamInput(decompressed(range.chunks(), { ...options.limits, ownsInput: true }));
    try {
      await handLinksOn(pass, { input }, layer, options);
    } finally {
      await input.close();
      await range.close();
    }
  }
  await options.onEnd?.();
  return toWalk(pass, isVerified ? 'verified' : 'not_verified', uncompressedBytes);
}

/** One pass over all bytes of the layer, those behind the end of its tar too. */
async function streamThrough(layer: OpenLayer, options: Options, isCompressed: boolean) {
  const isFull = options.verify === 'full';
  const range = new HashedRange(layer.fd, layer);
  const content = decompressed(range.chunks(), { ...options.limits, ownsInput: true });
  const hashed = isFull && isCompressed ? new HashedChunks(content) : undefined;
  const input = new StreamInput(hashed ?? content);
  try {
    const pass = await passOverTar({ input }, layer.source.digest, options);
    await input.skip(Number.POSITIVE_INFINITY);
    const blobDigest = await range.digest();
    const contentDigest = isFull ? (hashed?.digest() ?? blobDigest) : undefined;
    return { pass, blobDigest, contentDigest, uncompressedBytes: input.position };
  } catch (error) {
    await input.close();
    // That these are not the bytes that the digest names is a better answer than what is wrong with them.
    if (error instanceof ScannerError && error.code === 'archive.damaged')
      compareBlob(layer.source, await range.digest());
    throw error;
  } finally {
    await range.close();
  }
}

/** The second pass: files that hard links of the first one lead to, under the paths of the links. */
async function handLinksOn(
  { linksByTarget, changes }: TarPassResult,
  source: TarSource,
  layer: OpenLayer,
  options: Options,
): Promise<void> {
  await passOverTar(source, layer.source.digest, {
    limits: options.limits,
    rootDirectory: options.rootDirectory,
    wants: ({ path }) => linksByTarget.has(path),
    onFile: async (file) => {
      for (const path of linksByTarget.get(file.path) ?? []) {
        changes.keepFile(path);
        await options.onFile({ ...file, path, realPath: path });
      }
    },
  });
}

/** @returns whether there was a digest of the blob to compare with. */
function compareBlob(source: LayerSource, actual: string): boolean {
  if (source.digest === '' || source.digestIsDiffId === true) return false;
  if (actual !== source.digest) throw mismatch('its bytes have', actual);
  return true;
}

/** @returns whether there was a diff id to compare with. */
function compareContent(source: LayerSource, actual: string): boolean {
  const diffId = source.diffId ?? (source.digestIsDiffId === true ? source.digest : undefined);
  if (diffId === undefined) return false;
  if (actual !== diffId) throw mismatch(`its diff id is ${diffId}, but its uncompressed tar has`, actual);
  return true;
}

function mismatch(what: string, actual: string): ScannerError {
  return new ScannerError('image.digest-mismatch', `${what} the digest ${actual}`, { actual });
}

function toWalk(pass: TarPassResult, verification: LayerVerification, uncompressedBytes: number): LayerWalk {
  return { ...pass.changes.finish(), verification, fileCount: pass.fileCount, uncompressedBytes };
}
