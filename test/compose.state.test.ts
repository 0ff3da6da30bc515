import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { exportSnapshot } from '../src/advisories/snapshot-archive.ts';
import { readArchive } from '../src/server/snapshots/archive-file.ts';
import { createTokens } from '../src/server/usecases/tokens.ts';
import { openState } from '../src/state/open-state.ts';
import { publishSnapshot } from '../src/state/publications.ts';
import { describeState } from '../src/state/state.contract.ts';
import type { PostgresOptions } from '../src/state/state.ts';
import { advisory } from './fake-advisories.ts';
import { makeSampleDatabase } from './sample-database.ts';

const root = resolve(import.meta.dirname, '..');

interface Service {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly stop_signal?: NodeJS.Signals;
}

describeState('the processes of compose.yml, without containers', ({ database, dialect }) => {
  test.skipIf(dialect === 'sqlite')('do a scan: server, PostgreSQL and two runners', async () => {
    const options = (await database()) as PostgresOptions;
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-compose-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const tokens = await prepare(options, directory);
    const places = await placesOf(options, directory);
    const { services } = parse(readFileSync(join(root, 'ship/compose/compose.yml'), 'utf8'), { merge: true }) as {
      services: Readonly<Record<'server' | 'runner-1' | 'runner-2', Service>>;
    };
    const started = Object.entries(services).flatMap(([name, service]) =>
      name === 'postgres' ? [] : [startService(name, service, { directory, places })],
    );
    try {
      const id = await submit(places.get('http://server:6060')!, tokens.user);
      const scan = await untilEnded(places.get('http://server:6060')!, tokens.user, id);
      expect(scan).toMatchObject({ state: 'succeeded', counts: { packages: 1, open_unknown: 1 } });
      const [server, first, second] = started;
      // The stop signal of the container, and what ends it at once.
      expect(await stop(first!, services['runner-1'].stop_signal!)).toBe(0);
      expect(await stop(second!, 'SIGTERM')).toBe(143);
      expect(await stop(server!, 'SIGINT')).toBe(0);
    } finally {
      for (const child of started) child.kill('SIGKILL');
    }
  });
});

/** What an operator does before `compose up`, and what the server's updates would bring. */
async function prepare(options: PostgresOptions, directory: string): Promise<{ readonly user: string }> {
  await using state = await openState(options);
  const sample = join(directory, 'sample');
  const records = [
    { kind: 'advisory' as const, ...advisory({ vulnerabilityId: 'CVE-2024-5535', fixed: '3.0.14-1~deb12u1' }) },
  ];
  await makeSampleDatabase(sample, { debian: { namespaces: ['debian:12'], records } }, new Date());
  const { id } = await exportSnapshot(sample, join(directory, 'archive'));
  await publishSnapshot(state, { after: 0, snapshotId: id, archive: await readArchive(join(directory, 'archive')) });
  const tokens = createTokens(state);
  for (const name of ['runner-1', 'runner-2']) {
    const { secret } = await tokens.add({ name, permission: 'runner' }, 'test');
    writeFileSync(join(directory, `${name}-token`), `${secret}\n`);
  }
  return { user: (await tokens.add({ name: 'ci', permission: 'create-scan' }, 'test')).secret };
}

/** What lies elsewhere outside of a container. */
async function placesOf({ source }: PostgresOptions, directory: string): Promise<ReadonlyMap<string, string>> {
  const [port, healthPort] = [await freePort(), await freePort()];
  const config = readFileSync(join(root, 'ship/compose/config.yml'), 'utf8')
    .replace(/source: .*/, `source: ${source}`)
    .replace('0.0.0.0:6060', `127.0.0.1:${port}`)
    .replace('0.0.0.0:6061', `127.0.0.1:${healthPort}`)
    .replace('interval: 2h', 'interval: 0');
  writeFileSync(join(directory, 'config.yml'), config);
  return new Map([
    ['/etc/cvescan/config.yml', join(directory, 'config.yml')],
    ['/run/secrets/runner-1-token', join(directory, 'runner-1-token')],
    ['/run/secrets/runner-2-token', join(directory, 'runner-2-token')],
    ['http://server:6060', `http://127.0.0.1:${port}`],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as compose writes it.
    ['${POSTGRES_PASSWORD}', 'not asked for'],
  ]);
}

function startService(
  name: string,
  { command, environment }: Service,
  { directory, places }: { readonly directory: string; readonly places: ReadonlyMap<string, string> },
): ChildProcess {
  const moved = (text: string): string => places.get(text) ?? text;
  const home = join(directory, name);
  mkdirSync(home);
  // The image's own variables, and those of the service.
  const env = {
    XDG_DATA_HOME: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_STATE_HOME: join(home, 'state'),
    CVESCAN_RUNNER_HEARTBEAT: join(home, 'heartbeat'),
  };
  const own = Object.entries(environment).map(([variable, value]) => [variable, moved(value)] as const);
  return spawn(process.execPath, [join(root, 'src/cli/main.ts'), ...command.map(moved)], {
    env: { PATH: process.env.PATH, HOME: home, ...env, ...Object.fromEntries(own) },
    stdio: 'ignore',
  });
}

async function submit(endpoint: string, token: string): Promise<string> {
  const component = {
    type: 'library',
    name: 'libssl3',
    version: '3.0.11-1~deb12u2',
    purl: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?distro=debian-12&upstream=openssl',
  };
  const body = new FormData();
  body.set('scan', JSON.stringify({ name: 'gateway' }));
  body.set('sbom', new Blob([JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [component] })]));
  for (;;) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${endpoint}/api/v1/scans`, { method: 'POST', headers, body }).catch(() => undefined);
    if (response) return ((await response.json()) as { id: string }).id;
    await pause();
  }
}

async function untilEnded(endpoint: string, token: string, id: string): Promise<{ readonly state: string }> {
  for (;;) {
    const response = await fetch(`${endpoint}/api/v1/scans/${id}`, { headers: { authorization: `Bearer ${token}` } });
    const scan = (await response.json()) as { state: string; ended_at?: string };
    if (scan.ended_at !== undefined) return scan;
    await pause();
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
  return child.exitCode;
}

/** Between two questions to a process of its own. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
