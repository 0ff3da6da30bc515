import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPointer } from '../src/advisories/pointer.ts';
import { readRunnerSettings } from '../src/runner/runner-settings.ts';
import { type RunnerWorld, startRunner } from '../src/runner/start-runner.ts';
import type { Bearer } from '../src/server/usecases/tokens.ts';
import type { JobTarget, ScanOptions } from '../src/wire/jobs-v1/schemas.ts';
import { makeCertificate } from './certificates.ts';
import { advisory } from './fake-advisories.ts';
import { archiveOf, dockerSave } from './images.ts';
import { startJobsServer } from './jobs-server.ts';
import { makeSampleDatabase } from './sample-database.ts';
import { tar } from './tar.ts';

/** Jobs of each kind, by a real runner with its worker processes, against a server over HTTPS that asks for the client's certificate. */

const directory = mkdtempSync(join(tmpdir(), 'cvescan-runner-jobs-'));
const database = join(directory, 'server-database');
const submitter: Bearer = { id: 'u', name: 'u', permission: 'create-scan' };
const [authority, stranger] = [makeCertificate('authority'), makeCertificate('stranger')];
const [own, client, other] = [
  makeCertificate('127.0.0.1', authority),
  makeCertificate('runner', authority),
  makeCertificate('runner', stranger),
];

type Server = Awaited<ReturnType<typeof startJobsServer>>;
let server: Server;
let token = '';

