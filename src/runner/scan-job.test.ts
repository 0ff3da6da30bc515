import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { advisory } from '../../test/fake-advisories.ts';
import { makeSampleDatabase } from '../../test/sample-database.ts';
import { readReport } from '../reports/read-report.ts';
import type { ScanOptions } from '../wire/jobs-v1/schemas.ts';
import { type ScanJobOptions, type ScanWork, scanJob } from './scan-job.ts';

const directory = mkdtempSync(join(tmpdir(), 'cvescan-scan-job-'));
const now = new Date('2026-08-01T00:00:00Z');

beforeAll(async () => {
  const found = advisory({ vulnerabilityId: 'CVE-2024-5535', fixed: '3.0.14-1~deb12u1' });
  const cleared = advisory({ vulnerabilityId: 'CVE-2021-4160', status: 'not_affected', affected: [] });
  const many = Array.from({ length: 300 }, (_, index) => `CVE-2023-${10_000 + index}`);
  const flaws = many.map((vulnerabilityId) => advisory({ vulnerabilityId, packageName: 'large', fixed: '2' }));
  const told = many.map((id) => ({
    kind: 'vulnerability' as const,
    id,
    description: `A long text on ${id}. `.repeat(100),
  }));
  await makeSampleDatabase(
    directory,
    {
      debian: {
        namespaces: ['debian:12'],
        records: [...[found, cleared, ...flaws].map((it) => ({ kind: 'advisory' as const, ...it })), ...told],
      },
    },
    now,
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

const bom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  components: [
    {
      type: 'library',
      name: 'libssl3',
      version: '3.0.11-1~deb12u2',
      purl: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?distro=debian-12&upstream=openssl',
    },
  ],
};

const document = Buffer.from(JSON.stringify(bom));
const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const work = (options: ScanOptions = {}, format?: string): ScanWork => ({
  ...{ id: 'j', attempt: 1, deadline: '', type: 'scan', name: 'gateway', options },
  target: { kind: 'sbom', sha256: digestOf(document), ...(format && { format }) },
});
const options: ScanJobOptions = {
  databaseDirectory: directory,
  cacheDirectory: directory,
  image: { localPaths: [], allowUrls: [], userAgent: 'cvescan', env: {}, signal: new AbortController().signal },
  now: () => now,
  onStage: () => {},
};
const run = (job = work(), bytes = document, more: Partial<ScanJobOptions> = {}, sha256 = digestOf(bytes)) =>
  scanJob(job, { bytes: gzipSync(bytes), sha256 }, { ...options, ...more });

describe('a scan job', () => {
  test('gives the report of its document, by the name of the scan, with its snapshot and counts', async () => {
    const stages: string[] = [];
    const result = await run(work(), document, { onStage: (stage) => stages.push(stage) });
    const report = await readReport(gunzipSync(result.report).toString(), 'report');
    expect(report.target).toEqual({ kind: 'sbom', name: 'gateway' });
    expect(report.findings.map(({ vulnerability, status }) => [vulnerability.id, status])).toEqual([
      ['CVE-2021-4160', 'not_affected'],
      ['CVE-2024-5535', 'affected'],
    ]);
    expect(result.snapshotId).toBe(report.snapshot.id);
    expect(result.counts).toMatchObject({ packages: 1, findings: 2, affected: 1, not_affected: 1 });
    expect(stages).toEqual(['inventory', 'detection']);
  });

  test('reads texts from the database while it writes', async () => {
    const component = { type: 'library', name: 'large', version: '1', purl: 'pkg:deb/debian/large@1?distro=debian-12' };
    const large = Buffer.from(JSON.stringify({ ...bom, components: [component] }));
    const report = await readReport(gunzipSync((await run(work(), large)).report).toString(), 'report');
    expect(report.vulnerabilities).toHaveLength(300);
    expect(report.vulnerabilities.at(-1)?.description).toMatch(/^A long text on CVE-2023-10299/);
  });

  test('leaves out what publishers clear where it is told to', async () => {
    expect((await run(work({ all_statements: false }))).counts).toMatchObject({ findings: 1 });
  });

  test('detects by the chosen sources only', async () => {
    expect((await run(work({ detection: ['osv'] }))).counts.findings).toBe(2);
    expect((await run(work({ detection: ['osv', '!distribution'] }))).counts.findings).toBe(0);
  });

  const big = Buffer.alloc(4097, ' ');
  const bad: readonly [shows: string, code: string, run: () => Promise<unknown>][] = [
    ['another hash', 'document.digest-mismatch', () => run(work(), document, {}, 'a'.repeat(64))],
    ['more bytes than allowed', 'document.limit-exceeded', () => run(work(), big, { maxSbomBytes: 4096 })],
    ['an unknown format', 'document.unknown-format', () => run(work(), Buffer.from('{"a":1}'))],
    ['a format that it has not', 'document.malformed', () => run(work({}, 'cyclonedx-xml'))],
    ['a format that nobody knows', 'usage.invalid', () => run(work({}, 'excel'))],
    ['sources that nobody knows', 'usage.invalid', () => run(work({ detection: ['mitre'] }))],
    ['no gzip', 'document.malformed', () => scanJob(work(), { bytes: document, sha256: digestOf(document) }, options)],
    [
      'half a gzip',
      'document.malformed',
      () => scanJob(work(), { bytes: gzipSync(document).subarray(0, 40), sha256: digestOf(document) }, options),
    ],
    ['a report above its packed limit', 'report.too-large', () => run(work(), document, { maxReportBytes: 100 })],
    [
      'a report above its unpacked limit',
      'report.too-large',
      () => run(work(), document, { maxUnpackedReportBytes: 1000 }),
    ],
    ['no database', 'database.missing', () => run(work(), document, { databaseDirectory: '/nonexistent' })],
  ];
  for (const [shows, code, act] of bad) {
    test(`with ${shows} fails: ${code}`, async () => {
      await expect(act()).rejects.toMatchObject({ code });
    });
  }

  test('at the limits is done', async () => {
    const padded = Buffer.concat([document, Buffer.alloc(4096 - document.length, ' ')]);
    const result = await run(work(), padded, { maxSbomBytes: 4096 });
    const [packed, unpacked] = [result.report.length, gunzipSync(result.report).length];
    await run(work(), padded, { maxReportBytes: packed, maxUnpackedReportBytes: unpacked });
    await expect(run(work(), padded, { maxReportBytes: packed - 1 })).rejects.toMatchObject({
      code: 'report.too-large',
    });
    await expect(run(work(), padded, { maxUnpackedReportBytes: unpacked - 1 })).rejects.toMatchObject({
      code: 'report.too-large',
    });
  });

  test('whose bomb unpacks without end costs no more than the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(200 << 20));
    const before = process.memoryUsage().rss;
    await expect(
      scanJob(work(), { bytes: bomb, sha256: '' }, { ...options, maxSbomBytes: 1 << 20 }),
    ).rejects.toMatchObject({ code: 'document.limit-exceeded' });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
  });
});
