import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEBIAN_12, dpkgStatus, layerTar } from '../posted-layers.ts';
import { type SpawnedServer, spawnServer } from '../spawn-server.ts';
import { tar } from '../tar.ts';

/** Attacks on one server, each of which it survives while it serves others: the last test looks back at all of them. */

const TIMEOUT_SECONDS = 3;
/** What somebody else waits for an answer meanwhile, on a machine that does other things too. */
const MAX_WAIT_MS = 5000;
const MAX_RSS_BYTES = 400 * 1024 ** 2;

const root = mkdtempSync(join(tmpdir(), 'cvescan-hostile-'));
const layers = join(root, 'layers');
let server: SpawnedServer;
let layerServer: { readonly port: number; readonly close: () => void };

beforeAll(async () => {
  mkdirSync(layers);
  writeFileSync(join(root, 'secret'), 'secret');
  symlinkSync(join(root, 'secret'), join(layers, 'link'));
  symlinkSync(root, join(layers, 'up'));
  spawnSync('mkfifo', [join(layers, 'fifo')]);
  writeFileSync(
    join(layers, 'good.tar'),
    layerTar({ 'etc/os-release': DEBIAN_12, 'var/lib/dpkg/status': dpkgStatus({ bash: '5' }) }),
  );
  // 200 MB of zeros in 200 kB.
  const bomb = tar({ path: 'var/lib/dpkg/status', body: Buffer.alloc(200 * 1024 ** 2) });
  writeFileSync(join(layers, 'bomb.tar.gz'), gzipSync(bomb));
  server = await spawnServer(
    root,
    { type: 'sqlite', file: join(root, 'state.sqlite') },
    {
      clair: {
        worker: { localpaths: [layers] },
        api: { addr: '127.0.0.1:0', healthaddr: '127.0.0.1:0', timeout: `${TIMEOUT_SECONDS}s` },
      },
    },
  );
  layerServer = await serveHostileLayers();
});

