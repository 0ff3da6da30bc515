import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  FAKE_NOW,
  type FakeDocument,
  type FakeFeed,
  fakeAdvisory,
  fakeUpdater,
  updateFakes,
} from '../../test/fake-feeds.ts';
import { readDatabaseStatus } from '../advisories/database-status.ts';
import { openSnapshot } from '../advisories/open-snapshot.ts';
import type { Snapshot } from '../advisories/snapshot.ts';
import { verifyCurrentSnapshot } from '../advisories/verify-snapshot.ts';
import type { FeedRecord } from '../feeds/record.ts';
import { ScannerError } from '../model/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'cvescan-update-'));
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;
let directory = '';
const newDirectory = (): string => join(root, `${++count}`, 'db');
beforeEach(() => {
  directory = newDirectory();
});

const snapshots = (): string[] => readdirSync(directory).filter((name) => name.startsWith('advisories-'));
const document = (...records: readonly FeedRecord[]): FakeDocument => ({ parts: { all: { revision: '1', records } } });
const debian = (...ids: readonly string[]) =>
  fakeUpdater('debian', { tracker: document(...ids.map((id) => fakeAdvisory(id, 'openssl', '3.0.14-1'))) });
const idsOf = (snapshot: Snapshot, packageName = 'openssl') =>
  snapshot.advisories('debian:12', packageName).map(({ vulnerabilityId }) => vulnerabilityId);

describe('an update', () => {
  test('makes a snapshot that says what the feeds say', async () => {
    const { snapshotId } = await updateFakes(directory, [debian('CVE-2', 'CVE-1')]);
    using snapshot = openSnapshot(directory);
    expect(snapshot.id).toBe(snapshotId);
    expect(snapshot.advisories('debian:12', 'openssl')).toMatchObject([
      { source: 'debian', part: 'all', revision: '1', vulnerabilityId: 'CVE-1', affected: [{ fixed: '3.0.14-1' }] },
      { vulnerabilityId: 'CVE-2' },
    ]);
    expect(snapshot.coverage('debian:12')).toEqual([{ source: 'debian' }]);
    expect(snapshot.coverage('debian:11')).toEqual([]);
    expect([snapshot.knows('debian:12'), snapshot.knows('debian:11')]).toEqual([true, false]);
    expect(readdirSync(directory).filter((name) => /^(building|changes)/.test(name))).toEqual([]);
  });

  test('that finds nothing new makes no file, and the sources count as read', async () => {
    await updateFakes(directory, [debian('CVE-1')]);
    const files = snapshots();
    const later = new Date('2026-08-02T00:00:00Z');
    const { outcomes } = await updateFakes(directory, [debian('CVE-1')], { now: () => later });
    expect(outcomes).toMatchObject([{ state: 'unchanged', partCount: 1, recordCount: 1 }]);
    expect(snapshots()).toEqual(files);
    using snapshot = openSnapshot(directory);
    expect(snapshot.sources).toMatchObject([{ name: 'debian', updatedAt: later.toISOString() }]);
  });

  test('keeps the last two snapshots', async () => {
    for (const id of ['CVE-1', 'CVE-2', 'CVE-3', 'CVE-4'])
      await updateFakes(directory, [debian(id)], { acceptShrink: true });
    expect(snapshots()).toHaveLength(2);
    using snapshot = openSnapshot(directory);
    expect(idsOf(snapshot)).toEqual(['CVE-4']);
  });

  test('leaves an open snapshot what it was', async () => {
    await updateFakes(directory, [debian('CVE-1')]);
    using before = openSnapshot(directory);
    for (const id of ['CVE-2', 'CVE-3', 'CVE-4']) await updateFakes(directory, [debian(id)]);
    expect(existsSync(join(directory, `advisories-${before.id}.sqlite`))).toBe(false);
    expect(idsOf(before)).toEqual(['CVE-1']);
  });

  test('reads a document again with a new version of its updater', async () => {
    const feed = { tracker: document(fakeAdvisory('CVE-1', 'openssl', '1')) };
    await updateFakes(directory, [fakeUpdater('debian', feed)]);
    const parse = function* () {
      yield { part: 'all', revision: '1', records: [fakeAdvisory('CVE-1', 'openssl', '2')] };
    };
    const { outcomes } = await updateFakes(directory, [fakeUpdater('debian', feed, { version: 2, parse })]);
    expect(outcomes).toMatchObject([{ state: 'updated' }]);
    using snapshot = openSnapshot(directory);
    expect(snapshot.advisories('debian:12', 'openssl')).toMatchObject([{ affected: [{ fixed: '2' }] }]);
  });

  test('keeps problems of documents until they are read again', async () => {
    const feed = (problems: readonly string[], fixed: string): FakeFeed => ({
      one: { parts: { a: { revision: '1', records: [fakeAdvisory('CVE-1', 'a', '1')] } }, problems },
      two: { parts: { b: { revision: '1', records: [fakeAdvisory('CVE-2', 'b', fixed)] } }, problems: ['two is odd'] },
    });
    await updateFakes(directory, [fakeUpdater('debian', feed(['one is odd'], '1'))]);
    await updateFakes(directory, [fakeUpdater('debian', feed(['one is odd'], '2'))]);
    const messages = () => readDatabaseStatus(directory).sources[0]?.problems.map(({ message }) => message);
    expect(messages()).toEqual(['one is odd', 'two is odd']);
    await updateFakes(directory, [fakeUpdater('debian', feed([], '2'))]);
    expect(messages()).toEqual(['two is odd']);
  });
});

