// What the server's API takes, beside the figures that Clair 2.0.9 reached on such a machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { load } from './load.mjs';

const FEATURE_VULNERABILITIES = 500;
const INSERTS = 20_000;

/**
 * Measures a server with SQLite in a folder of its own.
 *
 * @param bench `program`: the bundle; `unpacked`: the shared material; `print(cells)`.
 */
export async function benchServer({ program, unpacked, print }) {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-bench-server-'));
  const server = await startServer(program, directory);
  try {
    await measureLayers(server, { directory, unpacked, print });
    await measureVulnerabilities(server, { print });
    const mb = server.residentBytes() / 1e6;
    print([
      'server: memory of the process after all of it',
      '',
      `${Math.round(mb)} MB`,
      '200 MB',
      mb <= 200 ? 'yes' : '**no**',
    ]);
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function startServer(program, directory) {
  const config = join(directory, 'config.yaml');
  writeFileSync(
    config,
    `clair:
  database: { type: sqlite, options: { source: ${join(directory, 'state.sqlite')} } }
  api: { addr: "127.0.0.1:0", healthaddr: "127.0.0.1:0" }
  worker: { localpaths: ["${directory}"] }
  updater: { interval: 0 }
`,
  );
  const env = {
    ...process.env,
    XDG_CACHE_HOME: join(directory, 'cache'),
    XDG_DATA_HOME: join(directory, 'data'),
    XDG_STATE_HOME: join(directory, 'state'),
  };
  const child = spawn(process.execPath, [program, 'serve', '--config', config], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, api } = readLine(line);
    if (event === 'started') {
      child.stdout.resume();
      return {
        url: api,
        residentBytes: () => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]),
        async stop() {
          child.kill('SIGTERM');
          await once(child, 'exit');
        },
      };
    }
  }
  throw new Error('the server did not start');
}

function readLine(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

/** Clair: cold 0.67 s and again 0.06 s; the same gzipped 2.10 s and 1.13 s. */
async function measureLayers(server, { directory, unpacked, print }) {
  const plain = join(directory, 'plain.tar');
  makeLayer(join(unpacked, 'clair-v1/layers/debian12-base.tar'), plain);
  const zipped = `${plain}.gz`;
  await pipeline(createReadStream(plain), createGzip(), createWriteStream(zipped));
  for (const [what, path, name, targetMs] of [
    ['a plain 120 MB layer, cold', plain, 'plain', 0.5 * 670],
    ['the same gzipped, cold', zipped, 'zipped', 0.6 * 2100],
  ]) {
    const body = JSON.stringify({ Layer: { Name: name, Path: path, Format: 'Docker' } });
    const wallMs = await post(server, body);
    print([
      `server: POST of ${what}`,
      `${Math.round(wallMs)} ms`,
      '',
      `${targetMs} ms`,
      wallMs <= targetMs ? 'yes' : '**no**',
    ]);
    const again = await post(server, body);
    print(['… the same name again', `${Math.round(again)} ms`, '', '60 ms', again <= 60 ? 'yes' : '**no**']);
  }
}

/** A layer with the packages of a real one, and 120 MB of files. */
function makeLayer(source, path) {
  const fd = openSync(path, 'w');
  const real = readFileSync(source);
  let end = real.length;
  while (end > 0 && real[end - 1] === 0) end--;
  writeSync(fd, real.subarray(0, Math.ceil(end / 512) * 512));
  let seed = 1;
  for (let file = 0; statSync(path).size < 120e6; file++) {
    const body = Buffer.alloc(20_480);
    // Half noise, half text: about what the files of a distribution shrink to.
    for (let at = 0; at < body.length / 3; at += 4) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      body.writeUInt32LE(seed, at);
    }
    writeSync(fd, Buffer.concat([header(`usr/share/filler/${file}`, body.length), body]));
  }
  writeSync(fd, Buffer.alloc(1024));
}

function header(path, sizeBytes) {
  const block = Buffer.alloc(512);
  block.write(path, 0);
  block.write('0000644', 100);
  block.write(sizeBytes.toString(8).padStart(11, '0'), 124);
  block.write('0ustar\x0000', 156, 'latin1');
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

async function post({ url }, body) {
  const start = performance.now();
  const response = await fetch(`${url}/v1/layers`, { method: 'POST', body });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`${response.status} ${text}`);
  return performance.now() - start;
}

/** Clair: 148 to 161 inserts/s on one connection, 64 to 83 layers with vulnerabilities/s, 1,936 to 2,420 plain ones/s. */
async function measureVulnerabilities({ url }, { print }) {
  const rate = (what, { perSecond, p99Ms, failed }, target) =>
    print([
      `server: ${what}`,
      `${Math.round(perSecond)}/s, p99 ${p99Ms.toFixed(1)} ms`,
      '',
      `${target}/s, none failed`,
      perSecond >= target && failed === 0 ? 'yes' : '**no**',
    ]);
  const { Layer } = await (await fetch(`${url}/v1/layers/plain?features`)).json();
  const insert = (features, name) => (n) => ({
    method: 'POST',
    path: '/v1/namespaces/debian:12/vulnerabilities',
    body: vulnerability(`${name}-${n}`, features[n % features.length]),
  });
  await load(url, {
    requestOf: insert(
      Layer.Features.map((it) => it.Name),
      'CVE-2099',
    ),
    connections: 1,
    requests: FEATURE_VULNERABILITIES,
  });
  const getVulnerable = () => ({ method: 'GET', path: '/v1/layers/plain?vulnerabilities' });
  await load(url, { requestOf: getVulnerable, connections: 4, requests: 200 });
  rate(
    'GET of a layer with 63 features and 500 vulnerabilities, 4 connections',
    await load(url, { requestOf: getVulnerable, connections: 4, requests: 5000 }),
    1500,
  );
  const getPlain = () => ({ method: 'GET', path: '/v1/layers/plain' });
  await load(url, { requestOf: getPlain, connections: 4, requests: 1000 });
  rate(
    'plain GET of a layer, 4 connections',
    await load(url, { requestOf: getPlain, connections: 4, requests: 20_000 }),
    6000,
  );
  rate(
    '20,000 inserts of vulnerabilities, 1 connection',
    await load(url, { requestOf: insert(['curl', 'nginx'], 'OWN'), connections: 1, requests: INSERTS }),
    800,
  );
}

function vulnerability(name, feature) {
  const fix = { Name: feature, NamespaceName: 'debian:12', VersionFormat: 'dpkg', Version: '99:1' };
  return JSON.stringify({
    Vulnerability: {
      Name: name,
      NamespaceName: 'debian:12',
      Description: 'A flaw of the benchmark. '.repeat(12),
      Link: `https://example.org/${name}`,
      Severity: 'High',
      Metadata: { NVD: { CVSSv2: { Score: 7.5, Vectors: 'AV:N/AC:L/Au:N/C:P/I:P' } } },
      FixedIn: [fix],
    },
  });
}
