import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ScannerError } from '../../../model/errors.ts';
import { MAX_REQUEST_BYTES } from '../../../wire/clair-v1/decode.ts';
import { createPageTokens } from '../../page-tokens.ts';
import { MAX_LAYER_NAME_CHARS } from './layers.ts';
import { describeV1 } from './openapi.ts';
import { MAX_PAGE_LIMIT } from './read-query.ts';
import { createV1Api, type V1Options, v1Routes } from './v1-api.ts';
import type { V1Parts } from './v1-route.ts';

const pageTokens = createPageTokens(Buffer.alloc(32, 1), () => 1_700_000_000_000);

interface Seen {
  readonly calls: unknown[][];
  readonly observed: unknown[][];
  readonly errors: unknown[];
}

/** The API over parts that answer as the test says, and remember what they were asked. */
function start(answers: Record<string, unknown> = {}, options: Partial<V1Options> = {}) {
  const seen: Seen = { calls: [], observed: [], errors: [] };
  const part = (name: string) =>
    new Proxy(
      {},
      {
        get:
          (_, method) =>
          async (...parameters: unknown[]) => {
            const key = `${name}.${String(method)}`;
            seen.calls.push([key, ...parameters]);
            const answer = answers[key];
            if (typeof answer === 'function') return answer(...parameters);
            return answer;
          },
      },
    );
  const parts = {
    layers: part('layers'),
    namespaces: part('namespaces'),
    vulnerabilities: part('vulnerabilities'),
    notifications: part('notifications'),
    openLayer: async () => {
      throw new ScannerError('layer.unreachable', 'no');
    },
    pageTokens,
    writeMetrics: async () => '# HELP\n',
  } as unknown as V1Parts;
  const api = createV1Api(parts, {
    timeoutMs: 10_000,
    authorize: async () => {},
    observe: (route, status) => seen.observed.push([route, status]),
    onError: (error) => seen.errors.push(error),
    ...options,
  });
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const request = new Request(`http://x${path}`, { method, headers, ...(body !== undefined && { body: text }) });
    const response = await api(request, { requestId: 'r1' });
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  return { call, seen };
}

const fail = (error: unknown) => () => {
  throw error;
};

describe('framing', () => {
  test('JSON comes in an envelope, with the name of the server', async () => {
    const { call, seen } = start({ 'namespaces.list': [] });
    const { status, headers, bytes } = await call('GET', '/v1/namespaces');
    expect([status, headers.get('content-type'), headers.get('server'), bytes.toString()]).toEqual([
      200,
      'application/json;charset=utf-8',
      'clair',
      '{"Namespaces":null}\n',
    ]);
    expect(seen.observed).toEqual([['v1/getNamespaces', 200]]);
  });

  test.each([
    ['GET', '/v1/nope', 404, '404 page not found\n'],
    ['GET', '/v10/namespaces', 404, '404 page not found\n'],
    ['GET', '/v1/layers/a%2Fb', 404, '404 page not found\n'],
    ['OPTIONS', '/v1/namespaces', 405, 'Method Not Allowed\n'],
    ['GET', '/v1/layers/%zz', 400, '400 Bad Request'],
    ['GET', '/v1/layers/a%00', 400, '400 Bad Request'],
  ])('%s %s is %d in plain text, and not counted', async (method, path, status, text) => {
    const { call, seen } = start();
    const answer = await call(method, path);
    expect([answer.status, answer.bytes.toString()]).toEqual([status, text]);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('server')).toBeNull();
    expect(seen.observed).toEqual([]);
  });

  test.each([
    [
      'GET',
      '/v1/namespaces/?x=1',
      301,
      '/v1/namespaces?x=1',
      '<a href="/v1/namespaces?x=1">Moved Permanently</a>.\n\n',
    ],
    ['POST', '/v1/layers/', 307, '/v1/layers', ''],
  ])('%s %s is redirected within /v1', async (method, path, status, location, text) => {
    const answer = await start().call(method, path);
    expect([answer.status, answer.headers.get('location'), answer.bytes.toString()]).toEqual([status, location, text]);
  });

  test('gzip, also of errors, when Accept-Encoding holds the word', async () => {
    const { call } = start({ 'layers.get': fail(new ScannerError('resource.not-found', 'x')) });
    const { status, headers, bytes } = await call('GET', '/v1/layers/a', undefined, { 'accept-encoding': 'gzip;q=0' });
    expect([status, headers.get('content-encoding')]).toEqual([404, 'gzip']);
    expect(gunzipSync(bytes).toString()).toBe('{"Error":{"Message":"the resource cannot be found"}}\n');
  });

  test('metrics are of the type that Clair says, without a charset', async () => {
    const { headers, bytes } = await start().call('GET', '/v1/metrics');
    expect([headers.get('content-type'), bytes.toString()]).toEqual(['text/plain; version=0.0.4', '# HELP\n']);
  });

  test('a DELETE that is done says nothing', async () => {
    const { status, headers, bytes } = await start().call('DELETE', '/v1/layers/deb%3Aa');
    expect([status, bytes.length, headers.get('server'), headers.get('content-type')]).toEqual([200, 0, null, null]);
  });

  test('a body at 1 MiB is read, one above is cut, however long it says it is', async () => {
    const around = '{"Layer":{"Name":""}}'.length;
    const body = (length: number) => `{"Layer":{"Name":"${'a'.repeat(length - around)}"}}`;
    const { call } = start();
    expect((await call('POST', '/v1/layers', body(MAX_REQUEST_BYTES))).bytes.toString()).toContain('a path');
    const above = await call('POST', '/v1/layers', body(MAX_REQUEST_BYTES + 1));
    expect([above.status, above.bytes.toString()]).toEqual([400, '{"Error":{"Message":"unexpected EOF"}}\n']);
  });

  test('after the time-out the answer is 503, and the work hears of it', async () => {
    let signal: AbortSignal | undefined;
    const never = (_layer: unknown, _open: unknown, given: AbortSignal) => {
      signal = given;
      return new Promise(() => {});
    };
    const { call, seen } = start({ 'layers.post': never }, { timeoutMs: 1 });
    const layer = { Name: 'a', Path: '/a', Format: 'Docker' };
    const { status, headers, bytes } = await call('POST', '/v1/layers', { Layer: layer });
    expect([status, headers.get('content-type')]).toEqual([503, 'application/json;charset=utf-8']);
    expect(bytes.toString()).toBe(
      '{"Error":{"Message":"Clair failed to respond within the configured timeout window.","Type":"Timeout"}}',
    );
    expect(signal?.aborted).toBe(true);
    expect(seen.observed).toEqual([['v1/postLayer', 503]]);
  });

  test('who may not ask is told so, as Clair tells errors', async () => {
    const authorize = fail(new ScannerError('token.invalid', 'a valid token is needed')) as () => Promise<void>;
    const { call } = start({}, { authorize: async () => authorize() });
    const { status, bytes } = await call('GET', '/v1/namespaces');
    expect([status, bytes.toString()]).toEqual([401, '{"Error":{"Message":"a valid token is needed"}}\n']);
  });
});