describe('sources stand for themselves', () => {
  const alpine = (feed: FakeFeed) => fakeUpdater('alpine', feed);
  const other = { main: document(fakeAdvisory('CVE-9', 'musl', '1')) };

  test('one that fails keeps what it had, the others are taken', async () => {
    await updateFakes(directory, [debian('CVE-1'), alpine(other)]);
    const failing = alpine(new ScannerError('feed.unreachable', 'no route'));
    const { outcomes } = await updateFakes(directory, [debian('CVE-1', 'CVE-2'), failing]);
    expect(outcomes.map(({ source, state }) => `${source} ${state}`).sort()).toEqual([
      'alpine failed',
      'debian updated',
    ]);
    using snapshot = openSnapshot(directory);
    expect(idsOf(snapshot)).toEqual(['CVE-1', 'CVE-2']);
    expect(idsOf(snapshot, 'musl')).toEqual(['CVE-9']);
    expect(readDatabaseStatus(directory).sources[0]).toMatchObject({
      ...{ name: 'alpine', recordCount: 1, failure: { code: 'feed.unreachable', message: 'no route' } },
    });
  });

  test('one that fails half-way leaves no trace of its new half', async () => {
    await updateFakes(directory, [debian('CVE-1')]);
    const parse = function* () {
      for (let part = 0; part < 2000; part++) {
        yield { part: `${part}`, revision: '1', records: [fakeAdvisory('CVE-7', 'half', '1')] };
      }
      throw new ScannerError('feed.malformed', 'cut off');
    };
    const broken = fakeUpdater('alpine', other, { parse });
    const { outcomes } = await updateFakes(directory, [broken, debian('CVE-1', 'CVE-2')], { concurrency: 1 });
    expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'updated']);
    using snapshot = openSnapshot(directory);
    expect(idsOf(snapshot, 'half')).toEqual([]);
    expect(idsOf(snapshot)).toEqual(['CVE-1', 'CVE-2']);
    expect(verifyCurrentSnapshot(directory)).toMatchObject({ differing: [] });
  });

  test('what the mirror lacks is no failure, unless the source was named', async () => {
    const gap = fakeUpdater('rhel', new ScannerError('feed.not-in-mirror', 'not in the mirror: archive'));
    const states = async (named: readonly string[]) =>
      (await updateFakes(directory, [debian('CVE-1'), gap], { named: new Set(named) })).outcomes.map(
        ({ state }) => state,
      );
    expect((await states([])).sort()).toEqual(['not in mirror', 'updated']);
    expect((await states(['rhel'])).sort()).toEqual(['failed', 'unchanged']);
    expect(readDatabaseStatus(directory).missing).toMatchObject([
      { name: 'rhel', failure: { code: 'feed.not-in-mirror' } },
    ]);
  });
});

