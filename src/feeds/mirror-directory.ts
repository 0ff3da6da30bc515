import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ScannerError } from '../model/errors.ts';
import { fileBody } from './document-body.ts';
import { readRevision, writeRevision } from './http-revision.ts';
import { readListing, refuseHtml } from './listing-page.ts';
import type { FeedHttp, HttpDocument, HttpGetOptions } from './updater.ts';

/**
 * Reads every `https://<host>/<path>` from `<directory>/<host>/<path>`. Nothing is copied: bodies are the mirror's own files.
 *
 * @param maxDocumentBytes upper bound of every document's limit.
 */
export function createMirrorDirectory(directory: string, maxDocumentBytes: number): FeedHttp {
  async function get(url: string, options: HttpGetOptions = {}): Promise<HttpDocument | undefined> {
    const file = mirrorPath(directory, url);
    const stats = await statOf(file, url);
    const held = readRevision(options.ifRevision);
    const stamp = `${stats.size}-${Math.trunc(stats.mtimeMs)}`;
    if (held?.file === stamp) return undefined;
    const maxBytes = Math.min(options.maxBytes ?? maxDocumentBytes, maxDocumentBytes);
    if (stats.size > maxBytes) {
      throw new ScannerError('feed.limit-exceeded', `${file} is larger than maxBytes ${maxBytes}`, { maxBytes });
    }
    const sha256 = await hashFile(file);
    if (held?.sha256 === sha256) return undefined;
    refuseHtml(await headOf(file), file);
    return {
      body: fileBody(file, {
        name: url,
        sizeBytes: stats.size,
        maxBytes,
        keepCompressed: options.compression === 'none',
        sha256: options.sha256,
      }),
      sha256,
      revision: writeRevision({ sha256, file: stamp }),
      headers: {},
    };
  }

  async function listing(url: string): Promise<readonly string[]> {
    const file = mirrorPath(directory, url);
    await statOf(file, url);
    return readListing(await readFile(file, 'utf8'), url);
  }

  return { get, listing };
}

/**
 * Looks whether a mirror can be one, before each source finds nothing in it; of one at a URL nothing is asked.
 * @throws ScannerError `feed.not-in-mirror` where there is no such directory, or no folder of a host in it; `feed.unreachable`.
 */
export async function checkMirror(mirror: string): Promise<void> {
  if (isMirrorUrl(mirror)) return;
  const entries = await readdir(mirror, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
      throw new ScannerError('feed.not-in-mirror', `the mirror ${mirror} is no directory`, { mirror });
    }
    const message = `the mirror ${mirror} cannot be read: ${error.message}`;
    throw new ScannerError('feed.unreachable', message, { mirror }, { cause: error });
  });
  if (entries.some((entry) => !entry.isFile() && /^[\w-]+(\.[\w-]+)+$/.test(entry.name))) return;
  const message = `${mirror} is no mirror: it holds no folder with the name of a host, such as nvd.nist.gov`;
  throw new ScannerError('feed.not-in-mirror', message, { mirror });
}

/** Whether a mirror is a web server; else it is a directory. */
export const isMirrorUrl = (mirror: string): boolean => /^https?:\/\//.test(mirror);

/**
 * Where a mirror keeps a URL: percent-decoded, `index.html` where it ends in `/`; a query is not part of it.
 * @throws ScannerError `feed.not-in-mirror` for a path that leaves the mirror.
 */
export function mirrorPath(directory: string, url: string): string {
  const { host, pathname } = new URL(url);
  const segments = pathname
    .slice(1)
    .split('/')
    .map((name) => decoded(name) ?? '..');
  if (segments.at(-1) === '') segments[segments.length - 1] = 'index.html';
  if (segments.some((name) => name === '..' || name === '.' || /[/\\\0]/.test(name))) throw notInMirror(url);
  return join(directory, host, ...segments);
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** What a mirror lacks is no failure of its source; `db status` names the gap. */
export function notInMirror(url: string): ScannerError {
  return new ScannerError('feed.not-in-mirror', `not in the mirror: ${url}`, { url });
}

async function statOf(file: string, url: string) {
  const stats = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new ScannerError('feed.unreachable', `${file} cannot be read: ${error.message}`, { url }, { cause: error });
  });
  if (!stats?.isFile()) throw notInMirror(url);
  return stats;
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function headOf(file: string): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
  return buffer.subarray(0, bytesRead);
}
