import { realpathSync, statSync } from 'node:fs';
import { type ErrorCode, ScannerError } from '../model/errors.ts';
import type { Target } from '../model/inventory.ts';
import type { LayerSource } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import { isSystemError, reasonOf } from '../platform/system-errors.ts';
import { type OpenArchive, openArchive, spoolArchive } from './archive-files.ts';
import type { ImageRequest, ImageSource } from './image-source.ts';
import { DEFAULT_IMAGE_LIMITS, type ImageLimits } from './limits.ts';
import { imageSources } from './sources/registry.ts';
import { directoryFiles, type TargetFiles } from './target-files.ts';

/** How a target is opened. */
export interface OpenImageOptions {
  /** `os/arch[/variant]` or an architecture; default: the host's, or the only one. */
  readonly platform?: string | undefined;
  /** Which of several images; a name or a digest. */
  readonly imageName?: string | undefined;
  /** Those not given are `DEFAULT_IMAGE_LIMITS`. */
  readonly limits?: Partial<ImageLimits> | undefined;
  /** What the target `-` stands for. */
  readonly stdin?: AsyncIterable<Buffer> | undefined;
}

/** An image whose layers can be read until it is disposed of. */
export interface OpenImage extends Disposable {
  readonly target: Target;
  /** What the target calls the image, e.g. `alpine:3.20`. */
  readonly imageName?: string;
  /** The lowest first. */
  readonly layers: readonly LayerSource[];
  readonly problems: readonly Problem[];
}

/**
 * Opens what the user named: `docker-archive:PATH`, `oci-archive:PATH`, `oci-dir:PATH`, `dir:PATH`, a path alone, or `-`.
 *
 * Index, manifest and config are compared with their digests here; layers are when they are read.
 * @throws ScannerError `image.not-found`, `image.unknown-format`, `image.damaged`, `image.digest-mismatch`, `image.limit-exceeded`.
 */
export async function openImage(target: string, options: OpenImageOptions = {}): Promise<OpenImage> {
  const limits = { ...DEFAULT_IMAGE_LIMITS, ...options.limits };
  const { source, path } = parseTarget(target);
  try {
    if (path === '-')
      return describe(target, await spoolArchive('standard input', stdinOf(options), limits), source, options);
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) throw missing(target, path);
    if (source !== undefined && (source.kind === 'directory') !== status.isDirectory()) {
      const actual = status.isDirectory() ? 'a directory' : 'no directory';
      throw new ScannerError(
        'image.unknown-format',
        `${path} is ${actual}, but ${source.prefix}: stands for ${source.summary}`,
      );
    }
    if (status.isDirectory()) {
      const files = directoryFiles(path, realpathSync(path));
      return describe(target, { files, [Symbol.dispose]: () => {} }, source, options);
    }
    return describe(target, await openArchive(path, path, limits), source, options);
  } catch (error) {
    throw namingTarget(error, path === '-' ? 'standard input' : path);
  }
}

function parseTarget(target: string): { readonly source: ImageSource | undefined; readonly path: string } {
  const source = imageSources.find(({ prefix }) => target.startsWith(`${prefix}:`));
  return { source, path: source === undefined ? target : target.slice(source.prefix.length + 1) };
}

function stdinOf({ stdin }: OpenImageOptions): AsyncIterable<Buffer> {
  if (stdin === undefined)
    throw new ScannerError('image.not-found', 'there is no standard input to read an image from');
  return stdin;
}

function describe(
  name: string,
  archive: Pick<OpenArchive, 'files' | typeof Symbol.dispose>,
  named: ImageSource | undefined,
  options: OpenImageOptions,
): OpenImage {
  try {
    const source = named ?? recognise(archive.files);
    const image = source.describe(archive.files, requestOf(options));
    return {
      target: {
        kind: image.kind,
        name,
        ...(image.digest !== undefined && { digest: image.digest }),
        ...(image.platform !== undefined && { platform: image.platform }),
      },
      ...(image.name !== undefined && { imageName: image.name }),
      layers: image.layers,
      problems: image.problems,
      [Symbol.dispose]: () => archive[Symbol.dispose](),
    };
  } catch (error) {
    archive[Symbol.dispose]();
    throw error;
  }
}

function requestOf({ platform, imageName, limits }: OpenImageOptions): ImageRequest {
  return { platform, imageName, hostPlatform: hostPlatform(), limits: { ...DEFAULT_IMAGE_LIMITS, ...limits } };
}

function recognise(files: TargetFiles): ImageSource {
  const source = imageSources.find((it) => it.kind === files.kind && it.recognises(files));
  if (source !== undefined) return source;
  const message = `${files.label} is a tar, but no image: it has neither a manifest.json (docker save) nor an index.json (OCI)`;
  throw new ScannerError('image.unknown-format', message);
}

/** Node's names of processors are not those of images. */
function hostPlatform(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
  return `linux/${names[process.arch] ?? process.arch}`;
}

function missing(target: string, path: string): ScannerError {
  if (!/^[a-z0-9][\w.-]*(?::\d+)?(?:\/[\w.-]+)*(?:[:@][\w.:-]+)?$/.test(target)) {
    return new ScannerError('image.not-found', `${path} does not exist`, { path });
  }
  const message =
    `${target} is no file or directory here. Images are not pulled; hand one over with ` +
    `"docker save ${target} | cvescan scan -", or save it to a file and scan that`;
  return new ScannerError('image.not-found', message, { path });
}

/** What an archive's error is called when the archive is an image. */
const IMAGE_CODES: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = {
  'archive.damaged': 'image.damaged',
  'archive.limit-exceeded': 'image.limit-exceeded',
};

function namingTarget(error: unknown, label: string): unknown {
  if (error instanceof ScannerError) {
    const code = IMAGE_CODES[error.code];
    return code === undefined
      ? error
      : new ScannerError(code, `${label}: ${error.message}`, error.details, { cause: error });
  }
  if (!isSystemError(error)) return error;
  const message = `${label} cannot be read: ${reasonOf(error)}`;
  return new ScannerError('image.not-found', message, { path: label }, { cause: error });
}