describe('a source of which the mirror lacks files', () => {
  const gap = { code: 'feed.not-in-mirror', message: 'not in the mirror: https://b.example/', path: 'b' } as const;
  const whole = debian('CVE-1');
  const lacking = fakeUpdater(
    'debian',
    {},
    {
      parse: whole.parse,
      async *fetch(context) {
        context.problem(gap);
        yield* whole.fetch(context);
      },
    },
  );
  const empty = fakeUpdater(
    'debian',
    {},
    {
      // biome-ignore lint/correctness/useYield: nothing is there
      async *fetch({ problem }) {
        problem(gap);
        problem({ ...gap, path: 'c' });
      },
    },
  );

  for (const [names, states] of [
    [[], ['updated', 'unchanged']],
    [['debian'], ['failed', 'failed']],
  ] as const) {
    test(`${names.length === 0 ? 'unnamed' : 'named'}: ${states.join(', then ')}; what was found is kept`, async () => {
      const named = new Set(names);
      for (const state of states) {
        const { outcomes } = await updateFakes(directory, [lacking], { named });
        expect(outcomes).toMatchObject([{ state, partCount: 1, error: { message: gap.message } }]);
      }
      using snapshot = openSnapshot(directory);
      expect(idsOf(snapshot)).toEqual(['CVE-1']);
      const [source] = readDatabaseStatus(directory).sources;
      expect(source?.problems).toEqual([gap]);
      expect(source?.failure?.code).toBe(names.length === 0 ? undefined : gap.code);
    });
  }

  test('and that yields nothing makes no snapshot, and takes nothing from one', async () => {
    const { snapshotId, outcomes } = await updateFakes(directory, [empty]);
    expect(snapshotId).toBeUndefined();
    expect(outcomes).toMatchObject([{ state: 'not in mirror', error: { message: `${gap.message} and 1 more` } }]);
    expect(snapshots()).toEqual([]);
    await updateFakes(directory, [whole]);
    await updateFakes(directory, [empty], { acceptShrink: true });
    using snapshot = openSnapshot(directory);
    expect(idsOf(snapshot)).toEqual(['CVE-1']);
  });
});

describe('a feed that shrank', () => {
  const withRecords = (number: number) => debian(...Array.from({ length: number }, (_, index) => `CVE-${index}`));

  for (const [left, state] of [
    [91, 'updated'],
    [90, 'updated'],
    [89, 'failed'],
    [0, 'failed'],
  ] as const) {
    test(`from 100 records to ${left}: ${state}`, async () => {
      await updateFakes(directory, [withRecords(100)]);
      const { outcomes } = await updateFakes(directory, [withRecords(left)]);
      expect(outcomes).toMatchObject([{ state }]);
      if (state === 'failed') expect(outcomes[0]?.error).toMatchObject({ code: 'feed.shrunk' });
      using snapshot = openSnapshot(directory);
      expect(idsOf(snapshot)).toHaveLength(state === 'failed' ? 100 : left);
    });
  }

  test('is taken with --accept-shrink', async () => {
    await updateFakes(directory, [withRecords(100)]);
    await updateFakes(directory, [withRecords(1)], { acceptShrink: true });
    using snapshot = openSnapshot(directory);
    expect(idsOf(snapshot)).toEqual(['CVE-0']);
  });
});

describe('two updates at once', () => {
  test('neither loses what the other did', async () => {
    const alpine = fakeUpdater('alpine', { main: document(fakeAdvisory('CVE-9', 'musl', '1')) });
    await Promise.all([updateFakes(directory, [debian('CVE-1')]), updateFakes(directory, [alpine])]);
    using snapshot = openSnapshot(directory);
    expect([idsOf(snapshot), idsOf(snapshot, 'musl')]).toEqual([['CVE-1'], ['CVE-9']]);
    expect(verifyCurrentSnapshot(directory)).toMatchObject({ differing: [] });
  });

  test('of one source: the second waits, and says so', async () => {
    const waiting: string[] = [];
    const onEvent = (event: { kind: string; owner?: string }) => {
      if (event.kind === 'waiting') waiting.push(event.owner ?? '');
    };
    await Promise.all([
      updateFakes(directory, [debian('CVE-1')]),
      updateFakes(directory, [debian('CVE-1')], { onEvent }),
    ]);
    expect(waiting.join()).toContain(`process ${process.pid}`);
    using snapshot = openSnapshot(directory);
    expect(idsOf(snapshot)).toEqual(['CVE-1']);
  });
});

describe('a directory that cannot be written', () => {
  test('is a clear error', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    await expect(updateFakes(join(file, 'db'), [debian('CVE-1')])).rejects.toMatchObject({
      code: 'database.unwritable',
    });
  });
});

describe('leftovers of killed updates', () => {
  test('go with the next one', async () => {
    await updateFakes(directory, [debian('CVE-1')]);
    for (const name of ['building-debian', 'changes-debian', 'building-nvd', 'changes-nvd', 'current.next', 'import']) {
      writeFileSync(join(directory, name), 'half a file');
    }
    await updateFakes(directory, [debian('CVE-1', 'CVE-2')]);
    expect(readdirSync(directory).sort()).toEqual([...snapshots(), 'current', 'history.sqlite', 'locks'].sort());
  });
});