describe('errors', () => {
  test.each([
    ['layer.unknown-parent', 400, 'worker: parent layer is unknown, it must be processed first', null],
    ['layer.unreachable', 400, 'could not find layer', null],
    ['layer.unknown-format', 400, 'said by who threw it', null],
    ['layer.unsupported', 422, 'worker: OS and/or package manager are not supported', null],
    ['archive.damaged', 422, 'tarutil: could not extract the archive', null],
    ['image.limit-exceeded', 422, 'tarutil: could not extract one or more files from the archive: file too big', null],
    ['state.unavailable', 503, 'said by who threw it', '5'],
    ['server.busy', 503, 'said by who threw it', '5'],
  ] as const)('%s is %d: %s', async (code, status, message, retryAfter) => {
    const { call } = start({ 'layers.post': fail(new ScannerError(code, 'said by who threw it')) });
    const answer = await call('POST', '/v1/layers', { Layer: { Name: 'a', Path: '/a', Format: 'Docker' } });
    expect([answer.status, JSON.parse(answer.bytes.toString()).Error.Message]).toEqual([status, message]);
    expect(answer.headers.get('retry-after')).toBe(retryAfter);
  });

  test('a bug is 500 and says nothing of itself', async () => {
    const bug = new TypeError('secret');
    const { call, seen } = start({ 'namespaces.list': fail(bug) });
    const { status, bytes } = await call('GET', '/v1/namespaces');
    expect([status, bytes.toString()]).toEqual([500, '{"Error":{"Message":"internal error; the log says more"}}\n']);
    expect(seen.errors).toEqual([bug]);
  });

  test.each([
    ['/v1/namespaces/a/vulnerabilities?limit=1&page=x', 'v1/getNotification', 400],
    ['/v1/namespaces/a/vulnerabilities?limit=1', 'v1/getVulnerability', 404],
    ['/v1/namespaces/a/vulnerabilities', 'v1/getVulnerabilities', 400],
    ['/v1/notifications/a?limit=1', 'v1/deleteNotification', 404],
    ['/v1/notifications/a', 'v1/getNotification', 400],
  ])('%s fails and is counted as Clair counts it: %s', async (path, name, status) => {
    const notFound = fail(new ScannerError('resource.not-found', 'x'));
    const { call, seen } = start({ 'vulnerabilities.list': notFound, 'notifications.get': notFound });
    await call('GET', path);
    expect(seen.observed).toEqual([[name, status]]);
  });
});

