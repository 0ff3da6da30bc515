import { ScannerError } from '../model/errors.ts';
import { isBelowUrl, openBelow } from '../platform/below-prefix.ts';
import { createHttpClient } from '../platform/http.ts';
import { TemporaryFile } from '../platform/temporary-file.ts';
import type { JobTarget } from '../wire/jobs-v1/schemas.ts';

/** From where images may come, and through what. */
export interface ImageTargetOptions {
  readonly localPaths: readonly string[];
  readonly allowUrls: readonly string[];
  readonly userAgent: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly maxImageBytes?: number;
}

/** An image that a job names, as a file for as long as it is needed. */
export interface ImageFile extends Disposable {
  readonly path: string;
}

const MAX_IMAGE_BYTES = 8 * 1024 ** 3;

/**
 * Gets the archive of an image: by a path of this machine or by URL, where the runner's owner allows it.
 *
 * @throws ScannerError `image.not-found`, `permission.denied`, `image.limit-exceeded`, `endpoint.unreachable`.
 */
export async function openImageTarget(
  target: Extract<JobTarget, { kind: 'image' }>,
  options: ImageTargetOptions,
): Promise<ImageFile> {
  if ('url' in target) return downloadImage(target.url, options);
  const file = openBelow(target.path, options.localPaths);
  if (file) return file;
  throw new ScannerError(
    'image.not-found',
    `${target.path}: there is no such file that the runner may read: its directory must be listed in runner.localpaths`,
  );
}

async function downloadImage(url: string, options: ImageTargetOptions): Promise<ImageFile> {
  const { allowUrls, userAgent, env, signal, maxImageBytes = MAX_IMAGE_BYTES } = options;
  // Called for redirects too: each must be allowed.
  const rewrite = (asked: URL): URL => {
    if (allowUrls.some((prefix) => isBelowUrl(asked, prefix))) return asked;
    throw new ScannerError('permission.denied', `${asked.href} is not below a prefix of runner.allowurls`);
  };
  let file = new TemporaryFile();
  const sink = {
    write: (chunk: Buffer): void => file.write(chunk),
    restart: (): void => {
      file[Symbol.dispose]();
      file = new TemporaryFile();
    },
  };
  const client = createHttpClient({ userAgent, env, rewrite, failure: 'endpoint.unreachable' });
  try {
    await client.download(url, { sink, signal, maxBytes: maxImageBytes });
    return file;
  } catch (error) {
    file[Symbol.dispose]();
    throw errorOfImage(error, { url, maxImageBytes });
  } finally {
    await client.close();
  }
}

function errorOfImage(
  error: unknown,
  { url, maxImageBytes }: { readonly url: string; readonly maxImageBytes: number },
): unknown {
  if (!(error instanceof ScannerError)) return error;
  const { status } = error.details;
  if (error.code === 'feed.limit-exceeded')
    return new ScannerError('image.limit-exceeded', `${url} is larger than maxImageBytes ${maxImageBytes}`, {
      maxImageBytes,
    });
  if (typeof status === 'number' && status >= 400 && status < 500 && status !== 429)
    return new ScannerError('image.not-found', error.message, { status }, { cause: error });
  return error;
}
