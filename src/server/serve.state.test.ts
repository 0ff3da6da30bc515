import { request } from 'node:http';
import { expect, test } from 'vitest';
import { startTestServer } from '../../test/start-server.ts';
import { describeState } from '../state/state.contract.ts';
import { createPageTokens } from './page-tokens.ts';
import { statePaginationKey } from './pagination-key.ts';

describeState('a server', ({ database, open, dialect }) => {
  const get = async (url: string, init?: RequestInit) => {
    const response = await fetch(url, init);
    return { status: response.status, text: await response.text(), headers: response.headers };
  };

  test('answers on both ports, and stops', async () => {
    const server = await startTestServer(await database());
    const { url, healthUrl } = server;
    expect((await get(`${healthUrl}/health`)).headers.get('content-length')).toBe('0');
    expect(await get(`${healthUrl}/readyz`)).toMatchObject({
      status: 200,
      text: '{"running":"ok","database":"ok","snapshot":"ok"}',
    });
    expect((await get(`${healthUrl}/livez`)).status).toBe(200);
    expect((await get(`${healthUrl}/version`)).text).toMatch(/^\{"version":"[\d.]+"\}$/);
    expect((await get(`${healthUrl}/`)).text).toBe('404 page not found\n');
    expect((await get(`${healthUrl}/health`, { method: 'POST' })).status).toBe(405);
    expect((await get(`${url}/`)).status).toBe(404);
    expect((await get(`${url}/api/v1/jobs`)).status).toBe(401);
    expect((await get(`${url}/api/v1/nope`)).text).toContain('resource.not-found');
    expect(JSON.parse((await get(`${url}/api/v1/openapi.json`)).text)).toMatchObject({ openapi: '3.1.0' });
    expect(JSON.parse((await get(`${url}/v1/openapi.json`)).text)).toMatchObject({ openapi: '3.1.0' });
    await server.stop();
    await expect(fetch(url)).rejects.toThrow();
    await expect(fetch(healthUrl)).rejects.toThrow();
    expect(server.log.at(-1)).toMatchObject({ level: 'info', event: 'stopped' });
  });

  test("metrics are Clair's on the API's port, and ours too on the other", async () => {
    await using server = await startTestServer(await database());
    await get(`${server.url}/v1/layers/a`);
    await get(`${server.url}/v1/metrics`);
    const { text, headers } = await get(`${server.url}/v1/metrics`);
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const types = [...text.matchAll(/^# TYPE (clair_\S+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(types.sort()).toEqual([
      'clair_api_response_duration_milliseconds histogram',
      'clair_notifier_backend_errors_total counter',
      'clair_notifier_latency_milliseconds histogram',
      'clair_updater_duration_seconds gauge',
      'clair_updater_errors_total counter',
      'clair_updater_notes_total gauge',
    ]);
    const count = (route: string, code: string) =>
      `clair_api_response_duration_milliseconds_count{route="${route}",code="${code}"}`;
    expect(text).toContain(`${count('v1/getMetrics', '???')} 1`);
    expect(text).toMatch(/_count\{route="v1\/getLayer",code="\d+"\} 1/);
    const buckets = [...text.matchAll(/milliseconds_bucket\{le="([^"]+)",route="v1\/getMetrics"/g)].map(([, le]) => le);
    expect(buckets).toEqual(['9.375', '18.75', '37.5', '75', '150', '300', '600', '1200', '2400', '4800', '+Inf']);
    expect(text).not.toContain('cvescan_');
    const all = (await get(`${server.healthUrl}/metrics`)).text;
    expect(all).toContain('clair_updater_errors_total 0');
    expect(all).toContain('# TYPE cvescan_refusals_total counter');
    expect(all).toMatch(/^cvescan_layer_cache_bytes \d+$/m);
  });

  test('requests are logged with an id; queries, headers and the password of the database are not', async () => {
    const options = await database();
    await using server = await startTestServer(options);
    await get(`${server.url}/v1/notifications/n?limit=1&page=s3cret`, { headers: { authorization: 'Bearer s3cret' } });
    const line = server.log.find(({ event }) => event === 'request');
    expect(line).toMatchObject({
      level: 'info',
      listener: 'api',
      method: 'GET',
      path: '/v1/notifications/n',
      remote: '127.0.0.1',
      request_id: expect.stringMatching(/^[0-9a-f]{12}-\w+$/),
    });
    expect(JSON.stringify(server.log)).not.toContain('s3cret');
  });

  test('/v1 asks for a token where it is told to', async () => {
    await using server = await startTestServer(await database(), { clair: { api: { v1_auth: 'token' } } });
    expect(await get(`${server.url}/v1/namespaces`)).toMatchObject({
      status: 401,
      text: '{"Error":{"Message":"a valid token is needed"}}\n',
    });
  });

  test('the key of page tokens is made once for all instances', async () => {
    const state = await open();
    const [first, second] = await Promise.all([statePaginationKey(state), statePaginationKey(state)]);
    expect(first).toEqual(second);
    const token = createPageTokens(first, Date.now).make(7);
    expect(createPageTokens(await statePaginationKey(state), Date.now).read(token)).toBe(7);
  });

  test.runIf(dialect === 'sqlite')('a page of a stranger, whose name leads here, gets nothing', async () => {
    await using server = await startTestServer(await database());
    const statusFor = (host: string) =>
      new Promise((resolve) => {
        request(`${server.url}/v1/namespaces`, { headers: { host } }, ({ statusCode }) => resolve(statusCode)).end();
      });
    expect(await statusFor('evil.example')).toBe(421);
    expect(await statusFor('localhost:6060')).not.toBe(421);
    expect(await statusFor('[::1]')).not.toBe(421);
  });

  test.runIf(dialect === 'sqlite')('a second server on one file is refused, and leaves nothing behind', async () => {
    const options = await database();
    await using _ = await startTestServer(options);
    await expect(startTestServer(options)).rejects.toMatchObject({ code: 'state.in-use' });
  });

  test('what is open to others is said when it starts', async () => {
    await using server = await startTestServer(await database(), { clair: { api: { addr: '0.0.0.0:0' } } });
    const warnings = server.log.filter(({ level }) => level === 'warn').map(({ event }) => String(event));
    expect(warnings).toEqual([
      expect.stringContaining('without TLS'),
      expect.stringContaining('/v1 asks for no token'),
    ]);
  });
});
