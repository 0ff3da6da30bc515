import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeSampleDatabase } from '../../../test/sample-database.ts';
import { openSnapshot } from '../../advisories/open-snapshot.ts';
import type { FeedRecord } from '../../feeds/record.ts';
import type { ScannerError } from '../../model/errors.ts';
import { describeState } from '../../state/state.contract.ts';
import type { State } from '../../state/state.ts';
import type { VulnerabilityChange } from '../dependencies.ts';
import { ServerThreads } from '../threads/server-threads.ts';
import { FeedFacts } from '../vulnerabilities/feed-facts.ts';
import { placeOf } from '../vulnerabilities/feed-view.ts';
import { createNamespaces } from './namespaces.ts';
import { MergedVulnerabilities } from './vulnerabilities.ts';

const NOW = new Date('2026-07-30T00:00:00Z');
const NAMESPACE = 'debian:12';
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: ScannerError) => error.code ?? error,
  );
const at = (name: string) => ({ namespace: NAMESPACE, name });

type Said = { readonly id: string; readonly packageName?: string; readonly fixed?: string } & Partial<
  Extract<FeedRecord, { kind: 'advisory' }>
>;
const advisory = ({ id, packageName = 'openssl', fixed, ...more }: Said): FeedRecord => ({
  ...{
    kind: 'advisory',
    advisoryId: id,
    vulnerabilityId: id,
    namespace: NAMESPACE,
    packageName,
    packageKind: 'source',
  },
  ...{ status: 'affected', affected: [{ introduced: '0', ...(fixed !== undefined && { fixed }) }] },
  ...{ fixState: fixed === undefined ? 'not_fixed' : 'fixed', ...more },
});

const FED: readonly FeedRecord[] = [
  advisory({ id: 'CVE-2026-0001', fixed: '3.0.2-1', severity: 'low' }),
  advisory({ id: 'CVE-2026-0001', packageName: 'openssl-old', severity: 'high', link: 'https://example.org/1' }),
  advisory({ id: 'CVE-2026-0002', fixed: '3.0.3-1' }),
  advisory({ id: 'CVE-2026-0003', status: 'not_affected', affected: [] }),
  advisory({ id: 'CVE-2026-0004', status: 'under_investigation' }),
  advisory({ id: 'CVE-2026-0005', namespace: 'debian:11', fixed: '1' }),
  { kind: 'vulnerability', id: 'CVE-2026-0001', description: 'one' },
  {
    kind: 'vulnerability',
    id: 'CVE-2026-0002',
    description: 'two',
    cvss: [{ version: '3.1', vector: 'x', score: 9.8, source: 'x' }],
  },
];