describe('layers', () => {
  const layer = { Name: 'a', Path: 'http://h/l?X-Sig=1', ParentName: 'p', Format: 'docker' };

  test('a POST is echoed, without secrets', async () => {
    const { call, seen } = start({ 'layers.post': { indexedByVersion: 3 } });
    const headers = { authorization: 'Bearer s', 'X-B': 'b', Cookie: 'c', 'Proxy-Authorization': 'd' };
    const { status, bytes } = await call('POST', '/v1/layers', {
      Layer: { ...layer, Headers: headers, Features: [{}] },
    });
    expect([status, JSON.parse(bytes.toString())]).toEqual([
      201,
      {
        Layer: {
          ...layer,
          Headers: { Cookie: 'REDACTED', 'Proxy-Authorization': 'REDACTED', 'X-B': 'b', authorization: 'REDACTED' },
          IndexedByVersion: 3,
        },
      },
    ]);
    expect(seen.calls[0]?.slice(0, 2)).toEqual(['layers.post', { name: 'a', parentName: 'p', format: 'docker' }]);
  });

  test.each([
    [{}, 'failed to provide layer'],
    [{ Layer: { Path: 'a', Format: 'a' } }, 'could not process a layer which does not have a name'],
    [{ Layer: { Name: 'a', Format: 'a' } }, 'could not process a layer which does not have a path'],
    [{ Layer: { Name: 'a', Path: 'a' } }, 'could not process a layer which does not have a format'],
    [
      { Layer: { ...layer, Name: 'ä'.repeat(MAX_LAYER_NAME_CHARS + 1) } },
      'could not process a layer whose name is longer than 128 characters',
    ],
  ])('%j is refused: %s', async (body, message) => {
    const { status, bytes } = await start().call('POST', '/v1/layers', body);
    expect([status, JSON.parse(bytes.toString()).Error.Message]).toEqual([400, message]);
  });

  test('a name of 128 characters is taken, however many bytes they have', async () => {
    const { call } = start({ 'layers.post': { indexedByVersion: 3 } });
    const body = { Layer: { ...layer, Name: '😀'.repeat(MAX_LAYER_NAME_CHARS) } };
    expect((await call('POST', '/v1/layers', body)).status).toBe(201);
  });

  test('flags are true when they are there, whatever they say', async () => {
    const { call, seen } = start({ 'layers.get': { Name: 'a' } });
    await call('GET', '/v1/layers/deb%2Dbase?features=false&allLayers');
    expect(seen.calls).toEqual([
      ['layers.get', 'deb-base', { features: true, vulnerabilities: false, allLayers: true }],
    ]);
  });
});

describe('pages', () => {
  const list = (query: string) => `/v1/namespaces/debian%3A12/vulnerabilities?${query}`;

  test.each([
    [list(''), 'must provide limit query parameter'],
    [list('limit=abc'), 'invalid limit format: strconv.Atoi: parsing "abc": invalid syntax'],
    [list('limit='), 'invalid limit format: strconv.Atoi: parsing "": invalid syntax'],
    [list(`limit=${2n ** 63n}`), `invalid limit format: strconv.Atoi: parsing "${2n ** 63n}": value out of range`],
    [list('limit=-1'), 'limit value should not be less than zero'],
    [list('limit=1&page=garbage'), 'invalid page format: invalid or expired pagination token'],
    [
      list(`limit=1&page=${pageTokens.make({ OldVulnerability: 1, NewVulnerability: 2 })}`),
      'invalid page format: json: cannot unmarshal the token of another route',
    ],
    ['/v1/notifications/n?limit=-2', 'limit value should not be less than -1'],
    [
      `/v1/notifications/n?limit=1&page=${pageTokens.make(7)}`,
      'invalid page format: json: cannot unmarshal the token of another route',
    ],
  ])('%s is refused: %s', async (path, message) => {
    const { status, bytes } = await start().call('GET', path);
    expect([status, JSON.parse(bytes.toString()).Error.Message]).toEqual([400, message]);
  });

  test.each([
    ['limit=%2B2', 2],
    ['limit=3&limit=1', 3],
    [`limit=${MAX_PAGE_LIMIT}`, MAX_PAGE_LIMIT],
    [`limit=${MAX_PAGE_LIMIT + 1}`, MAX_PAGE_LIMIT],
  ])('%s counts as %d', async (query, limit) => {
    const { call, seen } = start({ 'vulnerabilities.list': { vulnerabilities: [] } });
    await call('GET', list(query));
    expect(seen.calls).toEqual([['vulnerabilities.list', 'debian:12', { limit }]]);
  });

  test('the next page is a token, which leads there', async () => {
    const { call, seen } = start({ 'vulnerabilities.list': { vulnerabilities: [], next: 2 ** 52 + 1 } });
    const { bytes } = await call('GET', list('limit=0'));
    const { Vulnerabilities, NextPage } = JSON.parse(bytes.toString());
    expect(Vulnerabilities).toBeNull();
    await call('GET', list(`limit=1&page=${NextPage}`));
    expect(seen.calls[1]).toEqual(['vulnerabilities.list', 'debian:12', { limit: 1, from: 2 ** 52 + 1 }]);
  });

  test('a notification shows its own page and the next', async () => {
    const answer = { notification: { Name: 'n' }, page: { old: 1, new: 2 }, next: { old: -1, new: 3 } };
    const { call, seen } = start({ 'notifications.get': answer });
    const first = JSON.parse((await call('GET', '/v1/notifications/n?limit=2')).bytes.toString()).Notification;
    expect(first).toMatchObject({ Name: 'n', Limit: 2 });
    expect(pageTokens.read(first.Page)).toEqual({ OldVulnerability: 1, NewVulnerability: 2 });
    const path = `/v1/notifications/n?limit=-1&page=${first.NextPage}`;
    const second = JSON.parse((await call('GET', path)).bytes.toString()).Notification;
    expect(second).toMatchObject({ Limit: -1, Page: first.NextPage });
    expect(seen.calls[1]).toEqual(['notifications.get', 'n', { limit: -1, from: { old: -1, new: 3 } }]);
  });
});

