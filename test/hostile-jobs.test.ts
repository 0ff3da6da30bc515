import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPointer } from '../src/advisories/pointer.ts';
import type { JobDetails } from '../src/jobs/job-details.ts';
import { readRunnerSettings } from '../src/runner/runner-settings.ts';
import { startRunner } from '../src/runner/start-runner.ts';
import { MAX_REPORT_BYTES, MAX_SBOM_BYTES } from '../src/wire/jobs-v1/schemas.ts';
import { advisory } from './fake-advisories.ts';
import { startJobsServer } from './jobs-server.ts';
import { makeSampleDatabase } from './sample-database.ts';

/** What people may submit, and runners may say, to do harm: the job fails with its reason, and everybody goes on. */

const directory = mkdtempSync(join(tmpdir(), 'cvescan-hostile-'));
const database = join(directory, 'database');

type Server = Awaited<ReturnType<typeof startJobsServer>>;
let server: Server;
let user = '';
let runner = '';

beforeAll(async () => {
  const records = [
    { kind: 'advisory' as const, ...advisory({ vulnerabilityId: 'CVE-2024-5535', fixed: '3.0.14-1~deb12u1' }) },
  ];
  await makeSampleDatabase(database, { debian: { namespaces: ['debian:12'], records } }, new Date());
  server = await startJobsServer({ databaseDirectory: database, snapshotId: readPointer(database)!.id! });
  [user, runner] = [await server.tokenOf('create-scan'), await server.tokenOf('runner')];
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const call = (
  token: string,
  method: string,
  path: string,
  body?: RequestInit['body'],
  headers: Record<string, string> = {},
) =>
  fetch(`${server.endpoint}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body !== undefined && { body }),
  });

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function submit(
  document: Uint8Array,
  more: { readonly sha256?: string; readonly format?: string; readonly packed?: Uint8Array } = {},
): Promise<string> {
  const { sha256 = digestOf(document), format, packed = gzipSync(document) } = more;
  const content = Buffer.from(packed).toString('base64');
  const target = { kind: 'sbom', encoding: 'gzip+base64', content, sha256, ...(format && { format }) };
  const response = await call(user, 'POST', '/scans', JSON.stringify({ name: 'hostile', target }), {
    'content-type': 'application/json',
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

/** A real runner with a real worker process, until the queue is empty. */
async function runOnce(): Promise<string[]> {
  const env = {
    CVESCAN_RUNNER_ENDPOINT: server.endpoint,
    CVESCAN_RUNNER_TOKEN: runner,
    CVESCAN_RUNNER_N_WORKERS: '1',
    CVESCAN_RUNNER_POLLING_DELAY: '1',
  };
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const end = await startRunner(readRunnerSettings({ commandLine: {}, section: {}, file: '', env }), {
    ...{
      databaseDirectory: join(directory, 'runner'),
      cacheDirectory: join(directory, 'cache'),
      datasources: { sources: {} },
    },
    ...{
      env: { PATH: process.env.PATH },
      log: { info: log, warn: log, error: log },
      once: true,
      takeSignals: () => {},
    },
  });
  expect(end).toBe('drained');
  return lines;
}

describe('documents', () => {
  const good = Buffer.from(
    JSON.stringify({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6' },
      components: [
        {
          type: 'library',
          name: 'libssl3',
          version: '3.0.11-1~deb12u2',
          purl: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?distro=debian-12&upstream=openssl',
        },
      ],
    }),
  );
  const deep = Buffer.from(`{"bomFormat":"CycloneDX","components":${'['.repeat(100_000)}`);
  const bad: readonly [shows: string, code: string, document: Buffer, more?: Parameters<typeof submit>[1]][] = [
    ['with a wrong hash', 'document.digest-mismatch', good, { sha256: 'a'.repeat(64) }],
    ['of an unknown format', 'document.unknown-format', Buffer.from('{"hello":"world"}')],
    ['that are not what they say', 'document.malformed', good, { format: 'spdx-tag-value' }],
    ['that are no document at all', 'document.unknown-format', Buffer.alloc(1000, 0xff)],
    ['that are cut', 'document.malformed', good.subarray(0, 40)],
    ['nested without end', 'document.limit-exceeded', deep],
    ['above the limit', 'document.limit-exceeded', Buffer.alloc(MAX_SBOM_BYTES + 1, ' ')],
    ['that are a bomb', 'document.limit-exceeded', Buffer.alloc(80 << 20)],
    ['that are a bomb in a bomb', 'document.limit-exceeded', gzipSync(Buffer.alloc(80 << 20))],
    ['that are not packed', 'document.malformed', good, { packed: good }],
  ];

  test('that are hopeless fail with their reason, once; the runner goes on', async () => {
    const ids = new Map<string, string>();
    for (const [shows, , document, more] of bad) ids.set(await submit(document, more), shows);
    const last = await submit(good);
    await runOnce();
    const told = new Map<string, JobDetails>();
    for (const [id, shows] of ids) told.set(shows, await server.queue.details(id));
    const seen = [...told].map(([shows, { state, error, attempts }]) => [
      shows,
      state,
      error?.code,
      error?.retryable,
      attempts.length,
    ]);
    expect(seen).toEqual(bad.map(([shows, code]) => [shows, 'failed', code, false, 1]));
    for (const { error } of told.values()) expect(error?.message).toMatch(/\w+ \w+/);
    expect(await server.queue.details(last)).toMatchObject({
      state: 'succeeded',
      result: { counts: { open_unknown: 1 } },
    });
  }, 120_000);

  test('above the limit are not even taken as multipart', async () => {
    const body = new FormData();
    body.set('scan', '{"name":"large"}');
    body.set('sbom', new Blob([Buffer.alloc(MAX_SBOM_BYTES + 1)]));
    expect((await call(user, 'POST', '/scans', body)).status).toBe(413);
  }, 30_000);
});

describe('a runner', () => {
  async function lease(): Promise<{ readonly id: string; readonly token: string }> {
    const id = await submit(Buffer.from('{}'));
    const body = JSON.stringify({ request_id: randomBytes(8).toString('hex'), types: ['scan'] });
    const response = await call(runner, 'POST', '/jobs/lease', body, { 'content-type': 'application/json' });
    const { job, lease: given } = (await response.json()) as { job: { id: string }; lease: { token: string } };
    expect(job.id).toBe(id);
    return { id, token: given.token };
  }

  test('may deliver no result of 100 MB', async () => {
    const { id, token } = await lease();
    const body = `{"lease_token":"${token}","status":"failed","error":{"code":"x","message":"${'x'.repeat(100 << 20)}"}}`;
    // The server answers before it has read all, and closes.
    const answer = await call(runner, 'POST', `/jobs/${id}/result`, body, { 'content-type': 'application/json' }).catch(
      () => undefined,
    );
    if (answer) expect(answer.status).toBe(413);
    expect((await server.queue.details(id)).state).toBe('running');
    await server.queue.cancel(id);
  }, 30_000);

  test('may deliver no report above its limit, and none that is no gzip', async () => {
    const { id, token } = await lease();
    const put = (body: Uint8Array<ArrayBuffer>) =>
      call(runner, 'PUT', `/jobs/${id}/report`, body, { 'lease-token': token });
    const packed = new Uint8Array(gzipSync(Buffer.alloc(MAX_REPORT_BYTES + 1), { level: 0 }));
    const answer = await put(packed).catch(() => undefined);
    if (answer) expect(answer.status).toBe(413);
    expect((await put(new Uint8Array(Buffer.from('no gzip')))).status).toBe(422);
    expect(await server.state.db.selectFrom('job_report_chunk').selectAll().where('job_id', '=', id).execute()).toEqual(
      [],
    );
    await server.queue.cancel(id);
  }, 120_000);

  test('that speaks nonsense is refused, whatever it says', async () => {
    const { id, token } = await lease();
    const json = { 'content-type': 'application/json' };
    const nonsense: readonly [
      path: string,
      body: string | Uint8Array<ArrayBuffer>,
      headers?: Record<string, string>,
    ][] = [
      ['/jobs/lease', new Uint8Array(randomBytes(5000)), json],
      ['/jobs/lease', '[]', json],
      ['/jobs/lease', '{"request_id":"x","types":["rm -rf"]}', json],
      ['/jobs/lease', '{"request_id":"x","types":["scan"],"wait_seconds":-1}', json],
      ['/jobs/lease', 'request_id=x', { 'content-type': 'application/x-www-form-urlencoded' }],
      [`/jobs/${id}/renew`, '{"lease_token":"../../etc"}', json],
      [`/jobs/${id}/renew`, `{"lease_token":"${'0'.repeat(32)}"}`, json],
      [`/jobs/${id}/progress`, `{"lease_token":"${token}","done":-1,"total":1e99,"stage":"x"}`, json],
      [`/jobs/${id}/progress`, `{"lease_token":"${token}","done":1,"total":1,"stage":"${'x'.repeat(65)}"}`, json],
      [`/jobs/${id}/result`, `{"lease_token":"${token}","status":"perhaps"}`, json],
      [
        `/jobs/${id}/result`,
        `{"lease_token":"${token}","status":"succeeded","report_sha256":"${'a'.repeat(64)}"}`,
        json,
      ],
      [`/jobs/${id}/result`, `{"lease_token":"${token}","status":"succeeded","counts":{"findings":-1}}`, json],
      ['/jobs/%00/result', `{"lease_token":"${token}","status":"succeeded"}`, json],
      [`/jobs/${'x'.repeat(5000)}/result`, `{"lease_token":"${token}","status":"succeeded"}`, json],
    ];
    for (const [path, body, headers] of nonsense) {
      const { status } = await call(runner, 'POST', path, body, headers);
      expect([path, status], String(body).slice(0, 80)).toEqual([
        path,
        expect.toSatisfy((it: number) => it >= 400 && it < 500),
      ]);
    }
    expect((await server.queue.details(id)).state).toBe('running');
    const result = { lease_token: token, status: 'failed', error: { code: 'x', message: 'done', retryable: false } };
    expect((await call(runner, 'POST', `/jobs/${id}/result`, JSON.stringify(result), json)).status).toBe(200);
  });
});
