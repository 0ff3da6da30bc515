import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { ScannerError } from '../model/errors.ts';
import type { DownloadSink, HttpAnswer, HttpClient } from '../platform/http.ts';
import { type BodyOptions, fileBody, memoryBody } from './document-body.ts';
import { readRevision, writeRevision } from './http-revision.ts';
import { readListing, refuseHtml } from './listing-page.ts';
import { notInMirror } from './mirror-directory.ts';
import type { DocumentBody, FeedHttp, HttpDocument, HttpGetOptions } from './updater.ts';

/** A listing page is a page for people: no more than this of it is read. */
const MAX_LISTING_BYTES = 16 << 20;

/** Bodies up to this size stay in memory. */
const MAX_MEMORY_BYTES = 1 << 20;

/** A wrong hash may be a feed that is being published at this moment: so often it is fetched anew. */
const MAX_HASH_ATTEMPTS = 2;

/** What reading over the network needs. */
export interface FeedHttpOptions {
  readonly client: HttpClient;
  /** A private directory that outlives the bodies. */
  readonly spoolDirectory: string;
  readonly signal: AbortSignal;
  /** Base URL of a mirror; `https://<host>/<path>` is asked for as `<mirror>/<host>/<path>`. */
  readonly mirror?: string | undefined;
  /** Upper bound of every document's limit. */
  readonly maxDocumentBytes: number;
}

/** Feeds over the network, from their publishers or from a mirror that is a web server. */
export function createFeedHttp(options: FeedHttpOptions): FeedHttp {
  const { client, spoolDirectory, signal, mirror, maxDocumentBytes } = options;
  let spoolCount = 0;
  const limitOf = ({ maxBytes = maxDocumentBytes }: HttpGetOptions) => Math.min(maxBytes, maxDocumentBytes);

  async function download(url: string, sink: DownloadSink, options: HttpGetOptions): Promise<HttpAnswer> {
    const held = readRevision(options.ifRevision);
    const headers = {
      ...options.headers,
      ...(!/\.(gz|bz2|xz|zst|zip)$/.test(new URL(url).pathname) && { 'accept-encoding': 'gzip' }),
      ...(held?.etag && { 'if-none-match': held.etag }),
      ...(held?.lastModified && { 'if-modified-since': held.lastModified }),
    };
    const { paceMs = 0 } = options;
    const maxBytes = limitOf(options);
    const source = mirror === undefined ? url : mirrorUrl(mirror, url);
    try {
      return await client.download(source, { sink, headers, maxBytes, paceMs, signal });
    } catch (error) {
      const isMissing = error instanceof ScannerError && [404, 410].includes(Number(error.details.status));
      throw mirror !== undefined && isMissing ? notInMirror(url) : error;
    }
  }

  async function get(url: string, options: HttpGetOptions = {}): Promise<HttpDocument | undefined> {
    for (let attempt = 1; ; attempt++) {
      await using spool = new Spool(join(spoolDirectory, `body-${++spoolCount}`));
      const { status, headers } = await download(url, spool, options);
      if (status === 304) return undefined;
      const sha256 = await spool.finish();
      if (sha256 === readRevision(options.ifRevision)?.sha256) return undefined;
      refuseHtml(spool.head, url);
      const body = spool.body({
        name: url,
        sizeBytes: spool.sizeBytes,
        maxBytes: limitOf(options),
        keepCompressed: options.compression === 'none',
        sha256: options.sha256,
      });
      if (options.sha256 !== undefined && attempt < MAX_HASH_ATTEMPTS && !(await isWhole(body))) continue;
      const revision = writeRevision({ sha256, etag: headers.etag, lastModified: headers['last-modified'] });
      return { body, sha256, revision, headers };
    }
  }

  async function listing(url: string): Promise<readonly string[]> {
    await using spool = new Spool(join(spoolDirectory, `body-${++spoolCount}`));
    await download(url, spool, { maxBytes: MAX_LISTING_BYTES });
    await spool.finish();
    const known = { name: url, sizeBytes: spool.sizeBytes, maxBytes: MAX_LISTING_BYTES, keepCompressed: false };
    return readListing(await spool.body(known).text(), url);
  }

  return { get, listing };
}

function mirrorUrl(mirror: string, url: string): string {
  const { host, pathname, search } = new URL(url);
  return `${mirror.replace(/\/+$/, '')}/${host}${pathname}${search}`;
}

/** Reads a body to its end, where its hash is compared; the last attempt is left to whoever parses it. */
async function isWhole(body: DocumentBody): Promise<boolean> {
  try {
    for await (const _chunk of body.stream());
    return true;
  } catch (error) {
    if (error instanceof ScannerError && error.code === 'feed.malformed') return false;
    throw error;
  }
}

/** Takes a body: in memory while it is small, then in a file. Its hash is that of the bytes as they came. */
class Spool implements DownloadSink, AsyncDisposable {
  sizeBytes = 0;
  private readonly file: string;
  private hash = createHash('sha256');
  private chunks: Buffer[] = [];
  private handle: FileHandle | undefined;

  constructor(file: string) {
    this.file = file;
  }

  /** The first bytes. */
  head: Buffer = Buffer.alloc(0);

  async write(chunk: Buffer): Promise<void> {
    if (this.head.length < 512) this.head = Buffer.concat([this.head, chunk.subarray(0, 512 - this.head.length)]);
    this.hash.update(chunk);
    this.sizeBytes += chunk.length;
    this.chunks.push(chunk);
    if (this.handle || this.sizeBytes > MAX_MEMORY_BYTES) await this.spill();
  }

  async restart(): Promise<void> {
    await this.handle?.truncate(0);
    this.hash = createHash('sha256');
    this.chunks = [];
    this.sizeBytes = 0;
    this.head = Buffer.alloc(0);
  }

  /** @returns the hash, in hex. */
  async finish(): Promise<string> {
    await this[Symbol.asyncDispose]();
    return this.hash.digest('hex');
  }

  body(options: BodyOptions): DocumentBody {
    if (this.chunks.length > 0 || this.sizeBytes === 0) return memoryBody(Buffer.concat(this.chunks), options);
    return fileBody(this.file, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  /** Appends what is in memory to the file, which only we may read. */
  private async spill(): Promise<void> {
    this.handle ??= await open(this.file, 'ax', 0o600);
    const bytes = Buffer.concat(this.chunks);
    this.chunks = [];
    await this.handle.appendFile(bytes);
  }
}