describe('vulnerabilities', () => {
  const path = '/v1/namespaces/debian%3A12/vulnerabilities';

  test("the body's namespace counts; without one, the URL's; the echo is the request", async () => {
    const { call, seen } = start();
    const answer = await call('POST', path, { Vulnerability: { Name: 'a', Severity: 'hIgH' } });
    expect([answer.status, answer.bytes.toString()]).toEqual([
      201,
      '{"Vulnerability":{"Name":"a","Severity":"hIgH"}}\n',
    ]);
    await call('POST', path, { Vulnerability: { Name: 'a', NamespaceName: '' } });
    await call('POST', path, { Vulnerability: { Name: 'a', NamespaceName: 'x:1' } });
    expect(seen.calls).toMatchObject([
      ['vulnerabilities.post', { NamespaceName: 'debian:12' }],
      ['vulnerabilities.post', { NamespaceName: 'debian:12' }],
      ['vulnerabilities.post', { NamespaceName: 'x:1' }],
    ]);
  });

  test.each([
    ['POST', '', {}, 'failed to provide vulnerability'],
    ['PUT', '/a', { Vulnerability: { FixedIn: [{ Name: 'b' }] } }, 'Vulnerability.FixedIn must be empty'],
    ['PUT', '/a/fixes/f', {}, 'failed to provide feature'],
    ['PUT', '/a/fixes/f', { Feature: { Name: 'g' } }, 'feature name in URL and JSON do not match'],
  ])('%s %s %j is refused: %s', async (method, below, body, message) => {
    const { status, bytes } = await start().call(method, path + below, body);
    expect([status, JSON.parse(bytes.toString()).Error.Message]).toEqual([400, message]);
  });

  test('a fix is put and deleted', async () => {
    const { call, seen } = start();
    const which = { namespace: 'debian:12', name: 'a' };
    const feature = { Name: 'f', Version: 'None' };
    const put = await call('PUT', `${path}/a/fixes/f`, { Feature: feature });
    expect([put.status, JSON.parse(put.bytes.toString())]).toEqual([200, { Feature: feature }]);
    expect((await call('DELETE', `${path}/a/fixes/f`)).status).toBe(200);
    expect(seen.calls).toEqual([
      ['vulnerabilities.putFix', which, feature],
      ['vulnerabilities.deleteFix', which, 'f'],
    ]);
  });
});

test('the description names every route, and every schema that it refers to', () => {
  const parts = { pageTokens } as V1Parts;
  const routes = v1Routes(parts);
  const description = describeV1(routes) as {
    paths: Record<string, Record<string, { operationId: string }>>;
    components: { schemas: Record<string, unknown> };
  };
  const operations = Object.values(description.paths).flatMap((path) => Object.values(path));
  expect(operations.map(({ operationId }) => `v1/${operationId}`).sort()).toEqual(
    routes.map(({ name }) => name).sort(),
  );
  expect(routes).toHaveLength(15);
  const refs = [...JSON.stringify(description).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name!);
  expect(refs.filter((name) => !(name in description.components.schemas))).toEqual([]);
});
