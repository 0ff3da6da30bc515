import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpClient, type DownloadOptions, type HttpClient, type HttpClientOptions } from './http.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, nth: number) => void;

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A server that answers by `answer`. @returns its URL and the requests that it saw. */
async function serve(answer: Answer): Promise<{ readonly url: string; readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** A client whose clock passes by sleeping only. */
function client(options: Partial<HttpClientOptions> = {}): { readonly client: HttpClient; readonly sleptMs: number[] } {
  const sleptMs: number[] = [];
  let nowMs = 0;
  const timing = {
    now: () => nowMs,
    random: () => 1,
    sleep: async (ms: number) => {
      sleptMs.push(ms);
      nowMs += ms;
    },
  };
  const made = createHttpClient({ userAgent: 'cvescan/1', failure: 'feed.unreachable', env: {}, timing, ...options });
  open.push(() => made.close());
  return { client: made, sleptMs };
}

/** Downloads into memory. */
async function download(from: HttpClient, url: string, options: Partial<DownloadOptions> = {}) {
  const body: Buffer[] = [];
  const sink = { write: (chunk: Buffer) => void body.push(chunk), restart: () => void body.splice(0) };
  const answer = await from.download(url, { sink, signal: new AbortController().signal, maxBytes: 1000, ...options });
  return { ...answer, text: Buffer.concat(body).toString() };
}

describe('download', () => {
  test('posts a question', async () => {
    const { url, seen } = await serve(async (request, response) => {
      const asked = await Array.fromAsync(request);
      response.end(`${request.method} ${Buffer.concat(asked as Buffer[])}`);
    });
    const answer = await download(client().client, url, { question: '{"a":1}' });
    expect(answer.text).toBe('POST {"a":1}');
    expect(seen[0]?.headers['content-type']).toBe('application/json');
  });

  test('says who asks, and gives the body with its headers', async () => {
    const { url, seen } = await serve((_, response) => response.writeHead(200, { 'X-Feed': 'a' }).end('body'));
    const answer = await download(client().client, `${url}/feed`, { headers: { accept: 'text/csv' } });
    expect(answer).toMatchObject({ status: 200, text: 'body', url: `${url}/feed`, headers: { 'x-feed': 'a' } });
    expect(seen[0]?.headers).toMatchObject({ 'user-agent': 'cvescan/1', accept: 'text/csv' });
  });

  test('backs off twice as long each time, and gives up', async () => {
    const { url, seen } = await serve((_, response) => response.writeHead(503).end());
    const { client: patient, sleptMs } = client({ maxAttempts: 4 });
    await expect(download(patient, url)).rejects.toMatchObject({ code: 'feed.unreachable', details: { status: 503 } });
    expect(sleptMs).toEqual([1000, 2000, 4000]);
    expect(seen).toHaveLength(4);
  });

  test('does not ask again for what is not there', async () => {
    const { url, seen } = await serve((_, response) => response.writeHead(404).end());
    await expect(download(client().client, url)).rejects.toMatchObject({ details: { status: 404 } });
    expect(seen).toHaveLength(1);
  });

  test('gives up at once when the server asks for an hour', async () => {
    const { url, seen } = await serve((_, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    await expect(download(client().client, url)).rejects.toMatchObject({ code: 'feed.unreachable' });
    expect(seen).toHaveLength(1);
  });

  test('a host that nobody answers for is unreachable', async () => {
    const { url } = await serve(() => {});
    await open.pop()?.();
    await expect(download(client({ maxAttempts: 2 }).client, url)).rejects.toMatchObject({ code: 'feed.unreachable' });
  });

  test('may be as large as maxBytes, and no larger', async () => {
    const { url } = await serve((_, response) => response.end('12345'));
    expect((await download(client().client, url, { maxBytes: 5 })).text).toBe('12345');
    await expect(download(client().client, url, { maxBytes: 4 })).rejects.toMatchObject({
      code: 'feed.limit-exceeded',
      details: { maxBytes: 4 },
    });
  });

  test('keeps its pace with one host', async () => {
    const { url } = await serve((_, response) => response.end());
    const { client: polite, sleptMs } = client();
    for (let nth = 0; nth < 3; nth++) await download(polite, `${url}/${nth}`, { paceMs: 6000 });
    expect(sleptMs).toEqual([6000, 6000]);
  });

  test('stops when it is told to', async () => {
    const { url } = await serve((_, response) => response.writeHead(200).write('never ends'));
    const stop = new AbortController();
    const sink = { write: () => stop.abort(new Error('stop')), restart: () => {} };
    await expect(download(client().client, url, { sink, signal: stop.signal })).rejects.toThrow('stop');
  });

  test('goes through the proxy of the environment, except where it says not to', async () => {
    const direct = await serve((_, response) => response.end('direct'));
    const proxy = await serve((_, response) => response.end('proxied'));
    const env = { http_proxy: proxy.url };
    expect((await download(client({ env }).client, 'http://feeds.invalid/a')).text).toBe('proxied');
    expect((await download(client({ env: { ...env, no_proxy: '127.0.0.1' } }).client, direct.url)).text).toBe('direct');
  });
});

describe('a connection that breaks off', () => {
  /** Sends `first` of a longer body, then breaks off. */
  const cut = (response: ServerResponse, first: string, headers: Record<string, string>) => {
    response.writeHead(200, { 'content-length': '10', ...headers });
    response.write(first, () => response.destroy());
  };

  test('is taken up where it was', async () => {
    const { url, seen } = await serve((_, response, nth) => {
      if (nth === 1) cut(response, '0123', { etag: '"a"' });
      else response.writeHead(206, { etag: '"a"', 'content-range': 'bytes 4-9/10' }).end('456789');
    });
    expect((await download(client().client, url)).text).toBe('0123456789');
    expect(seen[1]?.headers).toMatchObject({ range: 'bytes=4-', 'if-range': '"a"' });
  });

  test('begins again when the content changed meanwhile', async () => {
    const { url } = await serve((_, response, nth) => {
      if (nth === 1) cut(response, 'old ', { etag: '"a"' });
      else response.writeHead(200, { etag: '"b"' }).end('new content');
    });
    expect((await download(client().client, url)).text).toBe('new content');
  });

  test('begins again when the server cannot tell whether it changed', async () => {
    const { url, seen } = await serve((_, response, nth) => {
      if (nth === 1) cut(response, '0123', { etag: 'W/"weak"' });
      else response.end('0123456789');
    });
    expect((await download(client().client, url)).text).toBe('0123456789');
    expect(seen[1]?.headers.range).toBeUndefined();
  });

  test('begins again when the server sends another range than was asked for', async () => {
    const { url } = await serve((request, response, nth) => {
      if (nth === 1) cut(response, '0123', { etag: '"a"' });
      else if (request.headers.range) response.writeHead(206, { 'content-range': 'bytes 2-9/10' }).end('23456789');
      else response.end('0123456789');
    });
    expect((await download(client().client, url)).text).toBe('0123456789');
  });
});

describe('redirects', () => {
  const moved = (response: ServerResponse, location: string) => response.writeHead(302, { location }).end();

  test('are followed, and the answer says where to', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/current') moved(response, '/2026-01-30');
      else response.end('scores');
    });
    expect(await download(client().client, `${url}/current`)).toMatchObject({
      url: `${url}/2026-01-30`,
      text: 'scores',
    });
  });

  test('may be as many as maxRedirects, and no more', async () => {
    const { url } = await serve((request, response) => {
      const nth = Number(request.url?.slice(1));
      if (nth > 0) moved(response, `/${nth - 1}`);
      else response.end('end');
    });
    expect((await download(client({ maxRedirects: 3 }).client, `${url}/3`)).text).toBe('end');
    await expect(download(client({ maxRedirects: 3 }).client, `${url}/4`)).rejects.toThrow('redirects too often');
  });

  test('never lead from https to http, nor to a file', async () => {
    const { url } = await serve((request, response) =>
      moved(response, request.url === '/a' ? 'http://other.invalid/' : 'file:///etc/passwd'),
    );
    const rewrite = (target: URL) => new URL(target.pathname, url);
    for (const path of ['a', 'b']) {
      const asked = download(client({ rewrite }).client, `https://feeds.invalid/${path}`);
      await expect(asked).rejects.toThrow(/redirects to (http:\/\/other|file:)/);
    }
  });

  test('to another host do not carry the key along', async () => {
    const other = await serve((_, response) => response.end('other'));
    const { url } = await serve((_, response) => moved(response, other.url));
    await download(client().client, url, { headers: { apiKey: 'secret', 'if-none-match': '"a"' } });
    expect(other.seen[0]?.headers).not.toHaveProperty('apikey');
    expect(other.seen[0]?.headers['if-none-match']).toBe('"a"');
  });
});
