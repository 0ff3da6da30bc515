import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';

/** What a publisher does with a request in place of answering it well; undefined answers it well. */
export type Misbehaviour =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'redirect' }
  /** The connection breaks off in the middle of the body. */
  | { readonly kind: 'cut' }
  /** A whole answer with only the first half of the content. */
  | { readonly kind: 'half' }
  | { readonly kind: 'content'; readonly content: Buffer }
  /** Never ends. */
  | { readonly kind: 'endless' };

/** A request as a test looks at it. */
export interface PublisherRequest {
  /** `<host>/<path>`, decoded. */
  readonly path: string;
  /** How often this path was asked for before. */
  readonly nth: number;
  readonly headers: IncomingMessage['headers'];
  /** What was answered. */
  status?: number;
}

/** A local server that stands for all publishers of one fixture folder. */
export interface Publisher extends AsyncDisposable {
  /** Base URL, under which it is a mirror too. */
  readonly url: string;
  /** `https://<host>/<path>` as the place on this server. */
  rewrite(url: URL): URL;
  /** Files by `<host>/<path>`; tests may change them. */
  readonly files: Map<string, Buffer>;
  readonly requests: PublisherRequest[];
  misbehave: ((request: PublisherRequest) => Misbehaviour | undefined) | undefined;
  /** Forgets the requests and behaves well again. */
  reset(): void;
}

/**
 * Starts a server that serves `<host>/<path>` of a fixture folder as the publisher does: with ETags, conditional and partial
 * requests, compressed where a compressed file is asked for, folders named `*.zip` or `*.tar` as archives, git repositories.
 * The convention is in docs/how-to/add-an-updater.md.
 *
 * @param scratch a directory for the git repositories.
 */
export async function startPublisher(folder: string, scratch: string): Promise<Publisher> {
  const files = readFixture(folder, scratch);
  const state: Pick<Publisher, 'requests' | 'misbehave'> = { requests: [], misbehave: undefined };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://local').pathname.slice(1)).replace(
      /\/$/,
      '/index.html',
    );
    const nth = state.requests.filter((earlier) => earlier.path === path).length;
    const seen: PublisherRequest = { path, nth, headers: request.headers };
    state.requests.push(seen);
    response.on('close', () => {
      seen.status = response.statusCode;
    });
    const misbehaviour = state.misbehave?.(seen);
    const content = find(files, path);
    if (misbehaviour && (content || misbehaviour.kind !== 'cut')) misbehave(misbehaviour, seen, content, response);
    else answer(request, content, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    rewrite: (target) =>
      new URL(target.host === new URL(url).host ? target : `${url}/${target.host}${target.pathname}${target.search}`),
    files,
    get requests() {
      return state.requests;
    },
    get misbehave() {
      return state.misbehave;
    },
    set misbehave(value) {
      state.misbehave = value;
    },
    reset() {
      state.requests.length = 0;
      state.misbehave = undefined;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The bytes of a path: as they lie there, or compressed as the path's ending says. */
function find(files: ReadonlyMap<string, Buffer>, path: string): Buffer | undefined {
  const stored = files.get(path);
  if (stored) return stored;
  const [, plain, ending] = /^(.*)\.(gz|zst|bz2|xz)$/.exec(path) ?? [];
  const content = plain === undefined ? undefined : files.get(plain);
  if (!content) return undefined;
  if (ending === 'gz') return gzipSync(content);
  // Node cannot write bzip2 and xz; compression is told by the content, so plain text under such a name is read as well.
  return ending === 'zst' ? zstdCompressSync(content) : content;
}

function answer({ headers }: IncomingMessage, content: Buffer | undefined, response: ServerResponse): void {
  if (!content) {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<html><body>Not Found</body></html>');
    return;
  }
  const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 16)}"`;
  if (headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  const start = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
  if (start !== undefined && headers['if-range'] === etag) {
    const rest = content.subarray(Number(start));
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(206, { etag, 'content-range': range, 'content-length': rest.length }).end(rest);
    return;
  }
  response.writeHead(200, { etag, 'content-length': content.length }).end(content);
}

function misbehave(
  what: Misbehaviour,
  { path }: PublisherRequest,
  content: Buffer | undefined,
  response: ServerResponse,
): void {
  const body = content ?? Buffer.alloc(0);
  const half = body.subarray(0, Math.ceil(body.length / 2));
  switch (what.kind) {
    case 'status':
      response.writeHead(what.status, what.headers).end('<html><body>Sorry</body></html>');
      return;
    case 'redirect': {
      const location = `https://${path.split('/').map(encodeURIComponent).join('/')}`.replace(/index\.html$/, '');
      response.writeHead(302, { location }).end();
      return;
    }
    case 'cut': {
      const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
      response.writeHead(200, { etag, 'content-length': body.length });
      response.write(half, () => response.destroy());
      return;
    }
    case 'half':
      response.writeHead(200, { 'content-length': half.length }).end(half);
      return;
    case 'content':
      response.writeHead(200, { 'content-length': what.content.length }).end(what.content);
      return;
    case 'endless': {
      const chunk = Buffer.alloc(16 << 10, ' ');
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    }
  }
}

function readFixture(folder: string, scratch: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  function walk(path: string): void {
    for (const name of readdirSync(path)) {
      const inner = join(path, name);
      const key = relative(folder, inner);
      if (!statSync(inner).isDirectory()) files.set(key, readFileSync(inner));
      else if (name.endsWith('.zip')) files.set(key, makeZip(inner));
      else if (name.endsWith('.tar')) files.set(key, makeTar(inner));
      else if (existsSync(join(inner, '.git-branch'))) {
        const repository = makeRepository(join(scratch, key), inner);
        for (const [file, bytes] of filesBelow(repository)) files.set(`${key}/${file}`, bytes);
      } else walk(inner);
    }
  }
  walk(folder);
  return files;
}

function filesBelow(folder: string): readonly (readonly [string, Buffer<ArrayBuffer>])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [relative(folder, file), readFileSync(file)] as const);
}