describeState('vulnerabilities', ({ open }) => {
  const cleanUps: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function start(state: State, records?: readonly FeedRecord[]) {
    const threads = new ServerThreads({ maxThreads: 1, maxWaiting: 64 });
    cleanUps.push(() => threads[Symbol.asyncDispose]());
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-vulnerabilities-'));
    cleanUps.push(() => rmSync(directory, { recursive: true }));
    if (records) await makeSampleDatabase(directory, { debian: { namespaces: [NAMESPACE], records } }, NOW);
    const snapshot = records && openSnapshot(directory);
    cleanUps.push(() => snapshot?.close());
    const pin = () => snapshot && { snapshot, [Symbol.dispose]: () => {} };
    const feeds = new FeedFacts({ pin, threads });
    const changes: VulnerabilityChange[] = [];
    const changed = async (_: unknown, change: VulnerabilityChange) => void changes.push(change);
    const vulnerabilities = new MergedVulnerabilities({ state, feeds, changed });
    return { vulnerabilities, namespaces: createNamespaces({ state, feeds }), changes };
  }

  const own = (name: string, more = {}) => ({ Name: name, NamespaceName: NAMESPACE, Severity: 'low', ...more });
  const fix = (Name: string, Version: string) => ({ Name, NamespaceName: NAMESPACE, VersionFormat: 'dpkg', Version });

  test('what a feed says is one vulnerability for each namespace and name, as grave as the gravest', async () => {
    const { vulnerabilities } = await start(await open(), FED);
    expect(await vulnerabilities.get(at('CVE-2026-0001'), { fixedIn: true })).toEqual({
      ...{ Name: 'CVE-2026-0001', NamespaceName: NAMESPACE, Description: 'one', Link: 'https://example.org/1' },
      Severity: 'High',
      FixedIn: [fix('openssl', '3.0.2-1'), fix('openssl-old', 'None')],
    });
    expect((await vulnerabilities.get(at('CVE-2026-0002'), { fixedIn: false })).Severity).toBe('Critical');
    expect(await vulnerabilities.listFixes(at('CVE-2026-0002'))).toEqual([fix('openssl', '3.0.3-1')]);
  });

  test('what is not affected, looked into or said elsewhere is none', async () => {
    const { vulnerabilities } = await start(await open(), FED);
    for (const name of ['CVE-2026-0003', 'CVE-2026-0004', 'CVE-2026-0005', 'CVE-2026-9999'])
      expect(await codeOf(vulnerabilities.get(at(name), { fixedIn: false })), name).toBe('resource.not-found');
  });

  test('a list has feeds in the order of their places, then what users said, in that order', async () => {
    const { vulnerabilities } = await start(await open(), FED);
    for (const name of ['OWN-2', 'OWN-1', 'CVE-2026-0002']) await vulnerabilities.post(own(name));
    const listed: string[] = [];
    let next: number | undefined = 0;
    for (let pages = 0; next !== undefined; pages++) {
      expect(pages).toBeLessThan(5);
      const page: Awaited<ReturnType<typeof vulnerabilities.list>> = await vulnerabilities.list(NAMESPACE, {
        limit: 1,
        from: next,
      });
      listed.push(...page.vulnerabilities.map((it) => `${it.Name} ${it.FixedIn}`));
      next = page.next;
    }
    expect(listed).toEqual(['CVE-2026-0001', 'OWN-2', 'OWN-1', 'CVE-2026-0002'].map((name) => `${name} undefined`));
    const none = await vulnerabilities.list(NAMESPACE, { limit: 0 });
    expect(none).toEqual({ vulnerabilities: [], next: placeOf(NAMESPACE, 'CVE-2026-0001') });
    expect((await vulnerabilities.list(NAMESPACE, { limit: 10 })).next).toBeUndefined();
  });

  test('feeds are listed by their places, wherever a page begins', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `CVE-2026-${1000 + index}`);
    const { vulnerabilities } = await start(
      await open(),
      ids.map((id) => advisory({ id, fixed: '1' })),
    );
    const sorted = ids.toSorted((a, b) => placeOf(NAMESPACE, a) - placeOf(NAMESPACE, b));
    const first = await vulnerabilities.list(NAMESPACE, { limit: 20 });
    const second = await vulnerabilities.list(NAMESPACE, { limit: 40, from: first.next! });
    expect([...first.vulnerabilities, ...second.vulnerabilities].map((it) => it.Name)).toEqual(sorted);
    expect(second.next).toBeUndefined();
  });

  test('an unknown namespace is not found; one that a user named is', async () => {
    const { vulnerabilities, namespaces } = await start(await open());
    expect(await codeOf(vulnerabilities.list('custom:1', { limit: 1 }))).toBe('resource.not-found');
    await vulnerabilities.post({ Name: 'C-1', NamespaceName: 'custom:1', Severity: 'low' });
    expect(await vulnerabilities.list('custom:1', { limit: 1 })).toMatchObject({ vulnerabilities: [{ Name: 'C-1' }] });
    expect(await namespaces.list()).toEqual([{ Name: 'custom:1' }]);
  });

  test('namespaces are those that are named, then those of feeds', async () => {
    const { vulnerabilities, namespaces } = await start(await open(), FED);
    await vulnerabilities.post({ Name: 'C-1', NamespaceName: 'ubuntu:24.04', Severity: 'low' });
    expect(await namespaces.list()).toEqual([
      { Name: 'ubuntu:24.04', VersionFormat: 'dpkg' },
      { Name: 'debian:11', VersionFormat: 'dpkg' },
      { Name: 'debian:12', VersionFormat: 'dpkg' },
    ]);
  });

  test('a post merges FixedIn and replaces the rest; a put keeps FixedIn', async () => {
    const { vulnerabilities } = await start(await open());
    const get = () => vulnerabilities.get(at('OWN-1'), { fixedIn: true });
    await vulnerabilities.post(
      own('OWN-1', { Description: 'x', FixedIn: [fix('a', '1'), fix('b', '#MINV#'), fix('c', '#MAXV#')] }),
    );
    expect(await get()).toMatchObject({ Description: 'x', FixedIn: [fix('a', '1'), fix('c', 'None')] });
    await vulnerabilities.post(own('OWN-1', { FixedIn: [fix('c', '#MINV#'), fix('d', '2')] }));
    expect(await get()).toEqual({ ...own('OWN-1'), Severity: 'Low', FixedIn: [fix('a', '1'), fix('d', '2')] });
    await vulnerabilities.put(at('OWN-1'), { Severity: 'HIGH', Link: 'https://example.org/' });
    expect(await get()).toEqual({
      ...{ ...own('OWN-1'), Severity: 'High', Link: 'https://example.org/' },
      FixedIn: [fix('a', '1'), fix('d', '2')],
    });
    await vulnerabilities.put(at('OWN-2'), { Name: 'ignored', NamespaceName: 'ignored', Severity: 'low' });
    expect(await vulnerabilities.get(at('OWN-2'), { fixedIn: true })).toEqual({ ...own('OWN-2'), Severity: 'Low' });
  });

  test('fixes are put and taken out one by one', async () => {
    const { vulnerabilities } = await start(await open(), FED);
    await vulnerabilities.putFix(at('CVE-2026-0002'), { Name: 'gzip', Version: 'None' });
    expect(await vulnerabilities.listFixes(at('CVE-2026-0002'))).toEqual([
      fix('gzip', 'None'),
      fix('openssl', '3.0.3-1'),
    ]);
    await vulnerabilities.deleteFix(at('CVE-2026-0002'), 'openssl');
    await vulnerabilities.deleteFix(at('CVE-2026-0002'), 'nothing');
    expect(await vulnerabilities.listFixes(at('CVE-2026-0002'))).toEqual([fix('gzip', 'None')]);
    expect(await vulnerabilities.get(at('CVE-2026-0002'), { fixedIn: false })).toMatchObject({ Description: 'two' });
    expect(await codeOf(vulnerabilities.putFix(at('nothing'), { Name: 'gzip', Version: 'None' }))).toBe(
      'resource.not-found',
    );
    expect(await codeOf(vulnerabilities.deleteFix(at('nothing'), 'gzip'))).toBe('resource.not-found');
  });

  test("what users change or delete of a feed's stays so until it is taken back", async () => {
    const { vulnerabilities } = await start(await open(), FED);
    await vulnerabilities.delete(at('CVE-2026-0001'));
    expect(await codeOf(vulnerabilities.get(at('CVE-2026-0001'), { fixedIn: false }))).toBe('resource.not-found');
    expect(await codeOf(vulnerabilities.delete(at('CVE-2026-0001')))).toBe('resource.not-found');
    expect((await vulnerabilities.list(NAMESPACE, { limit: 9 })).vulnerabilities.map((it) => it.Name)).toEqual([
      'CVE-2026-0002',
    ]);
    await vulnerabilities.reset(at('CVE-2026-0001'));
    expect(await vulnerabilities.get(at('CVE-2026-0001'), { fixedIn: false })).toMatchObject({ Severity: 'High' });
    expect(await codeOf(vulnerabilities.reset(at('CVE-2026-0001')))).toBe('resource.not-found');
  });

  test('a deletion of what no feed says leaves nothing: a feed may say it later', async () => {
    const state = await open();
    const { vulnerabilities } = await start(state);
    await vulnerabilities.post(own('OWN-1', { FixedIn: [fix('a', '1')] }));
    await vulnerabilities.delete(at('OWN-1'));
    expect(await state.db.selectFrom('own_vulnerability').selectAll().execute()).toEqual([]);
    expect(await state.db.selectFrom('own_fixed_in').selectAll().execute()).toEqual([]);
  });

  test('each change is told with both its sides; what changes nothing is not', async () => {
    const { vulnerabilities, changes } = await start(await open(), FED);
    const first = own('OWN-1', { Metadata: { b: 1, a: 2 }, FixedIn: [fix('a', '1')] });
    await vulnerabilities.post(first);
    await vulnerabilities.post({ ...first, Severity: 'LOW', Metadata: { a: 2, b: 1 } });
    await vulnerabilities.put(at('OWN-1'), { Severity: 'High', Metadata: { a: 2, b: 1 } });
    await vulnerabilities.delete(at('OWN-1'));
    await vulnerabilities.delete(at('CVE-2026-0002'));
    await vulnerabilities.reset(at('CVE-2026-0002'));
    const said = { ...first, Severity: 'Low' };
    const fed = expect.objectContaining({ Name: 'CVE-2026-0002', FixedIn: [fix('openssl', '3.0.3-1')] });
    expect(changes).toEqual([
      { ...at('OWN-1'), new: said },
      { ...at('OWN-1'), old: said, new: { ...said, Severity: 'High' } },
      { ...at('OWN-1'), old: { ...said, Severity: 'High' } },
      { ...at('CVE-2026-0002'), old: fed },
      { ...at('CVE-2026-0002'), new: fed },
    ]);
  });

  test('two writers at once lose nothing of what either says', async () => {
    const { vulnerabilities } = await start(await open());
    const features = Array.from({ length: 10 }, (_, index) => `f${index}`);
    await Promise.all(features.map((name) => vulnerabilities.post(own('OWN-1', { FixedIn: [fix(name, '1')] }))));
    expect(await vulnerabilities.listFixes(at('OWN-1'))).toHaveLength(10);
  });
});
