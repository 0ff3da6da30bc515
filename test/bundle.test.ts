import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { zipOf } from './zip.ts';

/** What users run is the bundle, and bundling changes how packages are loaded: each package that is loaded when needed is tried here. */

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'cvescan-bundle-'));
const program = join(folder, 'dist/cvescan.js');

beforeAll(() => {
  for (const name of ['src', 'tools', 'package.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  execFileSync('ln', ['-s', join(root, 'node_modules'), join(folder, 'node_modules')]);
  execFileSync(process.execPath, ['tools/build.mjs'], { cwd: folder });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the bundle', () => {
  test('says its version', async () => {
    expect((await run(['--version'])).stdout).toMatch(/^cvescan \d+\.\d+\.\d+\n$/);
  });

  test('reads a configuration (yaml)', async () => {
    const config = join(folder, 'config.yml');
    writeFileSync(config, `datasources:\n  root: ${join(folder, 'db')}\n`);
    const { stdout, stderr } = await run(['db', 'path', '--config', config]);
    expect(stdout + stderr).toContain(join(folder, 'db'));
    expect(stderr).not.toContain('not a function');
  });

  test('reads feeds over the network (undici), and scans what they say of a document (CVSS scores)', async () => {
    const record = {
      id: 'GHSA-xvch-5gv4-984h',
      modified: '2023-01-01T00:00:00Z',
      aliases: ['CVE-2021-44906'],
      summary: 'Prototype pollution in minimist',
      severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
      affected: [
        {
          package: { ecosystem: 'npm', name: 'minimist' },
          ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.6' }] }],
        },
      ],
    };
    const files: Record<string, Buffer> = {
      'ecosystems.txt': Buffer.from('npm\n'),
      'npm/modified_id.csv': Buffer.from(`${record.modified},${record.id}\n`),
      'npm/all.zip': zipOf([{ name: `${record.id}.json`, content: Buffer.from(JSON.stringify(record)) }]),
    };
    const server = createServer(({ url }, response) => {
      const body = files[(url ?? '').replace('/osv-vulnerabilities.storage.googleapis.com/', '')];
      response.writeHead(body ? 200 : 404).end(body);
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    try {
      const db = join(folder, 'db');
      mkdirSync(db, { recursive: true });
      const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const update = await run(['datasources-update', 'osv', '--db', db, '--mirror', mirror]);
      expect(update.stderr + update.stdout).toContain('1 parts');
      const scan = await run(['scan', '--db', db, 'pkg:npm/minimist@1.2.5', '-o', 'json']);
      const report = JSON.parse(scan.stdout);
      expect(report.findings.map((finding: { vulnerability: { id: string } }) => finding.vulnerability.id)).toEqual([
        'CVE-2021-44906',
      ]);
      expect(report.vulnerabilities[0].cvss[0].score).toBe(9.8);
    } finally {
      server.close();
    }
  });
});

/** In a process of its own, without blocking this one, which serves the feed. */
function run(words: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((done, failed) => {
    const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), CVESCAN_CONFIG: '', NO_PROXY: '127.0.0.1' };
    const child = spawn(process.execPath, [program, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr]: Buffer[][] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout!.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr!.push(chunk));
    child.on('error', failed);
    child.on('close', () =>
      done({ stdout: Buffer.concat(stdout!).toString(), stderr: Buffer.concat(stderr!).toString() }),
    );
  });
}
