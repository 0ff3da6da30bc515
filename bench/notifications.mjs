// Measures how long a new snapshot takes until its notifications are committed, over 100,000 stored layers.
// usage: node bench/notifications.mjs [sqlite|pgsql] [LAYERS]     (default: sqlite, 100000)
// The layers are generated: chains of 10, 200 packages each, of which each layer changes 5. The advisories are those of the shared
// mirror (or few, without it), and 500 new ones on 100 of the packages. PostgreSQL is the one of the tests: it does not sync.
import { randomBytes, randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { sql } from 'kysely';
import { quietWarnings } from '../src/platform/quiet-warnings.ts';
import { PublicationFollower } from '../src/server/snapshots/publication-follower.ts';
import { ServedSnapshots } from '../src/server/snapshots/served-snapshots.ts';
import { runTask } from '../src/server/tasks/run-task.ts';
import { CompareRounds } from '../src/server/updates/compare-rounds.ts';
import { StoredNotifications } from '../src/server/usecases/notifications.ts';
import { insertLayer } from '../src/state/layer-rows.ts';
import { openState } from '../src/state/open-state.ts';
import { advisoryDatabase, sharedData } from '../test/acceptance/shared-data.ts';
import { fakeAdvisory, fakeUpdater, updateFakes } from '../test/fake-feeds.ts';
import { startPostgres } from '../test/start-postgres.ts';

quietWarnings();
const [type = 'sqlite', layerCount = '100000'] = process.argv.slice(2);
const CHAIN = 10;
const PACKAGES = 200;
const CHANGED = 5;
const VERSIONS = 60;
const ADVISORIES = 500;
const LAYERS_OF_ONE_COMMIT = 1000;
const versions = Array.from({ length: VERSIONS }, (_, index) => `1.${index}-1`);

const root = mkdtempSync(join(tmpdir(), 'cvescan-bench-'));
const directory = join(root, 'db');
const postgres = type === 'pgsql' ? await startPostgres() : undefined;
const options = postgres
  ? { type: 'pgsql', source: postgres.url, poolSize: 4 }
  : { type: 'sqlite', file: join(root, 'state.sqlite') };
try {
  const state = await openState(options);
  await measure(state);
  await state[Symbol.asyncDispose]();
} finally {
  await postgres?.stop();
  rmSync(root, { recursive: true });
}

async function measure(state) {
  const storedMs = await time(() => storeLayers(state, Number(layerCount)));
  say(`${layerCount} layers stored in ${seconds(storedMs)}; the database has ${await sizeOf(state)}`);

  if (sharedData()) cpSync(advisoryDatabase(), directory, { recursive: true });
  const log = { info: () => {}, warn: console.error, error: console.error };
  const served = new ServedSnapshots(directory);
  const shared = { state, directory, served, runTask, instanceId: 'bench', now: () => new Date(), log };
  const follower = new PublicationFollower(shared);
  const rounds = new CompareRounds({ ...shared, stateOptions: options, notifiers: ['webhook'], maxPerUpdate: 10_000 });
  const { signal } = new AbortController();
  await publish({ first: [fakeAdvisory('CVE-1999-0001', 'package-0', '0')] });
  await follower.check(signal);
  await rounds.round(signal);
  await publish({ first: [fakeAdvisory('CVE-1999-0001', 'package-0', '0')], ...newAdvisories() });
  await follower.check(signal);
  const comparedMs = await time(() => rounds.round(signal));
  const count = await state.db
    .selectFrom('notification')
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirst();
  say(
    `${count.count} notifications of ${ADVISORIES} advisories committed ${seconds(comparedMs)} after the publication`,
  );
  await measurePages(state);
  say(`with them the database has ${await sizeOf(state)}; the snapshot ${mib(newestSnapshotBytes())}`);
}

async function measurePages(state) {
  const notifications = new StoredNotifications(state);
  const [first] = await notifications.list({ after: 0, limit: 1 });
  const times = [];
  for (let page = { limit: 100 }, pages = 0; page && pages < 20; pages++) {
    const started = performance.now();
    const { next } = await notifications.get(first.name, page);
    times.push(performance.now() - started);
    page = next && { limit: 100, from: next };
  }
  say(
    `a page of 100 layers in ${times.sort((a, b) => a - b)[times.length >> 1].toFixed(1)} ms (median of ${times.length})`,
  );
}

/** Each chain is an image of its own: its lowest layer holds 200 packages, and each one above updates five of them. */
async function storeLayers(state, count) {
  let random = 42;
  const below = (limit) => {
    random = (random * 1103515245 + 12345) % 2 ** 31;
    return random % limit;
  };
  let [chain, parentId] = [[], null];
  for (let from = 0; from < count; from += LAYERS_OF_ONE_COMMIT) {
    await state.write(async (tx) => {
      for (let index = from; index < Math.min(count, from + LAYERS_OF_ONE_COMMIT); index++) {
        const isBase = index % CHAIN === 0;
        if (isBase) [chain, parentId] = [Array.from({ length: PACKAGES }, (_, at) => rowOf(at, below(VERSIONS))), null];
        const changed = isBase ? chain : Array.from({ length: CHANGED }, () => rowOf(below(PACKAGES), below(VERSIONS)));
        chain = chain.map((row) => changed.find(({ name }) => name === row.name) ?? row);
        const files = [{ path: 'var/lib/dpkg/status', asPath: '', lister: 'dpkg', body: bodyOf(chain) }];
        const analysed = {
          analyserVersion: 'bench',
          namespace: 'debian:12',
          walk: randomBytes(300),
          files,
          added: changed,
        };
        parentId = await insertLayer(state, tx, { name: randomUUID(), parentId, analysed });
      }
    });
  }
}

function rowOf(at, version) {
  return {
    ...{ type: 'deb', scheme: 'dpkg', namespace: 'debian:12', name: `package-${at}-dev`, version: versions[version] },
    ...{ source_name: `package-${at}`, source_version: versions[version], arch: 'amd64', module: '' },
  };
}

function bodyOf(chain) {
  const packages = chain.map(({ name, version, source_name, source_version, arch }) => ({
    ...{
      name,
      version,
      versionScheme: 'dpkg',
      type: 'deb',
      arch,
      source: { name: source_name, version: source_version },
    },
  }));
  return zstdCompressSync(JSON.stringify({ packages, problems: [] }));
}

function newAdvisories() {
  return Object.fromEntries(
    Array.from({ length: ADVISORIES }, (_, index) => {
      const id = `CVE-1999-${1000 + index}`;
      return [id, [fakeAdvisory(id, `package-${index % 100}`, versions[(index * 7) % VERSIONS])]];
    }),
  );
}

async function publish(parts) {
  const entries = Object.entries(parts).map(([part, records]) => [part, { revision: '1', records }]);
  await updateFakes(directory, [fakeUpdater('bench', { all: { parts: Object.fromEntries(entries) } })]);
}

async function sizeOf(state) {
  if (options.type === 'sqlite') return mib(statSync(options.file).size + statSync(`${options.file}-wal`).size);
  const { rows } = await sql`select pg_database_size(current_database()) as bytes`.execute(state.db);
  return mib(Number(rows[0].bytes));
}

function newestSnapshotBytes() {
  const files = readdirSync(directory).filter((name) => name.startsWith('advisories-'));
  return Math.max(...files.map((name) => statSync(join(directory, name)).size));
}

async function time(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function say(line) {
  console.log(`${options.type}: ${line}`);
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

function mib(bytes) {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
