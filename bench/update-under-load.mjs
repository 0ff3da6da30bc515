// Measures what clients notice of an update: 100 requests a second while the server reads the feeds and takes the new snapshot.
// usage: node bench/update-under-load.mjs     (after npm run build; needs the shared mirror)
// The server is dist/cvescan.js on SQLite, with the full database; one feed of the mirror differs from it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { quietWarnings } from '../src/platform/quiet-warnings.ts';
import { advisoryDatabase, sharedData } from '../test/acceptance/shared-data.ts';
import { tar } from '../test/tar.ts';

quietWarnings();
const RATE = 100;
/** Load goes on so long after the new snapshot is served. */
const AFTERWARDS_MS = 10_000;
const MAX_MS = 600_000;
const FEED = 'secdb.alpinelinux.org';
const PACKAGES = [
  'openssl',
  'curl',
  'zlib',
  'bash',
  'glibc',
  'perl',
  'tar',
  'gzip',
  'expat',
  'libxml2',
  'sqlite3',
  'systemd',
];

const root = mkdtempSync(join(tmpdir(), 'cvescan-bench-'));
const program = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist/cvescan.js');
try {
  await measure();
} finally {
  rmSync(root, { recursive: true, maxRetries: 5 });
}

async function measure() {
  cpSync(advisoryDatabase(), join(root, 'db'), { recursive: true });
  const { child, url, healthUrl } = await startServer(changedMirror(sharedData().mirror));
  try {
    await postLayer(url);
    const agent = new Agent({ keepAlive: true });
    const paths = ['/v1/layers/bench?vulnerabilities', '/v1/layers/bench', '/v1/namespaces'];
    const [during, afterwards, failed, running] = [[], [], [], new Set()];
    // What a server does once, at its first requests, is not the update's.
    for (const path of paths) for (let count = 0; count < 20; count++) await get(agent, `${url}${path}`);
    const started = performance.now();
    let endMs = MAX_MS;
    let publishedMs;
    const watching = (async () => {
      while ((await sequenceOf(healthUrl)) < 2) await sleep(500);
      publishedMs = performance.now() - started;
      endMs = publishedMs + AFTERWARDS_MS;
    })();
    for (let count = 0; performance.now() - started < endMs; count++) {
      const wait = started + (count * 1000) / RATE - performance.now();
      if (wait > 1) await sleep(wait);
      const asked = get(agent, `${url}${paths[count % paths.length]}`).then(
        (ms) => (publishedMs === undefined ? during : afterwards).push(ms),
        (error) => failed.push(error.message),
      );
      running.add(asked.finally(() => running.delete(asked)));
    }
    await Promise.all([...running, watching]);
    say(`the new snapshot was served after ${seconds(publishedMs)}; ${failed.length} requests failed`);
    describe('all', [...during, ...afterwards]);
    describe('until then', during);
    describe('in the 10 s afterwards', afterwards);
    for (const message of new Set(failed)) say(message);
    agent.destroy();
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

/** The mirror with one advisory more; what is the same is not copied. */
function changedMirror(mirror) {
  const changed = join(root, 'mirror');
  mkdirSync(changed);
  for (const name of readdirSync(mirror)) {
    if (name !== FEED) symlinkSync(join(mirror, name), join(changed, name));
  }
  cpSync(join(mirror, FEED), join(changed, FEED), { recursive: true, dereference: true });
  const file = join(changed, FEED, 'v3.20/main.json');
  const feed = JSON.parse(readFileSync(file, 'utf8'));
  feed.packages.push({ pkg: { name: 'bench', secfixes: { '1.0-r0': ['CVE-2026-99999'] } } });
  writeFileSync(file, JSON.stringify(feed));
  return changed;
}

async function startServer(mirror) {
  const config = join(root, 'config.yml');
  const options = `options: { source: ${join(root, 'state.sqlite')} }`;
  writeFileSync(
    config,
    `clair:\n  database: { type: sqlite, ${options} }\n  api: { addr: 127.0.0.1:0, healthaddr: 127.0.0.1:0 }\n  worker: { localpaths: [${root}] }\n`,
  );
  const words = [program, 'serve', '--config', config, '--db', join(root, 'db')];
  const env = { ...process.env, CVESCAN_MIRROR: mirror, XDG_CACHE_HOME: root };
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  for await (const text of child.stderr.setEncoding('utf8')) {
    stderr += text;
    const found = /API at (\S+), health at (\S+)\n/.exec(stderr);
    if (!found) continue;
    child.stderr.resume();
    return { child, url: found[1], healthUrl: found[2] };
  }
  throw new Error(stderr);
}

async function postLayer(url) {
  const file = join(root, 'layer.tar');
  const status = PACKAGES.map(
    (name) => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n`,
  );
  writeFileSync(
    file,
    tar(
      { path: 'etc/os-release', body: 'ID=debian\nVERSION_ID="12"\n' },
      { path: 'var/lib/dpkg/status', body: status.join('\n') },
    ),
  );
  const body = JSON.stringify({ Layer: { Name: 'bench', Path: file, Format: 'Docker' } });
  const { status: code } = await fetch(`${url}/v1/layers`, { method: 'POST', body });
  if (code !== 201) throw new Error(`POST /v1/layers: ${code}`);
}

/** @returns milliseconds until the last byte. */
function get(agent, url) {
  return new Promise((done, fail) => {
    const started = performance.now();
    request(url, { agent }, (answer) => {
      answer.resume().on('end', () => {
        if (answer.statusCode === 200) done(performance.now() - started);
        else fail(new Error(`${url}: ${answer.statusCode}`));
      });
    })
      .on('error', fail)
      .end();
  });
}

async function sequenceOf(healthUrl) {
  const metrics = await (await fetch(`${healthUrl}/metrics`)).text();
  return Number(/^cvescan_snapshot_sequence (\d+)$/m.exec(metrics)?.[1] ?? 0);
}

function describe(when, times) {
  const sorted = times.toSorted((a, b) => a - b);
  const share = (part) => `${sorted[Math.floor(sorted.length * part)].toFixed(1)} ms`;
  const slowest = `${sorted.at(-1).toFixed(1)} ms`;
  say(
    `${when}: ${sorted.length} requests, p50 ${share(0.5)}, p99 ${share(0.99)}, slowest ${slowest}; load ${loadavg()[0].toFixed(1)}`,
  );
}

function say(line) {
  console.log(line);
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