afterAll(async () => {
  layerServer.close();
  await server[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

/** Serves what no layer is. */
async function serveHostileLayers() {
  const http = createServer((request, response) => {
    const [, action = '', rest = ''] = (request.url ?? '').split('/');
    if (action === 'endless') {
      const chunk = Buffer.alloc(65_536, 'a');
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write);
      write();
    } else if (action === 'dripping') {
      const timer = setInterval(() => response.write('a'), 100);
      response.on('close', () => clearInterval(timer));
    } else if (action === 'loop') response.writeHead(302, { location: `/loop/${Number(rest) + 1}` }).end();
    else if (action === 'to') response.writeHead(307, { location: decodeURIComponent(rest) }).end();
    // Anything else is never answered.
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return {
    port,
    close() {
      http.closeAllConnections();
      http.close();
    },
  };
}

async function post(path: string, name = 'hostile'): Promise<{ readonly status: number; readonly message: string }> {
  const body = JSON.stringify({ Layer: { Name: name, Path: path, Format: 'Docker' } });
  const answer = await fetch(`${server.url}/v1/layers`, { method: 'POST', body });
  const { Error: error } = (await answer.json()) as { Error?: { Message: string } };
  return { status: answer.status, message: error?.Message ?? '' };
}

/** Asks as somebody else would, until it is told to stop. */
function startOthers() {
  const waitsMs: number[] = [];
  const statuses = new Set<number>();
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const startMs = performance.now();
      const answer = await fetch(`${server.url}/v1/namespaces`, { headers: { connection: 'close' } });
      await answer.text();
      statuses.add(answer.status);
      waitsMs.push(performance.now() - startMs);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return async () => {
    isOver = true;
    await asking;
    return { statuses: [...statuses], count: waitsMs.length, maxWaitMs: Math.max(...waitsMs) };
  };
}

async function whileOthersAsk(attack: () => Promise<unknown>): Promise<void> {
  const stop = startOthers();
  await attack();
  const { statuses, count, maxWaitMs } = await stop();
  expect(statuses).toEqual([200]);
  expect(count).toBeGreaterThan(0);
  expect(maxWaitMs).toBeLessThan(MAX_WAIT_MS);
}

describe('connections', () => {
  test('10,000 that never finish their headers keep nobody out', async () => {
    const sockets: Socket[] = [];
    let closedCount = 0;
    const open = async (): Promise<void> => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('close', () => closedCount++);
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    };
    await whileOthersAsk(async () => {
      for (let batch = 0; batch < 100; batch++) await Promise.all(Array.from({ length: 100 }, open));
    });
    expect(closedCount).toBeGreaterThan(5000);
    for (const socket of sockets) socket.destroy();
  });

  test('giant headers are refused, and the next request is served', async () => {
    for (const size of [20_000, 1_000_000]) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'a'.repeat(size)}\r\n\r\n`);
      const [answer] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => ['reset'])]);
      expect(String(answer)).toMatch(/^(HTTP\/1\.1 431|reset)/);
      socket.destroy();
    }
    expect((await fetch(`${server.url}/v1/namespaces`)).status).toBe(200);
  });

  test('a body without an end is not kept', async () => {
    await whileOthersAsk(async () => {
      const request = ask(`${server.url}/v1/layers`, { method: 'POST' });
      request.on('error', () => {});
      const answered = once(request, 'response');
      const chunk = Buffer.alloc(1 << 20, 'a');
      const timer = setInterval(() => request.write(chunk), 1);
      const [response] = await answered;
      response.resume();
      expect(response.statusCode).toBe(400);
      await once(response, 'close');
      clearInterval(timer);
      request.destroy();
    });
  });
});

describe('layers', () => {
  const from = (path: string) => `http://127.0.0.1:${layerServer.port}/${path}`;
  const to = (url: string) => from(`to/${encodeURIComponent(url)}`);

  test('redirects without an end are given up', async () => {
    expect(await post(from('loop/0'))).toEqual({ status: 400, message: 'could not find layer' });
  });

  test('requests to the services of this machine and its cloud are not made', async () => {
    const own = [server.url, server.healthUrl].map((url) => url.replace('127.0.0.1', 'localhost'));
    for (const target of [
      ...own,
      'http://169.254.169.254/latest/',
      'http://[::ffff:169.254.169.254]/',
      'http://0.0.0.0/',
    ]) {
      expect([target, await post(target)]).toEqual([target, { status: 400, message: 'could not find layer' }]);
      expect([target, await post(to(target))]).toEqual([target, { status: 400, message: 'could not find layer' }]);
    }
    expect(await post(to(`file://${layers}/good.tar`))).toEqual({ status: 400, message: 'could not find layer' });
  });

  test('FIFOs, symlinks and devices are not opened', async () => {
    for (const path of [
      join(layers, 'fifo'),
      join(layers, 'link'),
      join(layers, 'up/secret'),
      join(root, 'secret'),
      '/dev/zero',
    ]) {
      expect([path, await post(path)]).toEqual([path, { status: 400, message: 'could not find layer' }]);
    }
  });

  test('a bomb is not unpacked to its end', async () => {
    await whileOthersAsk(async () => expect(await post(join(layers, 'bomb.tar.gz'))).toMatchObject({ status: 422 }));
  });

  test('layers that never end, that drip and that never come are ended by the time-out; others are analysed meanwhile', async () => {
    await whileOthersAsk(async () => {
      const hostile = ['endless', 'dripping', 'silent'].flatMap((path) =>
        Array.from({ length: 8 }, (_, index) => post(from(path), `${path}-${index}`)),
      );
      expect(await post(join(layers, 'good.tar'), 'good')).toEqual({ status: 201, message: '' });
      for (const { status } of await Promise.all(hostile)) expect(status).toBe(503);
    });
  }, 30_000);
});

test('after all of it the server is well, small, and has told what happened', async () => {
  expect((await fetch(`${server.healthUrl}/health`)).status).toBe(200);
  const rssKb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]);
  expect(rssKb * 1024).toBeLessThan(MAX_RSS_BYTES);
  const { code, log } = await server.end('SIGTERM');
  expect(code).toBe(0);
  expect(log).toContain('"reason":"connection: idle closed"');
  expect(log).toContain('"reason":"headers too large"');
  for (const reason of [
    'redirects too often',
    'is a port of this server',
    'is a link-local address',
    'is no regular file',
    'lies below none of clair.worker.localpaths',
  ]) {
    expect(log).toContain(reason);
  }
  expect(log).not.toContain('"event":"bug"');
});