describe('a full build and any sequence of increments', () => {
  const variant = fc.nat(4);
  const wholeParts = (names: readonly string[]) => fc.dictionary(fc.constantFrom(...names), variant, { maxKeys: 4 });
  const state = fc.record({
    one: wholeParts(['a', 'b', 'c']),
    two: fc.option(wholeParts(['d', 'e', 'f']), { nil: undefined }),
    recent: wholeParts(['a', 'd', 'x']),
  });

  test('come to the same id and the same answers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 4 }), async (states) => {
        const [stepwise, atOnce] = [newDirectory(), newDirectory()];
        for (const each of states) await updateFakes(stepwise, feedsOf(each), { acceptShrink: true });
        await updateFakes(atOnce, feedsOf(states.at(-1)!), { acceptShrink: true });
        expect(everythingIn(stepwise)).toEqual(everythingIn(atOnce));
        expect(verifyCurrentSnapshot(stepwise)).toMatchObject({ differing: [] });
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

type Variants = Readonly<Record<string, number>>;

function feedsOf({ one, two, recent }: { one: Variants; two: Variants | undefined; recent: Variants }) {
  const partsOf = (variants: Variants, revision: string) =>
    Object.fromEntries(
      Object.entries(variants).map(([part, value]) => [part, { revision, records: recordsOf(part, value) }]),
    );
  return [
    fakeUpdater('debian', {
      one: { parts: partsOf(one, '1') },
      ...(two && { two: { parts: partsOf(two, '1') } }),
      recent: { mode: 'delta', parts: partsOf(recent, '2') },
    }),
    fakeUpdater('alpine', { only: { parts: partsOf(one, '1') } }),
  ];
}

const PACKAGES = ['openssl', 'zlib', 'curl'];
const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'x'].flatMap((part) => [`CVE-2024-1${part}`, `GHSA-${part}`]);

/** Records of a part that differ with the variant in everything there is. */
function recordsOf(part: string, variant: number): FeedRecord[] {
  const id = `CVE-2024-1${part}`;
  const packages = PACKAGES.slice(0, variant);
  const product = `cpe:2.3:a:vendor:product${variant % 2}:*:*:*:*:*:*:*:*`;
  const configuration = {
    ...({ operator: 'OR', negate: false } as const),
    nodes: [
      {
        ...({ operator: 'OR', negate: false } as const),
        criteria: [
          { criteria: product, vulnerable: true, versionEndExcluding: `${variant}` },
          { criteria: 'cpe:2.3:o:vendor:platform:*:*:*:*:*:*:*:*', vulnerable: false },
        ],
      },
    ],
  };
  return [
    ...packages.map((name) => fakeAdvisory(id, name, `${variant}-1`)),
    { kind: 'vulnerability', id, description: `text ${variant} `.repeat(variant * 100), severity: 'low' },
    ...(variant > 1 ? [{ kind: 'vulnerability', id: `GHSA-${part}`, aliases: [id] } as const] : []),
    ...(variant > 2 ? [{ kind: 'cpe', vulnerabilityId: id, configurations: [configuration] } as const] : []),
    { kind: 'epss', vulnerabilityId: id, score: variant / 10 },
  ];
}

function everythingIn(directory: string): unknown {
  using snapshot = openSnapshot(directory);
  const answers = {
    id: snapshot.id,
    sources: snapshot.sources,
    advisories: PACKAGES.map((name) => snapshot.advisories('debian:12', name)),
    vulnerabilities: IDS.map((id) => snapshot.vulnerability(id)),
    byId: IDS.map((id) => snapshot.advisoriesOf(id)),
    cpe: ['product0', 'product1', 'platform'].map((product) => snapshot.cpeCandidates('vendor', product)),
    coverage: snapshot.coverage('debian:12'),
    checks: JSON.parse(readFileSync(join(directory, 'current'), 'utf8')),
  };
  return JSON.parse(JSON.stringify(answers));
}

test('the clock of fake updates is in their snapshots', async () => {
  await updateFakes(directory, [debian('CVE-1')]);
  using snapshot = openSnapshot(directory);
  expect(snapshot.sources[0]?.updatedAt).toBe(FAKE_NOW.toISOString());
});
