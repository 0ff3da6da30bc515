import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTestServer } from '../../test/start-server.ts';
import { describeState } from '../state/state.contract.ts';
import type { StateOptions } from '../state/state.ts';

vi.setConfig({ testTimeout: 60_000 });

const MIRROR = join(import.meta.dirname, '..', '..', 'examples', 'mirror');

describeState('a server that updates and notifies', ({ database }) => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cvescan-serve-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const start = (options: StateOptions, interval: string, clair: Record<string, object> = {}) =>
    startTestServer(options, {
      clair: { updater: { interval, enabledupdaters: ['alpine'] }, ...clair },
      options: {
        databaseDirectory: join(root, 'db'),
        cacheDirectory: root,
        datasources: { mirror: MIRROR, sources: {} },
      },
    });

  test('reads the feeds, serves them, and is ready; the next one finds them', async () => {
    const options = await database();
    {
      await using server = await start(options, '1h');
      const isReady = async () => (await fetch(`${server.healthUrl}/readyz`)).status;
      await expect.poll(isReady, { timeout: 45_000 }).toBe(200);
      const metrics = await (await fetch(`${server.healthUrl}/metrics`)).text();
      expect(metrics).toContain('cvescan_snapshot_sequence 1');
      expect(metrics).toMatch(/cvescan_feed_last_success_timestamp_seconds\{source="alpine"\} \d+/);
      expect(metrics).toContain('cvescan_notifications_waiting 0');
    }
    await using server = await start(options, '0');
    const { Namespaces } = (await (await fetch(`${server.url}/v1/namespaces`)).json()) as {
      Namespaces: { Name: string }[];
    };
    if (options.type === 'sqlite') expect(Namespaces.map(({ Name }) => Name).join()).toContain('alpine:');
  });

  test('tells the webhook of what a user changes within a second, until it is read', async () => {
    const got: { body: string; atMs: number }[] = [];
    const receiver = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      got.push({ body, atMs: performance.now() });
      response.writeHead(202).end();
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    try {
      await using server = await start(await database(), '0', { notifier: { http: { endpoint } } });
      const vulnerability = {
        ...{ Name: 'OWN-1', NamespaceName: 'debian:12', Severity: 'High' },
        FixedIn: [{ Name: 'zlib', NamespaceName: 'debian:12', VersionFormat: 'dpkg', Version: '1.3' }],
      };
      const postedMs = performance.now();
      const posted = await fetch(`${server.url}/v1/namespaces/debian:12/vulnerabilities`, {
        method: 'POST',
        body: JSON.stringify({ Vulnerability: vulnerability }),
      });
      expect(posted.status).toBe(201);
      await expect.poll(() => got.length, { timeout: 5000 }).toBe(1);
      expect(got[0]!.atMs - postedMs).toBeLessThan(2000);
      expect(got[0]!.body).toMatch(/^\{"Notification":\{"Name":"[0-9a-f-]{36}"\}\}$/);
      const { Name } = (JSON.parse(got[0]!.body) as { Notification: { Name: string } }).Notification;
      const url = `${server.url}/v1/notifications/${Name}`;
      const { Notification } = (await (await fetch(`${url}?limit=10`)).json()) as {
        Notification: Record<string, unknown>;
      };
      expect(Notification).toMatchObject({
        Name,
        Limit: 10,
        Notified: expect.any(String),
        New: { Vulnerability: vulnerability },
      });
      expect((await fetch(url, { method: 'DELETE' })).status).toBe(200);
      const metrics = await (await fetch(`${server.url}/v1/metrics`)).text();
      expect(metrics).toContain('clair_notifier_latency_milliseconds_count 1');
    } finally {
      receiver.close();
    }
  });
});