beforeAll(async () => {
  const records = [
    { kind: 'advisory' as const, ...advisory({ vulnerabilityId: 'CVE-2024-5535', fixed: '3.0.14-1~deb12u1' }) },
  ];
  await makeSampleDatabase(database, { debian: { namespaces: ['debian:12'], records } }, new Date());
  const tls = { ...own, ca: authority.cert };
  server = await startJobsServer({ databaseDirectory: database, snapshotId: readPointer(database)!.id!, tls });
  token = await server.tokenOf('runner');
  const pem = {
    'ca.pem': authority.cert,
    'cert.pem': client.cert,
    'key.pem': client.key,
    'other.pem': other.cert,
    'other-key.pem': other.key,
  };
  for (const [name, text] of Object.entries(pem)) writeFileSync(join(directory, name), text);
  mkdirSync(join(directory, 'images'));
  const status =
    'Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 3.0.11-1~deb12u2\n';
  const layer = tar(
    { path: 'var/lib/dpkg/status', body: status },
    { path: 'etc/os-release', body: 'ID=debian\nVERSION_ID=12\n' },
  );
  const image = archiveOf(dockerSave([{ layers: [{ tar: layer }], names: ['shop:1'] }]));
  for (const name of ['images/shop.tar', 'shop.tar']) writeFileSync(join(directory, name), image);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const bom = (components: readonly object[] = []): Buffer =>
  Buffer.from(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));

async function submit(target: JobTarget | Buffer, options: ScanOptions = {}): Promise<string> {
  const scan = { name: 'shop', priority: 0, timeoutMs: 600_000 };
  if (!Buffer.isBuffer(target))
    return (await server.scans.submit({ ...scan, work: { name: 'shop', target, options } }, submitter)).id;
  const sha256 = createHash('sha256').update(target).digest('hex');
  const work = { name: 'shop', target: { kind: 'sbom', sha256 }, options };
  return (await server.scans.submit({ ...scan, work, payload: { bytes: gzipSync(target), sha256 } }, submitter)).id;
}

async function runOnce(
  more: Readonly<Record<string, string>> = {},
  takeSignals: RunnerWorld['takeSignals'] = () => {},
): Promise<readonly string[]> {
  const env = {
    ...{
      CVESCAN_RUNNER_ENDPOINT: server.endpoint,
      CVESCAN_RUNNER_TOKEN: token,
      CVESCAN_RUNNER_N_WORKERS: '1',
      CVESCAN_RUNNER_POLLING_DELAY: '1',
    },
    ...{ CVESCAN_RUNNER_CAFILE: join(directory, 'ca.pem'), CVESCAN_RUNNER_LOCALPATHS: join(directory, 'images') },
    ...{ CVESCAN_RUNNER_CERTFILE: join(directory, 'cert.pem'), CVESCAN_RUNNER_KEYFILE: join(directory, 'key.pem') },
    CVESCAN_RUNNER_HEARTBEAT: join(directory, 'beat'),
    ...more,
  };
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  await startRunner(readRunnerSettings({ commandLine: {}, section: {}, file: '', env }), {
    ...{
      databaseDirectory: join(directory, 'runner'),
      cacheDirectory: join(directory, 'cache'),
      datasources: { sources: {} },
    },
    ...{
      env: { PATH: process.env.PATH },
      log: { info: say, warn: say, error: say },
      once: true,
      takeSignals,
    },
  });
  return lines;
}

describe('a runner does', () => {
  test('images that it may read, updates of its own, and scans by the snapshot that is asked for', async () => {
    const allowed = await submit({ kind: 'image', path: join(directory, 'images/shop.tar') });
    const forbidden = await submit({ kind: 'image', path: join(directory, 'shop.tar') });
    const served = await submit(bom(), { min_snapshot_sequence: 1 });
    const future = await submit(bom(), { min_snapshot_sequence: 2 });
    // Runners that were seen lately are told to update; this one asks for the first time below.
    await server.queue.lease({ runner: await runnerId(), requestId: 'seen', types: ['update'] });
    await server.state.write((tx) =>
      server.queue.submit(tx, {
        id: 'update',
        type: 'update',
        work: { options: { datasources: [], accept_shrink: false } },
        submitter: 'a',
      }),
    );
    const lines = await runOnce();
    expect(await server.queue.details(allowed)).toMatchObject({
      state: 'succeeded',
      result: { counts: { packages: 1, open_unknown: 1 } },
    });
    expect(await server.queue.details(forbidden)).toMatchObject({
      state: 'failed',
      error: { code: 'image.not-found', retryable: false },
    });
    expect(await server.queue.details(served)).toMatchObject({ state: 'succeeded' });
    // Another snapshot may come: it is tried again later.
    expect(await server.queue.details(future)).toMatchObject({
      state: 'pending',
      error: { code: 'database.stale', retryable: true },
    });
    expect(await server.queue.details('update')).toMatchObject({ state: 'succeeded' });
    expect(lines).toContainEqual(expect.stringMatching(/^job update: snapshot 1, [0-9a-f]{12}, as before$/));
    expect(existsSync(join(directory, 'beat'))).toBe(true);
    await server.queue.cancel(future);
  }, 60_000);

  test('the next job after one that took all memory', async () => {
    const components = Array.from({ length: 150_000 }, (_, index) => ({
      type: 'library',
      name: `package-${index}`,
      version: '1.0.0',
      purl: `pkg:npm/package-${index}@1.0.0`,
    }));
    const large = await submit(bom(components));
    const small = await submit(bom());
    await runOnce({ CVESCAN_RUNNER_WORKER_MEMORY_MIB: '110' });
    expect(await server.queue.details(large)).toMatchObject({
      state: 'failed',
      error: { code: 'worker.out-of-memory', retryable: false },
      attempts: [{ ending: 'failed' }],
    });
    expect(await server.queue.details(small)).toMatchObject({ state: 'succeeded' });
  }, 60_000);

  test('nothing for a server that does not know its certificate', async () => {
    const job = await submit(bom());
    const env = {
      CVESCAN_RUNNER_CERTFILE: join(directory, 'other.pem'),
      CVESCAN_RUNNER_KEYFILE: join(directory, 'other-key.pem'),
      // One is busy with the update.
      CVESCAN_RUNNER_N_WORKERS: '2',
    };
    let stop: (signal: 'SIGTERM') => void = () => {};
    const running = runOnce(env, (listener) => {
      stop = listener;
    });
    setTimeout(() => stop('SIGTERM'), 3000);
    expect((await running).some((line) => line.startsWith('cannot ask for work since '))).toBe(true);
    expect((await server.queue.details(job)).state).toBe('pending');
  }, 30_000);
});

async function runnerId(): Promise<string> {
  const row = await server.state.db
    .selectFrom('token')
    .select('id')
    .where('permission', '=', 'runner')
    .executeTakeFirstOrThrow();
  return row.id;
}
