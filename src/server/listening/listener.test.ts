import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type ClientRequest, get, request } from 'node:http';
import { get as getSecurely } from 'node:https';
import { BlockList, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Counter, Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../../test/certificates.ts';
import { createLog } from '../log.ts';
import { isOwnHost } from './host-check.ts';
import { Listener, type ListenerOptions } from './listener.ts';
import { Refusals } from './refusals.ts';
import { readProxyList } from './request-origin.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(options: Partial<ListenerOptions> = {}) {
  const log: Record<string, unknown>[] = [];
  const counter = new Counter({
    name: 'refusals',
    help: 'refused',
    labelNames: ['reason'],
    registers: [new Registry()],
  });
  const logger = createLog('debug', { write: (line) => void log.push(JSON.parse(line)) });
  const listener = await Listener.open({
    name: 'api',
    address: { host: '127.0.0.1', port: 0 },
    handle: async (asked) => new Response(await asked.text()),
    log: logger,
    refusals: new Refusals(logger, counter),
    trustedProxies: new BlockList(),
    ...options,
  });
  let closed: Promise<void> | undefined;
  const close = (graceMs = 0) => (closed ??= listener.close(graceMs));
  cleanUps.push(close);
  const refusals = async () =>
    Object.fromEntries((await counter.get()).values.map(({ labels, value }) => [labels.reason, value]));
  return { listener, url: listener.url, port: listener.port, log, refusals, close };
}

/** A connection, and all that comes back on it until it is closed. */
function open(port: number, said = '') {
  const socket = connect(port, '127.0.0.1');
  cleanUps.push(() => socket.destroy());
  const answer = text(socket).catch(() => 'reset');
  socket.on('error', () => {});
  if (said !== '') socket.write(said);
  return { socket, answer };
}

const statusOf = (url: string, headers = {}): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get(url, { headers, agent: new Agent() }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });

describe('limits', () => {
  test('headers at maxHeaderBytes are read, above it is 431', async () => {
    const { url, refusals } = await start({ limits: { maxHeaderBytes: 2048 } });
    expect(await statusOf(url, { 'x-a': 'a'.repeat(1500) })).toBe(200);
    expect(await statusOf(url, { 'x-a': 'a'.repeat(2048) })).toBe(431);
    expect(await refusals()).toEqual({ 'headers too large': 1 });
  });

  test('whose headers do not come in time is told so, and the connection ends', async () => {
    const { port, refusals } = await start({ limits: { maxHeaderWaitMs: 50 } });
    const { answer } = open(port, 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(await refusals()).toEqual({ 'request too slow': 1 });
  });

  test('whose body does not come in time is told so', async () => {
    const { port } = await start({ limits: { maxHeaderWaitMs: 50, maxRequestReceiveMs: 100 } });
    const { answer } = open(port, 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na');
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('what is no HTTP is told so', async () => {
    const { port, log, refusals } = await start();
    expect(await open(port, 'nonsense\r\n\r\n').answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(await refusals()).toEqual({ 'malformed request': 1 });
    expect(log).toMatchObject([{ level: 'warn', reason: 'malformed request', event: 'client refused' }]);
  });

  test('at maxConnections all are kept; for one more the one that is idle longest goes', async () => {
    const { port, url, refusals } = await start({ limits: { maxConnections: 3 } });
    const silent = [open(port), open(port), open(port)];
    await Promise.all(silent.map(({ socket }) => once(socket, 'connect')));
    expect(silent.map(({ socket }) => socket.closed)).toEqual([false, false, false]);
    expect(await statusOf(url)).toBe(200);
    expect(await silent[0]!.answer).toBe('');
    expect(silent.slice(1).map(({ socket }) => socket.closed)).toEqual([false, false]);
    expect(await refusals()).toEqual({ 'connection: idle closed': 1 });
  });

  test('while all are busy the new one is closed', async () => {
    const release = Promise.withResolvers<Response>();
    const asked = Promise.withResolvers<void>();
    const handle = () => {
      asked.resolve();
      return release.promise;
    };
    const { port, url, refusals } = await start({ limits: { maxConnections: 1 }, handle });
    const busy = open(port, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await asked.promise;
    await expect(statusOf(url)).rejects.toThrow();
    release.resolve(new Response('done'));
    expect(await busy.answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(await refusals()).toEqual({ 'connection: new closed': 1 });
  });

  test('a flood of refusals is counted, and hardly logged', async () => {
    const { port, log, refusals } = await start();
    await Promise.all(Array.from({ length: 50 }, () => open(port, 'nonsense\r\n\r\n').answer));
    expect(await refusals()).toEqual({ 'malformed request': 50 });
    expect(log.length).toBeLessThan(10);
  });
});

describe('a stop', () => {
  test('lets running requests end, takes no new ones, and closes what is idle', async () => {
    const release = Promise.withResolvers<Response>();
    const asked = Promise.withResolvers<void>();
    const handle = () => {
      asked.resolve();
      return release.promise;
    };
    const { port, url, close } = await start({ handle });
    const idle = open(port);
    await once(idle.socket, 'connect');
    const busy = open(port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await asked.promise;
    const closed = close(60_000);
    await expect(statusOf(url)).rejects.toThrow();
    release.resolve(new Response('done'));
    await closed;
    expect(await busy.answer).toMatch(/Connection: close.*done$/is);
    expect(await idle.answer).toBe('');
  });

  test('ends what has not ended when its time is over', async () => {
    const asked = Promise.withResolvers<void>();
    const handle = () => {
      asked.resolve();
      return new Promise<Response>(() => {});
    };
    const { port, close, log } = await start({ handle });
    const busy = open(port, 'GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await asked.promise;
    await close(20);
    expect(await busy.answer).not.toContain('HTTP');
    expect(log.at(-1)).toMatchObject({ event: 'request', path: '/stuck', status: 'aborted' });
  });
});

describe('TLS', () => {
  const authority = makeCertificate('authority.example');
  const client = makeCertificate('client.example', authority);
  const stranger = makeCertificate('client.example', makeCertificate('authority.example'));

  function files() {
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-tls-'));
    cleanUps.push(() => rmSync(directory, { recursive: true }));
    const [certFile, keyFile, caFile] = ['cert', 'key', 'ca'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    const write = ({ cert, key }: { cert: string; key: string }) => {
      writeFileSync(certFile, cert);
      writeFileSync(keyFile, key);
    };
    write(makeCertificate('127.0.0.1', authority));
    writeFileSync(caFile, authority.cert);
    return { certFile, keyFile, caFile, write };
  }

  const ask = (url: string, options: object): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      getSecurely(url, { ca: authority.cert, agent: false, ...options }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });

  test('answers as without', async () => {
    const { certFile, keyFile } = files();
    const { url } = await start({ tls: { certFile, keyFile } });
    expect(url).toMatch(/^https:/);
    expect(await ask(url, {})).toBe(200);
  });

  test.each([
    ['TLSv1.1', false],
    ['TLSv1.2', true],
    ['TLSv1.3', true],
  ] as const)('%s: %s', async (version, isTaken) => {
    const { certFile, keyFile } = files();
    const { port } = await start({ tls: { certFile, keyFile } });
    const options: ConnectionOptions = { ca: authority.cert, minVersion: version, maxVersion: version };
    // Old versions are switched off in OpenSSL's own defaults too.
    const socket = connectTls({ port, host: '127.0.0.1', ciphers: 'DEFAULT@SECLEVEL=0', ...options });
    cleanUps.push(() => socket.destroy());
    const outcome = await Promise.race([
      once(socket, 'secureConnect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    expect(outcome).toBe(isTaken);
  });

  test('with a file of authorities only their clients are let in', async () => {
    const { certFile, keyFile, caFile } = files();
    const { url, refusals } = await start({ tls: { certFile, keyFile, caFile } });
    expect(await ask(url, { cert: client.cert, key: client.key })).toBe(200);
    await expect(ask(url, {})).rejects.toThrow();
    await expect(ask(url, { cert: stranger.cert, key: stranger.key })).rejects.toThrow();
    expect(await refusals()).toEqual({ 'tls handshake': 2 });
  });

  test('certificates are read again when told, and stay when they cannot be', async () => {
    const { certFile, keyFile, write } = files();
    const { listener, url } = await start({ tls: { certFile, keyFile } });
    const renewed = makeCertificate('127.0.0.1');
    await expect(ask(url, { ca: renewed.cert })).rejects.toThrow();
    write(renewed);
    listener.reloadTls();
    expect(await ask(url, { ca: renewed.cert })).toBe(200);
    writeFileSync(keyFile, client.key);
    expect(() => listener.reloadTls()).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    rmSync(keyFile);
    expect(() => listener.reloadTls()).toThrow('it does not exist (ENOENT)');
    expect(await ask(url, { ca: renewed.cert })).toBe(200);
  });

  test('a key of another certificate keeps it from starting', async () => {
    const { certFile, keyFile } = files();
    writeFileSync(keyFile, client.key);
    await expect(start({ tls: { certFile, keyFile } })).rejects.toMatchObject({ code: 'config.invalid' });
  });

  test('connections are counted once, though TLS shows them as two sockets', async () => {
    const { certFile, keyFile } = files();
    const { port, url, refusals } = await start({ tls: { certFile, keyFile }, limits: { maxConnections: 2 } });
    const silent = connectTls({ port, host: '127.0.0.1', ca: authority.cert });
    cleanUps.push(() => silent.destroy());
    await once(silent, 'secureConnect');
    expect(await ask(url, {})).toBe(200);
    expect(await refusals()).toEqual({});
  });
});

describe('who asks', () => {
  test('is who the trusted proxy says, with the id that it gave; nobody else is believed', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.9, 192.0.2.1, 127.0.0.9', 'x-request-id': 'a1', host: 'clair' };
    const trusting = await start({ trustedProxies: readProxyList(['127.0.0.0/8']) });
    expect(await statusOf(trusting.url, headers)).toBe(200);
    expect(trusting.log).toMatchObject([{ remote: '192.0.2.1', request_id: 'a1' }]);
    const distrusting = await start();
    expect(await statusOf(distrusting.url, { ...headers, host: 'localhost' })).toBe(200);
    expect(distrusting.log).toMatchObject([{ remote: '127.0.0.1' }]);
    expect(distrusting.log[0]?.request_id).not.toBe('a1');
  });

  test.each([['10.0.0.0/33'], ['proxy.example'], ['10.0.0.0/x'], ['']])('%j is no proxy', (entry) => {
    expect(() => readProxyList([entry])).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });

  test.each([
    ['127.0.0.1:6060', '127.0.0.1', true],
    ['localhost', '127.0.0.1', true],
    ['LOCALHOST:80', '::1', true],
    ['[::1]:6060', '127.0.0.1', true],
    ['127.9.9.9', 'localhost', true],
    ['evil.example', '127.0.0.1', false],
    ['localhost.evil.example', '127.0.0.1', false],
    ['192.0.2.1', '127.0.0.1', false],
    ['evil.example', '0.0.0.0', true],
    ['evil.example', undefined, true],
    [undefined, '127.0.0.1', true],
  ])('Host %s on a listener of %s: %s', (header, listening, isOwn) => {
    expect(isOwnHost(header, listening)).toBe(isOwn);
  });
});

test('a bug is 500, and in the log with its stack', async () => {
  const { url, log } = await start({
    handle: () => {
      throw new TypeError('bug');
    },
  });
  expect(await statusOf(url)).toBe(500);
  expect(log[0]).toMatchObject({ level: 'error', event: 'bug', err: { type: 'TypeError', message: 'bug' } });
});

test('where nothing can listen is said', async () => {
  const { port } = await start();
  await expect(start({ address: { host: '127.0.0.1', port } })).rejects.toMatchObject({
    code: 'config.invalid',
    message: expect.stringContaining(`cannot listen at 127.0.0.1:${port}`),
  });
});

test('a body that is not read does not keep the next request from its answer', async () => {
  const { url } = await start({ handle: () => new Response('unread') });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  cleanUps.push(() => agent.destroy());
  for (const _ of [1, 2]) {
    const asked: ClientRequest = request(url, { method: 'POST', agent });
    asked.end('a'.repeat(100_000));
    const [response] = await once(asked, 'response');
    expect(await text(response)).toBe('unread');
  }
});
