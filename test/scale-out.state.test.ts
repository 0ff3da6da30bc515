import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { describeState } from '../src/state/state.contract.ts';
import type { PostgresOptions } from '../src/state/state.ts';

const root = resolve(import.meta.dirname, '..');
const NAMES = ['a', 'b', 'c'] as const;
/** A snapshot is everywhere within this. */
const MAX_SPREAD_MS = 15_000;

/** One `cvescan serve` of the example of docs/how-to/scale-out.md. */
interface Instance {
  readonly name: string;
  readonly url: string;
  readonly healthUrl: string;
  readonly child: ChildProcess;
}

/** The first YAML block of the page is the configuration; only addresses differ. */
function exampleConfig({ source }: PostgresOptions): string {
  const page = readFileSync(join(root, 'docs/how-to/scale-out.md'), 'utf8');
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page)!;
  return yaml
    .replace(/source: .*/, `source: ${source}`)
    .replace(/addr: 0\.0\.0\.0:6060/, 'addr: 127.0.0.1:0')
    .replace(/healthaddr: 0\.0\.0\.0:6061/, 'healthaddr: 127.0.0.1:0')
    .replace(/endpoint: .*/, 'endpoint: http://127.0.0.1:9/');
}

async function startInstance(
  name: string,
  { directory, mirror }: { directory: string; mirror: string },
): Promise<Instance> {
  const config = join(directory, 'config.yml');
  const program = [join(root, 'src/cli/entry.ts'), 'serve', '--config', config, '--db', join(directory, name)];
  const env = { ...process.env, CVESCAN_MIRROR: mirror, XDG_CACHE_HOME: directory };
  const child = spawn(process.execPath, program, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8');
  for await (const text of child.stderr as AsyncIterable<string>) {
    stderr += text;
    const found = /API at (\S+), health at (\S+)\n/.exec(stderr);
    if (!found) continue;
    child.stderr.resume();
    return { name, url: found[1]!, healthUrl: found[2]!, child };
  }
  throw new Error(`instance ${name} did not start: ${stderr}`);
}

/** What the page asks of a proxy, and no more: the next instance where one does not answer, or says 502 or 503. */
async function startProxy(instances: ReadonlyMap<string, Instance>) {
  let turn = 0;
  const agent = new Agent({ keepAlive: true });
  const forward = (url: string, { method, url: path = '/', headers }: IncomingMessage, body: Buffer) =>
    new Promise<{ status: number; body: Buffer }>((done, fail) => {
      const asked = request(new URL(path, url), { agent, method, headers, timeout: 10_000 }, async (answer) => {
        try {
          done({ status: answer.statusCode!, body: Buffer.concat(await answer.toArray()) });
        } catch (error) {
          fail(error as Error);
        }
      });
      asked.on('error', fail).on('timeout', () => asked.destroy(new Error('timeout')));
      asked.end(body);
    });
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await incoming.toArray());
    const first = turn++;
    const refusals: string[] = [];
    for (let tries = 0; tries < NAMES.length; tries++) {
      const { name, url } = instances.get(NAMES[(first + tries) % NAMES.length]!)!;
      const answer = await forward(url, incoming, body).catch((error: Error) => ({ status: 502, body: error.message }));
      if (answer.status !== 502 && answer.status !== 503) {
        response.writeHead(answer.status).end(answer.body);
        return;
      }
      refusals.push(`${name}: ${answer.status} ${answer.body}`);
    }
    response.writeHead(502).end(refusals.join('; '));
  };
  const server = createServer((incoming, response) => void handle(incoming, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

/** Clients that read and write until they are told to stop; what failed, and the vulnerabilities that were taken. */
function startLoad(url: string) {
  let [isOver, requestCount, number] = [false, 0, 0];
  const failed: string[] = [];
  const taken: string[] = [];
  const ask = async (path: string, init?: RequestInit): Promise<number> => {
    requestCount += 1;
    const { status, text } = await fetch(`${url}${path}`, init).then(
      async (answer) => ({ status: answer.status, text: await answer.text() }),
      (error: Error) => ({ status: 0, text: `${error.message} ${error.cause}` }),
    );
    if (status === 0 || status >= 500) failed.push(`${init?.method ?? 'GET'} ${path}: ${status} ${text}`);
    return status;
  };
  const client = async (): Promise<void> => {
    while (!isOver) {
      const name = `OWN-${number++}`;
      const body = JSON.stringify({ Vulnerability: { Name: name, NamespaceName: 'debian:12', Severity: 'Low' } });
      if ((await ask('/v1/namespaces/debian:12/vulnerabilities', { method: 'POST', body })) === 201) taken.push(name);
      await ask('/v1/namespaces');
      await ask(`/v1/namespaces/debian:12/vulnerabilities/${name}`);
      await sleep(20);
    }
  };
  const clients = Array.from({ length: 4 }, client);
  return {
    failed,
    taken,
    async stop(): Promise<number> {
      isOver = true;
      await Promise.all(clients);
      return requestCount;
    },
  };
}

const sequenceOf = async ({ healthUrl }: Instance): Promise<number> => {
  const metrics = await (await fetch(`${healthUrl}/metrics`)).text();
  return Number(/^cvescan_snapshot_sequence (\d+)$/m.exec(metrics)?.[1]);
};

describeState('three instances behind a proxy', ({ database, dialect }) => {
  const onPostgres = test.skipIf(dialect === 'sqlite');
  onPostgres(
    'under load each is killed in turn and a snapshot is published: no request fails',
    { timeout: 300_000 },
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'cvescan-scale-out-'));
      const instances = new Map<string, Instance>();
      onTestFinished(() => {
        for (const { child } of instances.values()) child.kill('SIGKILL');
        rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
      });
      const mirror = join(directory, 'mirror');
      cpSync(join(root, 'examples/mirror'), mirror, { recursive: true });
      writeFileSync(join(directory, 'config.yml'), exampleConfig((await database()) as PostgresOptions));
      const start = async (name: string) => instances.set(name, await startInstance(name, { directory, mirror }));
      for (const name of NAMES) await start(name);
      const areAllAt = async (sequence: number) =>
        (await Promise.all([...instances.values()].map((it) => sequenceOf(it).catch(() => 0)))).every(
          (it) => it === sequence,
        );
      await expect.poll(() => areAllAt(1), { timeout: 60_000, interval: 250 }).toBe(true);

      const proxy = await startProxy(instances);
      onTestFinished(proxy.close);
      const load = startLoad(proxy.url);
      for (const [index, name] of NAMES.entries()) {
        const { child } = instances.get(name)!;
        child.kill('SIGKILL');
        await once(child, 'exit');
        if (index === 1) {
          // Published by one that lives, while another is dead.
          addAdvisory(mirror);
          await updateBeside(join(directory, 'a'), mirror);
          const live = NAMES.filter((it) => it !== name).map((it) => instances.get(it)!);
          const isThere = async () => (await Promise.all(live.map(sequenceOf))).every((it) => it === 2);
          await expect.poll(isThere, { timeout: MAX_SPREAD_MS, interval: 250 }).toBe(true);
        } else await sleep(500);
        await start(name);
      }
      await expect.poll(() => areAllAt(2), { timeout: MAX_SPREAD_MS, interval: 250 }).toBe(true);
      const requestCount = await load.stop();
      expect(load.failed).toEqual([]);
      expect(requestCount).toBeGreaterThan(100);
      for (const name of load.taken.slice(-50))
        expect((await fetch(`${proxy.url}/v1/namespaces/debian:12/vulnerabilities/${name}`)).status).toBe(200);
    },
  );
});

function addAdvisory(mirror: string): void {
  const file = join(mirror, 'secdb.alpinelinux.org/v3.20/main.json');
  const feed = JSON.parse(readFileSync(file, 'utf8')) as { packages: unknown[] };
  feed.packages.push({ pkg: { name: 'scale-out', secfixes: { '1.0-r0': ['CVE-2026-99999'] } } });
  writeFileSync(file, JSON.stringify(feed));
}

/** As an operator does it: the running instance finds what appears in its directory. */
async function updateBeside(directory: string, mirror: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const words = [join(root, 'src/cli/entry.ts'), 'datasources-update', '--db', directory, '--mirror', mirror, 'alpine'];
  const [code] = await once(spawn(process.execPath, words, { stdio: 'ignore' }), 'exit');
  expect(code).toBe(0);
}
