// Runs the benchmarks and writes their figures, with the machine's, to bench/results.md.
// usage: node bench/run.mjs [NAME…]     (names below; default all)
//   CVESCAN_BENCH_DIR   where the big image is made (default <cache>/cvescan-bench; the first run takes minutes)
//   CVESCAN_BENCH_DATA  the unpacked images and the mirror: two folders `unpacked`, `mirror` (default: found through ../shared)
// Figures are medians of several whole processes. Compare the ratios, not the seconds: machines differ.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, homedir, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { benchServer } from './server.mjs';
import { benchStoredLayers } from './stored-layers.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
const bench = process.env.CVESCAN_BENCH_DIR || join(cache, 'cvescan-bench');
const program = join(root, 'dist/cvescan.js');
const { sharedData, advisoryDatabase, drawnSbom } = await import(
  pathToFileURL(join(root, 'test/acceptance/shared-data.ts'))
);
const shared = sharedData();
if (!shared) throw new Error('the benchmarks need ../shared');

const rows = [];
const suites = { startup, image, big, sbom, ingest, kernel, server, layers };
const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : Object.keys(suites)) await suites[name]();
report();

function startup() {
  const empty = join(mkdtempSync(join(tmpdir(), 'cvescan-bench-')), 'empty.mjs');
  writeFileSync(empty, '');
  const yardstick = time([empty], 21);
  const version = time([program, '--version'], 21);
  row(
    '`cvescan --version`',
    version,
    `empty script ${ms(yardstick)} + 25 ms, and <= 1.5 x`,
    version.wallMs <= yardstick.wallMs + 25 && version.wallMs <= 1.5 * yardstick.wallMs,
  );
}

function image() {
  const target = join(shared.un, 'images/images/debian-bookworm-multilayer-dbonly.docker-new.tar');
  const scan = time([program, 'scan', '--db', advisoryDatabase(), target], 11);
  row(
    '`scan` debian-bookworm-multilayer-dbonly, full database',
    scan,
    '150 ms, 120 MB',
    scan.wallMs <= 150 && scan.peakMb <= 120,
  );
}

function big() {
  execFileSync('bash', ['bench/make-image.sh', bench], { stdio: 'inherit' });
  const db = advisoryDatabase();
  const blobs = join(bench, 'big.oci/blobs/sha256');
  const layers = readdirSync(blobs)
    .map((name) => join(blobs, name))
    .filter((file) => statSync(file).size > 1 << 20);
  const gzip = timeCommand('gzip', ['-dc', ...layers], 3);
  const sha = timeCommand('sha256sum', layers, 3);
  yardstick('`gzip -dc` of its layers', gzip);
  yardstick('`sha256sum` of its layers', sha);
  const home = mkdtempSync(join(tmpdir(), 'cvescan-bench-'));
  const env = { ...process.env, XDG_CACHE_HOME: home };
  const cold = { env, before: () => rmSync(join(home, 'cvescan'), { recursive: true, force: true }) };
  for (const [name, target, limit] of [
    ['uncompressed docker archive', `docker-archive:${join(bench, 'big.docker.tar')}`, (t) => t.wallMs <= 500],
    [
      'gzip OCI layout, every blob verified',
      `oci-dir:${join(bench, 'big.oci')}`,
      (t) => t.wallMs <= 0.45 * gzip.wallMs,
    ],
  ]) {
    const run = time([program, 'scan', '--db', db, target], 5, cold);
    row(
      `\`scan\` 1.3 GB image, ${name}`,
      run,
      name.startsWith('gzip') ? `0.45 x gzip -dc = ${ms({ wallMs: 0.45 * gzip.wallMs })}, 150 MB` : '500 ms, 150 MB',
      limit(run) && run.peakMb <= 150,
    );
    const warm = time([program, 'scan', '--db', db, target], 5, { env });
    row('… the same file again, warm cache', warm, '200 ms', warm.wallMs <= 200);
  }
  rmSync(home, { recursive: true, force: true });
}

function sbom() {
  const db = advisoryDatabase();
  const work = mkdtempSync(join(tmpdir(), 'cvescan-bench-'));
  const drawn = drawnSbom(10_000);
  const merged = join(shared.un, 'sbom/merged-10000.cdx.json');
  const [copies, foreign] = ['copies', 'foreign'].map((name) => join(work, `${name}.cdx.json`));
  writeFileSync(copies, componentsTimes(drawnSbom(100_000), 100_000));
  writeFileSync(foreign, componentsTimes(merged, 100_000));
  for (const [name, format, target, limit] of [
    ['10,000 packages, half of them vulnerable, as JSON', 'json', drawn, [3000, 400]],
    ['… as table', 'table', drawn, [1500]],
    ['merged-10000.cdx.json, nothing assessable', 'table', merged, [400]],
    ['100,000 components, nothing assessable, as JSON', 'json', foreign, [15_000, 1024]],
    ['all 41,160 versions that the mirror names, as JSON', 'json', drawnSbom(100_000), [15_000, 1024]],
    ['100,000 components, the same more than twice (some 700,000 findings), as JSON', 'json', copies, [15_000, 1024]],
  ]) {
    const report = `${format}=${join(work, 'report')}`;
    const [wallMs, peakMb] = limit;
    const scan = time([program, 'scan', '--db', db, '-o', report, target], wallMs > 5000 ? 1 : 5);
    const wanted = peakMb === undefined ? ms({ wallMs }) : `${ms({ wallMs })}, ${peakMb} MB`;
    row(`\`scan\` SBOM, ${name}`, scan, wanted, scan.wallMs <= wallMs && !(scan.peakMb > peakMb));
  }
  rmSync(work, { recursive: true, force: true });
}

