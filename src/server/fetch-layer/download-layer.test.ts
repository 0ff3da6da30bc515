import { once } from 'node:events';
import { existsSync, readdirSync, readSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../../test/certificates.ts';
import { createLayerDownloader, type DownloaderOptions } from './download-layer.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serveLayers(answer: Answer, tls?: { readonly key: string; readonly cert: string }) {
  const seen: IncomingMessage[] = [];
  const listen: Answer = (request, response) => {
    seen.push(request);
    answer(request, response);
  };
  const server = tls ? createHttpsServer(tls, listen) : createServer(listen);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, seen };
}

/** Names of tests that lead to this machine; an address again is what it is. */
const toLoopback = async () => [{ address: '127.0.0.1', family: 4 }];

function downloader(options: Partial<DownloaderOptions> = {}) {
  const it = createLayerDownloader({
    ...{ allowHosts: [], privateEndpoints: () => [], insecureTls: false, env: {}, resolve: toLoopback },
    timing: { now: Date.now, random: () => 0, sleep: async () => {} },
    ...options,
  });
  cleanUps.push(() => it[Symbol.asyncDispose]());
  return async (url: string, headers: Record<string, string> = {}, signal = new AbortController().signal) => {
    await using file = await it.download(url, headers, signal);
    const bytes = Buffer.alloc(file.sizeBytes);
    readSync(file.fd, bytes, 0, bytes.length, 0);
    return bytes.toString();
  };
}

const refusedFor = (reason: string) => ({ code: 'layer.unreachable', message: expect.stringContaining(reason) });

describe('a layer', () => {
  test('is fetched with the headers of the client, but for those of the connection', async () => {
    const { url, seen } = await serveLayers((_, response) => response.end('layer'));
    const headers = {
      Authorization: 'Bearer s',
      'X-A': 'a b',
      Host: 'other',
      Connection: 'close',
      'User-Agent': 'mine',
    };
    expect(await downloader()(url, headers)).toBe('layer');
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer s', 'x-a': 'a b', 'user-agent': 'mine' });
    expect(seen[0]?.headers.host).toMatch(/^127/);
    expect(seen[0]?.headers['accept-encoding']).toBe('gzip');
    await downloader()(url);
    expect(seen[1]?.headers['user-agent']).toMatch(/^cvescan\//);
  });

  test('of a URL with user and password is asked for with those', async () => {
    const { port, seen } = await serveLayers((_, response) => response.end('layer'));
    await downloader()(`http://us%40er:pa:ss@127.0.0.1:${port}/`);
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('us@er:pa:ss').toString('base64')}`);
  });

  test('loses the gzip of its Content-Encoding, not its own', async () => {
    const packed = gzipSync('layer');
    const { url } = await serveLayers((request, response) => {
      if (request.url === '/encoded') response.setHeader('content-encoding', 'gzip');
      response.end(packed);
    });
    expect(await downloader()(`${url}/encoded`)).toBe('layer');
    expect(await downloader()(`${url}/plain`)).toBe(packed.toString());
  });

  test('leaves no file behind, whether it came or not', async () => {
    const { url } = await serveLayers((request, response) => {
      if (request.url === '/broken') response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end('layer');
    });
    const before = ownTemporaryFiles();
    await downloader()(url);
    await expect(downloader()(`${url}/broken`)).rejects.toMatchObject({ code: 'archive.damaged' });
    expect(ownTemporaryFiles()).toEqual(before);
  });

  test('that is cut off goes on where it was', async () => {
    const { url, seen } = await serveLayers((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (from > 0)
        response.writeHead(206, { etag: '"a"', 'content-range': `bytes ${from}-4/5` }).end('layer'.slice(from));
      else {
        response.writeHead(200, { etag: '"a"', 'content-length': 5 }).write('lay');
        setImmediate(() => response.destroy());
      }
    });
    expect(await downloader()(url)).toBe('layer');
    expect(seen.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=3-']);
  });

  test('is taken from any 2xx, as Clair does', async () => {
    const { url } = await serveLayers((request, response) => {
      response.writeHead(Number(request.url?.slice(1))).end('layer');
    });
    for (const [status, body] of [
      [201, 'layer'],
      [203, 'layer'],
      [204, ''],
      [299, 'layer'],
    ] as const)
      expect(await downloader()(`${url}/${status}`)).toBe(body);
  });

  test('is asked for three times where its server is in trouble, once where it says no', async () => {
    const { url, seen } = await serveLayers((request, response) => {
      response.writeHead(Number(request.url?.slice(1))).end();
    });
    for (const [status, count] of [
      [503, 3],
      [500, 3],
      [404, 1],
      [401, 1],
      [403, 1],
    ]) {
      seen.splice(0);
      await expect(downloader()(`${url}/${status}`)).rejects.toMatchObject(refusedFor(`answered ${status}`));
      expect([status, seen.length]).toEqual([status, count]);
    }
    await expect(downloader()('http://127.0.0.1:1/')).rejects.toMatchObject(refusedFor('ECONNREFUSED'));
  });

  test('whose URL holds secrets is named without them, in messages and details', async () => {
    const { port } = await serveLayers((_, response) => response.writeHead(404).end());
    const error = await downloader()(`http://user:s3cret@127.0.0.1:${port}/l?X-Sig=s3cret`).catch((it) => it);
    expect(error.message).toContain(`http://127.0.0.1:${port}/l answered 404`);
    expect(JSON.stringify([error.message, error.details])).not.toContain('s3cret');
  });

  test.each(['http://[::1', 'http://', 'http://a b/'])('%s is no URL', async (url) => {
    await expect(downloader()(url)).rejects.toMatchObject({ code: 'layer.unreachable' });
  });

  test.each([{ 'X-A': 'a\r\nX-B: b' }, { 'X-A\n': 'a' }, { 'X A': 'a' }, { 'X-A': '\u{1f600}' }])(
    'with the headers %j is malformed',
    async (headers) => {
      await expect(downloader()('http://a.example/', headers)).rejects.toMatchObject({ code: 'request.malformed' });
    },
  );

  test('whose client is gone is not fetched on', async () => {
    const gone = new AbortController();
    const { url } = await serveLayers((_, response) => {
      response.write('a');
      gone.abort(new Error('gone'));
    });
    await expect(downloader()(url, {}, gone.signal)).rejects.toThrow('gone');
  });
});

