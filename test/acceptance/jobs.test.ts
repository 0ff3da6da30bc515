import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPointer } from '../../src/advisories/pointer.ts';
import { readReport } from '../../src/reports/read-report.ts';
import { readRunnerSettings } from '../../src/runner/runner-settings.ts';
import { startRunner } from '../../src/runner/start-runner.ts';
import { kernelMaterialOf } from '../../src/scan/kernel-material.ts';
import { scan } from '../../src/scan/scan.ts';
import type { ScanOptions } from '../../src/wire/jobs-v1/schemas.ts';
import { runCommandLine } from '../command-line.ts';
import { startJobsServer } from '../jobs-server.ts';
import { advisoryDatabase, sharedData } from './shared-data.ts';

/**
 * Real documents through the whole way: submitted to a server, leased by a runner that has fetched the server's snapshot, scanned in a
 * worker process, reported and read back. What comes back is what a scan of the same document beside it says.
 */

const data = sharedData();

describe.skipIf(!data)('a job of', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-jobs-acceptance-'));
  const un = data?.un ?? '';
  let server: Awaited<ReturnType<typeof startJobsServer>>;
  let [user, runner, database] = ['', '', ''];

  beforeAll(async () => {
    database = advisoryDatabase();
    server = await startJobsServer({ databaseDirectory: database, snapshotId: readPointer(database)!.id! });
    [user, runner] = [await server.tokenOf('create-scan'), await server.tokenOf('runner')];
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
    rmSync(join(database, 'archives'), { recursive: true, force: true });
  });

  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${user}`, 'content-type': 'application/json' };
    const response = await fetch(`${server.endpoint}/api/v1${path}`, { headers, ...init });
    expect(response.ok, `${path}: ${response.status}`).toBe(true);
    return response;
  };

  async function throughTheWay(name: string, document: Buffer, options: ScanOptions) {
    const sha256 = createHash('sha256').update(document).digest('hex');
    const target = { kind: 'sbom', encoding: 'gzip+base64', content: gzipSync(document).toString('base64'), sha256 };
    const accepted = await ask('/scans', { method: 'POST', body: JSON.stringify({ name, target, options }) });
    const { id } = (await accepted.json()) as { id: string };
    const env = {
      CVESCAN_RUNNER_ENDPOINT: server.endpoint,
      CVESCAN_RUNNER_TOKEN: runner,
      CVESCAN_RUNNER_N_WORKERS: '1',
      CVESCAN_RUNNER_POLLING_DELAY: '1',
    };
    const silent = () => {};
    await startRunner(readRunnerSettings({ commandLine: {}, section: {}, file: '', env }), {
      ...{
        databaseDirectory: join(directory, 'runner'),
        cacheDirectory: join(directory, 'cache'),
        datasources: { sources: {} },
      },
      ...{
        env: { PATH: process.env.PATH },
        log: { info: silent, warn: silent, error: silent },
        once: true,
        takeSignals: silent,
      },
    });
    const job = await server.queue.details(id);
    expect([job.state, job.error, job.attempts.length]).toEqual(['succeeded', undefined, 1]);
    return {
      id,
      counts: job.result!.counts!,
      report: await readReport(await (await ask(`/scans/${id}/report`)).text(), name),
    };
  }

  async function beside(document: Buffer, options: ScanOptions) {
    using report = await scan('sbom:-', {
      ...{ databaseDirectory: database, now: new Date(), allStatements: true, maxAgeMs: 7 * 86_400_000 },
      inventory: { stdin: Readable.from([document]) },
      ...(options.kernel && { kernel: { material: await kernelMaterialOf(options.kernel) } }),
    });
    return { ...report, vulnerabilities: [...report.vulnerabilities], findings: [...report.findings] };
  }

  const xz = (file: string): Buffer => execFileSync('xz', ['-dc', file], { maxBuffer: 1 << 30 });

  async function imageDocument(): Promise<Buffer> {
    const image = join(un, 'images/images/debian-bookworm-dbonly.oci-gzip.tar');
    const { stdout } = await runCommandLine(['packages', image, '-o', 'cyclonedx-json']);
    return Buffer.from(stdout);
  }

  function kernelDocument(): { readonly document: Buffer; readonly options: ScanOptions } {
    const config = xz(join(un, 'kernel/configs/debian-amd64-6.1.176.config.xz'));
    const component = {
      type: 'operating-system',
      name: 'linux',
      version: '6.1.100',
      cpe: 'cpe:2.3:o:linux:linux_kernel:6.1.100:*:*:*:*:*:*:*',
    };
    return {
      document: Buffer.from(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [component] })),
      options: {
        kernel: {
          ...{ arch: 'x86_64', release: '6.1.100' },
          config: {
            encoding: 'gzip+base64',
            content: gzipSync(config).toString('base64'),
            sha256: createHash('sha256').update(config).digest('hex'),
          },
        },
      },
    };
  }

  const cases: readonly [
    name: string,
    make: () => Promise<{ document: Buffer; options?: ScanOptions }>,
    least: number,
  ][] = [
    [
      'a Yocto build (SPDX 3)',
      async () => ({
        document: xz(join(un, 'kernel/inventories/yocto/core-image-minimal-qemux86-64.rootfs.spdx3.json.xz')),
      }),
      1,
    ],
    ['an image, as CycloneDX', async () => ({ document: await imageDocument() }), 1],
    ['10,000 packages', async () => ({ document: readFileSync(join(un, 'sbom/merged-10000.cdx.json')) }), 0],
    ['a kernel with its configuration', async () => kernelDocument(), 100],
  ];
  for (const [name, make, least] of cases) {
    test(`${name} reports what a scan beside it finds`, async () => {
      const { document, options = {} } = await make();
      const { report, counts, id } = await throughTheWay(name, document, options);
      const wanted = await beside(document, options);
      expect(report.target.name).toBe(name);
      expect(report.snapshot.id).toBe(wanted.snapshot.id);
      const told = ({ findings }: Pick<typeof wanted, 'findings'>) =>
        findings.map(({ fingerprint, status, severity, assessments = [] }) => [
          fingerprint,
          status,
          severity.word,
          assessments.map((it) => it.status),
        ]);
      expect(told({ findings: [...report.findings] })).toEqual(told(wanted));
      expect(report.ledger).toEqual(wanted.ledger);
      expect(report.problems.map(({ code }) => code)).toEqual(wanted.problems.map(({ code }) => code));
      expect(report.findings.length).toBeGreaterThanOrEqual(least);
      expect(counts.packages).toBe(wanted.packages.length);
      expect(counts.findings).toBe(report.findings.length);
      const sarif = (await (await ask(`/scans/${id}/report?format=sarif`)).json()) as { version: string };
      expect(sarif.version).toBe('2.1.0');
    });
  }
});