/** A CycloneDX document with its components listed again and again, up to so many. */
function componentsTimes(file, count) {
  const document = JSON.parse(readFileSync(file, 'utf8'));
  const { components } = document;
  document.components = Array.from({ length: count }, (_, n) => {
    const component = components[n % components.length];
    return { ...component, 'bom-ref': `${component['bom-ref']}#${n}` };
  });
  return JSON.stringify(document);
}

function ingest() {
  const yard = timeFunction(inflateAndParse);
  yardstick('inflate and JSON.parse the NVD and OSV files, one thread', yard);
  const work = mkdtempSync(join(tmpdir(), 'cvescan-bench-'));
  const db = join(work, 'db');
  const mirror = join(work, 'mirror');
  cpSync(shared.mirror, mirror, { recursive: true });
  const update = (...words) => [program, 'datasources-update', '-q', '--db', db, '--mirror', mirror, ...words];
  const full = time(update(), 1, { before: () => rmSync(db, { recursive: true, force: true }), memoryInSameRun: true });
  row(
    'full ingest of the mirror',
    full,
    `3 x = ${ms({ wallMs: 3 * yard.wallMs })}, 1 GB`,
    full.wallMs <= 3 * yard.wallMs && full.peakMb <= 1024,
  );
  const none = time(update(), 5);
  row('update, nothing changed', none, '2 s', none.wallMs <= 2000);
  const kev = join(mirror, 'www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json');
  const changed = readFileSync(kev, 'utf8')
    .replace(/"catalogVersion": *"[^"]*"/, '"catalogVersion": "2099.01.01"')
    .replace(/"dueDate": *"20/, '"dueDate": "21');
  writeFileSync(kev, changed);
  const one = time(update(), 1, { memoryInSameRun: true });
  row('update, one changed source', one, '10 s', one.wallMs <= 10_000);
  const file = readdirSync(db).find((name) => /^advisories-.*\.sqlite$/.test(name));
  size('database', statSync(join(db, file)).size, 500);
  const exported = join(work, 'export.zst');
  execFileSync(process.execPath, [program, 'db', 'export', '--db', db, exported]);
  size('exported', statSync(exported).size, 120);
  rmSync(work, { recursive: true, force: true });
}

function layers() {
  return benchStoredLayers({ print });
}

function server() {
  return benchServer({ program, unpacked: shared.un, print });
}

/** Verdicts on Linux 6.1.176: by version, with Debian's cloud configuration on its Makefiles, and by a history of 200,000 commits. */
function kernel() {
  const work = mkdtempSync(join(tmpdir(), 'cvescan-bench-'));
  const env = { ...process.env, XDG_CACHE_HOME: join(work, 'cache') };
  const cold = { env, before: () => rmSync(env.XDG_CACHE_HOME, { recursive: true, force: true }) };
  const judge = (...words) => [
    program,
    'kernel',
    ...words,
    '--db',
    advisoryDatabase(),
    '-o',
    `json=${join(work, 'v.json')}`,
  ];
  const version = time([program, '--version'], 5);
  const byVersion = time(judge('6.1.176'), 5, { env });
  const byVersionMs = byVersion.wallMs - version.wallMs;
  row(
    '`kernel` verdicts for all CVEs by version, without the start',
    { ...byVersion, wallMs: byVersionMs },
    '300 ms, 500 MB',
    byVersionMs <= 300 && byVersion.peakMb <= 500,
  );
  const unpacked = (path) =>
    execFileSync('xz', ['-dc', join(shared.un, 'kernel', `${path}.xz`)], { maxBuffer: 1 << 28 });
  execFileSync('tar', ['-xJf', join(shared.un, 'kernel/kbuild/kbuild-skeleton-6.1.176.tar.xz'), '-C', work]);
  const [config, paths] = [join(work, 'the.config'), join(work, 'the.paths')];
  writeFileSync(config, unpacked('configs/debian-cloud-amd64-6.1.176.config'));
  writeFileSync(paths, unpacked('kbuild/paths-6.1.176-1.txt'));
  const configured = judge(work, '--kernel-config', config, '--files', paths);
  const first = time(configured, 3, cold);
  row(
    '`kernel` with a .config on the Makefiles, cold',
    first,
    '10 s, 500 MB',
    first.wallMs <= 10_000 && first.peakMb <= 500,
  );
  const again = time(configured, 3, { env });
  row('… warm', again, '3 s, 500 MB', again.wallMs <= 3000 && again.peakMb <= 500);
  const repository = join(work, 'linux.git');
  const make = (count) => execFileSync(process.execPath, ['bench/make-history.mjs', repository, String(count)]);
  make(200_000);
  const history = time(judge(repository), 3, cold);
  row(
    '`kernel` with a history of 200,000 commits, without the verdicts by version',
    { ...history, wallMs: history.wallMs - byVersion.wallMs },
    '5 s, 500 MB',
    history.wallMs - byVersion.wallMs <= 5000 && history.peakMb <= 500,
  );
  const held = time(judge(repository), 1, { env, before: () => make(200_100), memoryInSameRun: true });
  row(
    '… 100 commits more',
    { ...held, wallMs: held.wallMs - byVersion.wallMs },
    '300 ms, 500 MB',
    held.wallMs - byVersion.wallMs <= 300 && held.peakMb <= 500,
  );
  rmSync(work, { recursive: true, force: true });
}

/** The yardstick of the ingest: what any reader of these files must do at least. */
function inflateAndParse() {
  const nvd = join(shared.mirror, 'nvd.nist.gov/feeds/json/cve/2.0');
  for (const name of readdirSync(nvd).filter((name) => name.endsWith('.gz')))
    JSON.parse(gunzipSync(readFileSync(join(nvd, name))));
  const osv = join(shared.mirror, 'osv-vulnerabilities.storage.googleapis.com');
  for (const name of readdirSync(osv, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const zip = readFileSync(join(osv, name.name, 'all.zip'));
    for (let at = zip.readUInt32LE(zip.length - 6); zip.readUInt32LE(at) === 0x02014b50; ) {
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      JSON.parse(inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(at + 20))));
      at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    }
  }
}