describe('limits', () => {
  test('a layer of maxLayerBytes is taken, one byte more is not, also unpacked', async () => {
    const { url } = await serveLayers((request, response) => {
      const size = Number(/\d+/.exec(request.url ?? '')?.[0]);
      if (request.url?.includes('packed'))
        response.setHeader('content-encoding', 'gzip').end(gzipSync('a'.repeat(size)));
      else response.end('a'.repeat(size));
    });
    const get = downloader({ limits: { maxLayerBytes: 1000 } });
    expect(await get(`${url}/1000`)).toHaveLength(1000);
    expect(await get(`${url}/1000-packed`)).toHaveLength(1000);
    const tooLarge = { code: 'image.limit-exceeded', details: { maxLayerBytes: 1000 } };
    await expect(get(`${url}/1001`)).rejects.toMatchObject(tooLarge);
    await expect(get(`${url}/1001-packed`)).rejects.toMatchObject(tooLarge);
  });

  test('a layer that never ends is given up, by its size and by its time', async () => {
    const { url } = await serveLayers((request, response) => {
      const chunk = Buffer.alloc(request.url === '/fast' ? 65_536 : 1);
      const timer = setInterval(() => response.write(chunk), 1);
      response.on('close', () => clearInterval(timer));
    });
    const bySize = downloader({ limits: { maxLayerBytes: 1 << 20 } });
    await expect(bySize(`${url}/fast`)).rejects.toMatchObject({ code: 'image.limit-exceeded' });
    const byTime = downloader({ limits: { maxFetchMs: 50 } });
    await expect(byTime(`${url}/slow`)).rejects.toMatchObject(refusedFor('longer than maxFetchMs 50'));
  });

  test('a server that says nothing is given up', async () => {
    const { url, seen } = await serveLayers(() => {});
    await expect(downloader({ limits: { maxSilenceMs: 20 } })(url)).rejects.toMatchObject(refusedFor('Timeout'));
    expect(seen).toHaveLength(3);
  });

  test('redirects are followed as often as allowed, and no further', async () => {
    const { url } = await serveLayers((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('layer');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const get = downloader({ limits: { maxRedirects: 3 } });
    expect(await get(`${url}/3`)).toBe('layer');
    await expect(get(`${url}/4`)).rejects.toMatchObject(refusedFor('redirects too often'));
  });
});

describe('who may be spoken to', () => {
  test('the own ports and the database are not; the rest of loopback is', async () => {
    const { url, port, seen } = await serveLayers((_, response) => response.end('layer'));
    expect(await downloader()(url)).toBe('layer');
    const privateEndpoints = () => [{ port, what: 'a port of this server' }];
    for (const host of ['127.0.0.1', '127.1', '0x7f.1', '[::ffff:127.0.0.1]', 'localhost', 'name.example']) {
      const get = downloader({ privateEndpoints });
      await expect(get(`http://${host}:${port}/`)).rejects.toMatchObject(refusedFor('a port of this server'));
    }
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['http://169.254.169.254/latest/meta-data/', 'link-local'],
    ['http://[fd00:ec2::254]/', 'cloud metadata'],
    ['http://[::ffff:a9fe:a9fe]/', 'link-local'],
    ['http://2852039166/', 'link-local'],
    ['http://0/', 'unspecified'],
  ])('%s is not', async (url, what) => {
    await expect(downloader()(url)).rejects.toMatchObject(refusedFor(what));
  });

  test('a redirect leads no further than the first request may', async () => {
    const { url } = await serveLayers((request, response) => {
      response.writeHead(302, { location: decodeURIComponent(request.url!.slice(1)) }).end();
    });
    const to = (target: string) => `${url}/${encodeURIComponent(target)}`;
    const get = downloader();
    await expect(get(to('http://169.254.169.254/'))).rejects.toMatchObject(refusedFor('link-local'));
    await expect(get(to('file:///etc/passwd'))).rejects.toMatchObject(refusedFor('redirects to'));
    await expect(get(to('gopher://127.0.0.1/'))).rejects.toMatchObject(refusedFor('redirects to'));
    await expect(get(to('http://[::1'))).rejects.toMatchObject(refusedFor('no URL'));
    const choosy = downloader({ allowHosts: ['127.0.0.1'] });
    await expect(choosy(to('http://other.example/'))).rejects.toMatchObject(refusedFor('allowhosts'));
  });

  test("another origin does not get the client's headers", async () => {
    const other = await serveLayers((_, response) => response.end('layer'));
    const { url, seen } = await serveLayers((request, response) => {
      response.writeHead(307, { location: request.url === '/out' ? `${other.url}/l` : '/out' }).end();
    });
    expect(await downloader()(`${url}/`, { Authorization: 'Bearer s', 'X-A': 'a' })).toBe('layer');
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer s', 'Bearer s']);
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
    expect(other.seen[0]?.headers['x-a']).toBeUndefined();
  });

  test('a name that means something else the second time leads nowhere', async () => {
    const { port } = await serveLayers((_, response) => response.end('layer'));
    const answers = ['127.0.0.1', '169.254.169.254'];
    const resolve = async () => [{ address: answers.shift()!, family: 4 }];
    const get = downloader({ resolve });
    expect(await get(`http://rebinding.example:${port}/`)).toBe('layer');
    await expect(get(`http://rebinding.example:${port}/`)).rejects.toMatchObject(refusedFor('link-local'));
  });

  test('a name with one bad address among good ones is refused', async () => {
    const resolve = async () => ['127.0.0.1', '169.254.169.254'].map((address) => ({ address, family: 4 }));
    await expect(downloader({ resolve })('http://both.example/')).rejects.toMatchObject(refusedFor('link-local'));
  });

  test('behind a proxy names are looked at before it is asked, and loopback is not asked of it', async () => {
    const proxy = await serveLayers((request, response) => response.end(`proxied ${request.url}`));
    const resolve = async (name: string) => [
      { address: name.startsWith('bad') ? '169.254.169.254' : '192.0.2.1', family: 4 },
    ];
    const get = downloader({ env: { http_proxy: proxy.url }, resolve });
    expect(await get('http://good.example/l')).toBe('proxied http://good.example/l');
    await expect(get('http://bad.example/l')).rejects.toMatchObject(refusedFor('link-local'));
    const { url } = await serveLayers((_, response) => response.end('direct'));
    expect(await get(url)).toBe('direct');
    expect(proxy.seen).toHaveLength(1);
  });

  test('certificates are checked, unless told otherwise', async () => {
    const { url } = await serveLayers((_, response) => response.end('layer'), makeCertificate('127.0.0.1'));
    await expect(downloader()(url)).rejects.toMatchObject({ code: 'layer.unreachable' });
    expect(await downloader({ insecureTls: true })(url)).toBe('layer');
  });
});

function ownTemporaryFiles(): readonly string[] {
  return existsSync('/proc/self/fd') ? readdirSync(tmpdir()).filter((name) => name.startsWith('cvescan-layer-')) : [];
}
