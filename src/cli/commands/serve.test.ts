import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeCertificate } from '../../../test/certificates.ts';
import { runCommandLine } from '../../../test/command-line.ts';
import { spawnServer } from '../../../test/spawn-server.ts';
import { readServerSettings } from '../server-settings.ts';

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-serve-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

test("takes Clair's options, reads its certificates again at SIGHUP, and ends with 0", {
  timeout: 60_000,
}, async () => {
  const directory = scratch();
  const [certfile, keyfile, profile] = ['cert', 'key', 'profile'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const write = () => {
    const made = makeCertificate('127.0.0.1');
    writeFileSync(certfile, made.cert);
    writeFileSync(keyfile, made.key);
    return made.cert;
  };
  const first = write();
  const database = { type: 'sqlite', file: join(directory, 'state.sqlite') } as const;
  const api = { addr: '127.0.0.1:0', healthaddr: '127.0.0.1:0', certfile, keyfile };
  const server = await spawnServer(directory, database, {
    clair: { api },
    arguments: ['-log-level=warning', '-insecure-tls', '-cpu-profile', profile],
  });
  const isTrusted = (ca: string) =>
    new Promise<boolean>((resolve) => {
      get(`${server.url}/v1/namespaces`, { ca, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      }).on('error', () => resolve(false));
    });
  expect(await isTrusted(first)).toBe(true);
  const second = write();
  process.kill(server.pid, 'SIGHUP');
  await expect.poll(() => isTrusted(second), { timeout: 10_000 }).toBe(true);
  expect(await isTrusted(first)).toBe(false);
  const { code, log } = await server.end('SIGTERM');
  expect(code).toBe(0);
  expect(log).not.toContain('"level":"info"');
  expect(JSON.parse(readFileSync(profile, 'utf8'))).toHaveProperty('nodes');
});

test.each([
  [['serve', '-log-level', 'warnin'], '--log-level warnin is no level; did you mean warning'],
  [['serve', '--config', '/nonexistent/c.yml'], 'there is no configuration file /nonexistent/c.yml'],
])('%j is refused: %s', async (argv, message) => {
  const { code, stderr } = await runCommandLine(argv, { env: { HOME: scratch() } });
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('an empty name is no configuration, wherever one lies: this machine only, SQLite', async () => {
  const directory = scratch();
  const file = join(directory, 'c.yml');
  writeFileSync(file, 'clair: {api: {port: 7000}}\n');
  const env = { HOME: directory, CVESCAN_CONFIG: file };
  expect((await readServerSettings({ options: {}, env })).server.api?.address).toEqual({ port: 7000 });
  const { server } = await readServerSettings({ options: { config: '' }, env });
  expect([server.api?.address, server.database.type]).toEqual([{ host: '127.0.0.1', port: 6060 }, 'sqlite']);
  expect((await runCommandLine(['config', 'check', '--config', '', file])).code).toBe(0);
});