/** A ZIP archive of a folder's files, deflated. */
export function makeZip(folder: string): Buffer {
  const [locals, centrals]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, content] of filesBelow(folder).toSorted()) {
    const compressed = deflateRawSync(content);
    const named = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(compressed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(named.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    locals.push(Buffer.from('PK\x03\x04', 'latin1'), shared, named, compressed);
    centrals.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, place, named);
    offset += 4 + shared.length + named.length + compressed.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(locals.length / 4, 8);
  end.writeUInt16LE(locals.length / 4, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** A tar (ustar) of a folder's files. */
function makeTar(folder: string): Buffer {
  const blocks = filesBelow(folder)
    .toSorted()
    .flatMap(([name, content]) => {
      const header = Buffer.alloc(512);
      header.write(name, 0);
      header.write('0000644\0', 100, 'latin1');
      header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
      header.write('        0ustar\x0000', 148, 'latin1');
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, '0')}\0`, 148, 'latin1');
      return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
    });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A bare repository of one commit, as a plain file server has it. */
function makeRepository(repository: string, folder: string): string {
  const branch = readFileSync(join(folder, '.git-branch'), 'utf8').trim();
  mkdirSync(repository, { recursive: true });
  const git = (args: readonly string[], input?: Buffer) =>
    execFileSync('git', args, {
      input,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
    });
  git(['init', '--quiet', '--bare', `--initial-branch=${branch}`, repository]);
  const commit = [
    Buffer.from(
      `commit refs/heads/${branch}\ncommitter fixture <fixture@localhost> 1767225600 +0000\ndata 7\nfixture\n`,
    ),
  ];
  for (const [path, content] of filesBelow(folder)) {
    if (path === '.git-branch') continue;
    commit.push(Buffer.from(`M 100644 inline ${path}\ndata ${content.length}\n`), content, Buffer.from('\n'));
  }
  git(['-C', repository, 'fast-import', '--quiet'], Buffer.concat([...commit, Buffer.from('done\n')]));
  git(['-C', repository, 'update-server-info']);
  return repository;
}
