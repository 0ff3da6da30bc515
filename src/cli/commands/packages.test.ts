import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { main } from '../command-line.ts';

/** The root file system of the dpkg lister's fixture. */
const root = resolve(import.meta.dirname, '../../inventory/listers/fixtures/dpkg/root');
const folder = mkdtempSync(join(tmpdir(), 'cvescan-packages-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: readonly string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const signal = new AbortController().signal;
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };
  const world = { stdin, stdout, stderr, env, now: () => new Date('2026-08-01T00:00:00Z'), signal };
  const code = await main(['packages', ...argv], world);
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('cvescan packages', () => {
  test('lists packages as a table by default', async () => {
    const { code, stdout } = await run(root);
    expect(code).toBe(0);
    expect(stdout).toContain('5 packages');
    expect(stdout).toMatch(/libssl3 +3\.0\.17-1~deb12u2 +i386 +openssl/);
  });

  test('names the release that the user states', async () => {
    const { stdout } = await run('--distro', 'debian:12', '-o', 'purl', root);
    expect(stdout).toContain('pkg:deb/debian/tzdata@2024a-0+deb12u1?arch=all&distro=debian-12\n');
  });

  test('writes several documents at once', async () => {
    const file = join(folder, 'packages.json');
    const { code, stdout } = await run('-o', `json=${file}`, '-o', 'purl', root);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^pkg:deb/);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      schemaVersion: '1.0',
      ledger: { components: 5, unknownNamespace: 5 },
    });
  });

  for (const [argv, code, message] of [
    [[], 2, 'give a target'],
    [['a', 'b'], 2, 'one target at a time'],
    [['-o', 'jsno', root], 2, 'did you mean json?'],
    [['--layers', 'some', root], 2, 'squashed, all'],
    [['--verify', 'none', root], 2, 'blobs, full'],
    [['no/such/file.tar'], 3, 'no/such/file.tar'],
  ] as const) {
    test(`${argv.join(' ').replace(root, 'ROOT')}: exit ${code}`, async () => {
      const result = await run(...argv);
      expect(result).toMatchObject({ code, stdout: '' });
      expect(result.stderr).toContain(message);
    });
  }
});
