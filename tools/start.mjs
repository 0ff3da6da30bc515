// `npm start`: the main job on real input. Brings the advisory database up to date (or, where publishers cannot be
// reached, builds a sample from examples/mirror), then scans an example image and this machine's own root file system.
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
const dataHome = process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share');
const targets = ['oci-dir:dist/examples/image', 'dir:/'];

packExamples();
const isSample = !updateFromPublishers();
const db = isSample ? buildSample() : join(dataHome, 'cvescan');
for (const target of targets) {
  title(`cvescan scan ${target}`);
  const status = cvescan(['scan', '--db', db, target]);
  // 11: nothing could be assessed, which the report explains; anything else but 0 ends the tour.
  if (status !== 0 && status !== 11) process.exit(status);
}
if (isSample) sampleNotice();
title('Next');
console.log(
  '  npm start -- scan IMAGE.tar          an image: docker save, OCI layout, or a directory\n  npm start -- scan --help             all options\n',
);

function updateFromPublishers() {
  if (process.env.CVESCAN_MIRROR) return cvescan(['datasources-update']) === 0;
  return (
    reachable() && cvescan(['datasources-update', ...targets.flatMap((target) => ['--only-needed', target])]) === 0
  );
}

/** One short question before the long way: without it an offline machine would sit through every retry. */
function reachable() {
  const script =
    "fetch('https://security-tracker.debian.org/tracker/', { method: 'HEAD', signal: AbortSignal.timeout(5000) }).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))";
  return spawnSync(process.execPath, ['-e', script]).status === 0;
}

/** Their sources are text; the program reads them as publishers and registries pack them. */
function packExamples() {
  const { status } = spawnSync(process.execPath, ['tools/make-examples.mjs'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function buildSample() {
  sampleNotice();
  const db = join(cache, 'cvescan', 'sample-database');
  const status = cvescan(['datasources-update', '--db', db, '--mirror', 'dist/examples/mirror', '-q']);
  if (status !== 0) process.exit(status);
  return db;
}

function sampleNotice() {
  const lines = [
    'SAMPLE DATA: the publishers could not be reached. The results rest on a few',
    'dozen advisories in examples/mirror: most vulnerabilities are NOT found.',
    'With a network: npm start -- datasources-update',
  ];
  const edge = '!'.repeat(84);
  console.log(`\n${edge}\n${lines.map((line) => `!! ${line.padEnd(78)} !!`).join('\n')}\n${edge}\n`);
}

function title(text) {
  console.log(`\n== ${text}\n`);
}

function cvescan(words) {
  return spawnSync(process.execPath, ['dist/cvescan.js', ...words], { stdio: 'inherit' }).status ?? 1;
}
