import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportSnapshot } from '../../src/advisories/snapshot-archive.ts';
import { readArchive } from '../../src/server/snapshots/archive-file.ts';
import { createTokens, type Permission } from '../../src/server/usecases/tokens.ts';
import { openState } from '../../src/state/open-state.ts';
import { publishSnapshot } from '../../src/state/publications.ts';
import { type PostgresServer, startPostgres } from '../../test/start-postgres.ts';

const root = join(import.meta.dirname, '..', '..');
const program = join(root, 'dist', 'cvescan.js');

/** Short, so that what a fault costs is seen soon. */
export const LEASE_SECONDS = 10;

/** A runner or the server: a process with the children that it starts, as a group. */
export class Member {
  readonly name: string;
  readonly #start: () => ChildProcess;
  #child: ChildProcess;
  #exited: Promise<unknown>;

  constructor(name: string, start: () => ChildProcess) {
    this.name = name;
    this.#start = start;
    this.#child = start();
    this.#exited = once(this.#child, 'exit');
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** @param whole also its children. */
  signal(signal: NodeJS.Signals, whole = false): void {
    try {
      process.kill(whole ? -this.pid : this.pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }

  /** Ends it so, and starts it again. */
  async restart(signal: NodeJS.Signals): Promise<void> {
    await this.end(signal);
    this.#child = this.#start();
    this.#exited = once(this.#child, 'exit');
  }

  /** @returns its exit code; null where a signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.signal(signal);
    await this.#exited;
    return this.#child.exitCode;
  }
}

/** A server over PostgreSQL with a snapshot to hand out, and what it takes to start runners of it. */
export class Fleet {
  readonly directory: string;
  readonly endpoint: string;
  readonly postgres: PostgresServer;
  readonly server: Member;
  readonly runners: Member[] = [];
  readonly #tokens: (name: string, permission: Permission) => Promise<string>;
  readonly #close: () => Promise<void>;

  private constructor(parts: {
    directory: string;
    endpoint: string;
    postgres: PostgresServer;
    server: Member;
    tokens: (name: string, permission: Permission) => Promise<string>;
    close: () => Promise<void>;
  }) {
    this.directory = parts.directory;
    this.endpoint = parts.endpoint;
    this.postgres = parts.postgres;
    this.server = parts.server;
    this.#tokens = parts.tokens;
    this.#close = parts.close;
  }

  static async start(): Promise<Fleet> {
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-fleet-'));
    const postgres = await startPostgres();
    const database = join(directory, 'database');
    run(['tools/make-examples.mjs']);
    run([program, 'datasources-update', '--db', database, '--mirror', 'dist/examples/mirror', '-q']);
    const state = await openState({ type: 'pgsql', source: postgres.url, poolSize: 4 });
    const file = join(directory, 'archive');
    const { id } = await exportSnapshot(database, file);
    await publishSnapshot(state, { after: 0, snapshotId: id, archive: await readArchive(file) });
    const port = await freePort();
    const config = join(directory, 'config.yml');
    writeFileSync(config, configOf({ port, healthPort: await freePort(), source: postgres.url }));
    const server = new Member('server', () =>
      start('server', directory, ['serve', '--config', config, '--db', database, '--log-level', 'warning'], {}),
    );
    const endpoint = `http://127.0.0.1:${port}`;
    await untilAnswering(endpoint);
    const tokens = createTokens(state);
    return new Fleet({
      ...{ directory, endpoint, postgres, server },
      tokens: async (name, permission) => (await tokens.add({ name, permission }, 'fleet test')).secret,
      close: async () => {
        await state[Symbol.asyncDispose]();
      },
    });
  }

  tokenOf(name: string, permission: Permission): Promise<string> {
    return this.#tokens(name, permission);
  }

  async addRunner(): Promise<void> {
    const name = `runner-${this.runners.length + 1}`;
    const env = {
      CVESCAN_RUNNER_ENDPOINT: this.endpoint,
      CVESCAN_RUNNER_TOKEN: await this.tokenOf(name, 'runner'),
      CVESCAN_RUNNER_N_WORKERS: '1',
      CVESCAN_RUNNER_POLLING_DELAY: '1s',
    };
    const database = join(this.directory, name);
    this.runners.push(new Member(name, () => start(name, this.directory, ['start-runner', '--db', database], env)));
  }

  /** Lines of the members' logs. */
  logs(): string {
    const folder = join(this.directory, 'logs');
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  }

  async stop({ keep }: { readonly keep: boolean }): Promise<void> {
    for (const runner of this.runners) runner.signal('SIGCONT', true);
    await Promise.all(this.runners.map((runner) => runner.end('SIGTERM')));
    await this.server.end('SIGTERM');
    await this.#close();
    await this.postgres.stop();
    if (!keep) rmSync(this.directory, { recursive: true, force: true });
  }
}

function configOf({ port, healthPort, source }: { port: number; healthPort: number; source: string }): string {
  return [
    'clair:',
    `  database: {type: pgsql, options: {source: '${source}', poolsize: 20}}`,
    `  api: {addr: '127.0.0.1:${port}', healthaddr: '127.0.0.1:${healthPort}'}`,
    '  updater: {interval: 0}',
    `jobs: {lease_seconds: ${LEASE_SECONDS}}`,
    'drain_seconds: 1',
    '',
  ].join('\n');
}

/** In a group of its own, so that the whole of it can be stopped; what it says goes to a file. */
function start(name: string, directory: string, words: readonly string[], env: Record<string, string>): ChildProcess {
  mkdirSync(join(directory, 'logs'), { recursive: true });
  const log = createWriteStream(join(directory, 'logs', `${name}.log`), { flags: 'a' });
  const home = { HOME: directory, XDG_CACHE_HOME: join(directory, 'cache'), CVESCAN_CONFIG: '' };
  const child = spawn(process.execPath, [program, ...words], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...home, ...env },
  });
  for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
  return child;
}

function run(words: readonly string[]): void {
  const { status } = spawnSync(process.execPath, words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}`);
}

/** Waits until the server answers anything. */
export async function untilAnswering(endpoint: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const isUp = await fetch(`${endpoint}/version`).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await sleep(200);
  }
  throw new Error(`${endpoint} does not answer`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
