// Sets the project up on a machine that has some Node and npm, and nothing else, then does what the first word says:
//   start [ARGS]   installs, builds, runs cvescan (without ARGS: the tour of tools/start.mjs)
//   test | test:db | test:acceptance | check [ARGS]   installs, runs the checks
//   bench [NAME…]  installs, builds, measures
//   fleet-test [FLAGS]  installs, builds, runs a fleet with faults
//   setup          installs and builds
// Written for old runtimes on purpose (Node 16 can parse it): it brings the right one itself, as the devDependency `node`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const installStamp = join(root, 'node_modules', '.cvescan-installed');
const buildStamp = join(root, 'dist', '.built-from');

const [task = 'setup', ...args] = process.argv.slice(2);
const tasks = {
  setup: () => build(),
  start: () => {
    build();
    return args.length > 0 ? run(node, ['dist/cvescan.js', ...args]) : run(node, ['tools/start.mjs']);
  },
  check: () => checks(),
  test: () => checks() || vitest('unit'),
  'test:db': () => vitest('database'),
  bench: () => {
    build();
    return run(node, ['bench/run.mjs', ...args]);
  },
  'fleet-test': () => {
    build();
    return run(node, ['tools/fleet-test.ts', ...args]);
  },
  'test:acceptance': () => {
    build();
    return vitest('acceptance');
  },
};
if (!Object.hasOwn(tasks, task)) fail(`unknown task ${JSON.stringify(task)}; one of: ${Object.keys(tasks).join(', ')}`);
install();
process.exitCode = tasks[task]();

/** Types, lint and format, unused code. */
function checks() {
  return (
    run(node, [bin('typescript', 'tsc')]) ||
    run(node, [bin('typescript', 'tsc'), '-p', 'web/report']) ||
    run(node, [bin('@biomejs/biome', 'biome'), 'check', '.']) ||
    run(node, [bin('knip', 'knip'), '--no-progress'])
  );
}

function vitest(project) {
  const report = process.env.CVESCAN_TEST_REPORT
    ? ['--reporter=default', '--reporter=json', `--outputFile=${process.env.CVESCAN_TEST_REPORT}`]
    : [];
  return run(node, [bin('vitest', 'vitest'), 'run', '--project', project, ...report, ...args]);
}

/** Installs when the lockfile changed, a package is missing or of another version, or the runtime does not run. */
function install() {
  const wanted = hashOf(['package.json', 'package-lock.json'].map((name) => join(root, name)));
  if (read(installStamp) === wanted && isWhole()) return;
  say('installing dependencies (npm install) …');
  if (npmInstall() && isWhole()) return writeFileSync(installStamp, wanted);
  // Half installed, or installed for another machine: once more from nothing.
  rmSync(join(root, 'node_modules'), { recursive: true, force: true });
  if (!npmInstall())
    fail('npm install failed; see its output above. It needs a registry that holds the packages of package-lock.json.');
  if (!isWhole()) fail('npm install left packages out; its output above says which.');
  writeFileSync(installStamp, wanted);
}

function npmInstall() {
  // --no-save: a user's npm settings must not rewrite the lockfile.
  const words = [
    'install',
    '--no-save',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const npm = process.env.npm_execpath;
  const isScript = npm !== undefined && /\.c?js$/.test(npm);
  return (isScript ? run(process.execPath, [npm, ...words]) : run('npm', words)) === 0;
}

function isWhole() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    const manifest = read(join(root, 'node_modules', name, 'package.json'));
    if (manifest === undefined) return false;
    try {
      if (JSON.parse(manifest).version !== version) return false;
    } catch {
      return false;
    }
  }
  return spawnSync(node, ['--version']).status === 0;
}

/** Builds when a source file changed. */
function build() {
  const files = [join(root, 'package.json'), join(root, 'tools', 'build.mjs'), ...filesBelow(join(root, 'src'))];
  const wanted = hashOf(files.filter((file) => !file.endsWith('.test.ts')));
  if (read(buildStamp) === wanted) return 0;
  say('building …');
  const status = run(node, ['tools/build.mjs']);
  if (status !== 0) process.exit(status);
  mkdirSync(dirname(buildStamp), { recursive: true });
  writeFileSync(buildStamp, wanted);
  return 0;
}

function filesBelow(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesBelow(path) : [path];
    });
}

function hashOf(files) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of files)
    if (existsSync(file)) hash.update(`\0${file.slice(root.length)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function bin(name, command) {
  const folder = join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/** Runs in the foreground. The runtime's own folder comes first in PATH, so that children find the same one. */
function run(command, words) {
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
  };
  const { status, error, signal } = spawnSync(command, words, { cwd: root, stdio: 'inherit', env });
  if (error) say(`${command}: ${error.message}`);
  return status ?? (signal ? 130 : 1);
}

function say(text) {
  process.stderr.write(`cvescan: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