/** Median wall time of `count` whole processes, and the peak memory of one more. */
function time(words, count, { env = process.env, before = () => {}, memoryInSameRun = false } = {}) {
  const peak = [
    '--import',
    `data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>{try{writeSync(3,String(process.resourceUsage().maxRSS))}catch{}})`,
  ];
  const once = (flags) => {
    before();
    const start = process.hrtime.bigint();
    const { status, stderr, output } = spawnSync(process.execPath, [...flags, ...words], {
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 30,
    });
    const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
    if (![0, 10, 11].includes(status)) throw new Error(`${words.join(' ')}: exit ${status}\n${stderr}`);
    return { wallMs, peakMb: Number(output[3]?.toString()) / 1024 };
  };
  if (memoryInSameRun) return once(peak);
  if (count > 1) once([]);
  const walls = Array.from({ length: count }, () => once([]).wallMs);
  return { wallMs: median(walls), peakMb: once(peak).peakMb };
}

function timeCommand(command, words, count) {
  return {
    wallMs: median(
      Array.from(
        { length: count },
        () => timeFunction(() => spawnSync(command, words, { stdio: ['ignore', 'ignore', 'inherit'] })).wallMs,
      ),
    ),
  };
}

function timeFunction(run) {
  const start = process.hrtime.bigint();
  run();
  return { wallMs: Number(process.hrtime.bigint() - start) / 1e6 };
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function ms({ wallMs }) {
  return wallMs >= 10_000 ? `${(wallMs / 1000).toFixed(1)} s` : `${Math.round(wallMs)} ms`;
}

function row(what, measured, target, ok) {
  print([what, ms(measured), `${Math.round(measured.peakMb)} MB`, target, ok ? 'yes' : '**no**']);
}

function yardstick(what, measured) {
  print([`_yardstick:_ ${what}`, ms(measured), '', '', '']);
}

function size(what, bytes, limitMb) {
  const mb = bytes / 1e6;
  print([what, '', `${Math.round(mb)} MB on disk`, `${limitMb} MB`, mb <= limitMb ? 'yes' : '**no**']);
}

function print(cells) {
  rows.push(cells);
  console.log(cells.join(' | '));
}

function report() {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const [cpu] = cpus();
  const text = `# Benchmark figures

Made by \`npm run bench\` (node bench/run.mjs) at commit ${commit}. Medians of whole processes. The yardsticks were taken in the same run: compare ratios, machines differ.

Machine: ${cpus().length} x ${cpu.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}.

| what | wall | peak memory | target | met |
| --- | --- | --- | --- | --- |
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`;
  // A partial run prints its rows and leaves the file as it is.
  if (chosen.length === 0) writeFileSync('bench/results.md', text);
}
