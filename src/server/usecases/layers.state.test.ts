import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DEBIAN_12, dpkgStatus, type LayersUnderTest, layersUnderTest, layerTar } from '../../../test/posted-layers.ts';
import { makeSampleDatabase } from '../../../test/sample-database.ts';
import { tar } from '../../../test/tar.ts';
import { openSnapshot } from '../../advisories/open-snapshot.ts';
import type { FeedRecord } from '../../feeds/record.ts';
import type { ScannerError } from '../../model/errors.ts';
import { layersAdding, storedPackages } from '../../state/affected-layers.ts';
import { beginOwnWrite, putOwnRow } from '../../state/own-rows.ts';
import { describeState } from '../../state/state.contract.ts';
import type { State } from '../../state/state.ts';
import type { ClairLayer } from '../../wire/clair-v1/types.ts';

const NOW = new Date('2026-07-30T00:00:00Z');
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: ScannerError) => error.code ?? error,
  );
const namesOf = ({ Features = [] }: ClairLayer) => Features.map((it) => `${it.Name} ${it.Version} by ${it.AddedBy}`);

const fixedIn = (vulnerabilityId: string, fixed: string): FeedRecord => ({
  ...{ kind: 'advisory', advisoryId: vulnerabilityId, vulnerabilityId, namespace: 'debian:12', packageName: 'openssl' },
  ...{ packageKind: 'source', status: 'affected', affected: [{ introduced: '0', fixed }], fixState: 'fixed' },
  severity: 'high',
});

describeState('layers', ({ open }) => {
  const opened: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
  });
  const start = (state: State, more = {}): LayersUnderTest => {
    const started = layersUnderTest({ state, ...more });
    opened.push(started);
    return started;
  };
  const base = {
    'etc/os-release': DEBIAN_12,
    'var/lib/dpkg/status': dpkgStatus({ openssl: '3.0.1-1', gzip: '1.12-1' }),
  };

  test('a chain is what the file system on top of it is', async () => {
    const { post, get } = start(await open());
    await post('base', base);
    await post(
      'child',
      { 'var/lib/dpkg/status': dpkgStatus({ openssl: '3.0.2-1', gzip: '1.12-1' }) },
      { parentName: 'base' },
    );
    await post('app', { 'srv/app': 'x' }, { parentName: 'child' });
    await post('bare', { 'var/lib/dpkg/.wh.status': '' }, { parentName: 'app' });
    expect(await get('base')).toEqual({ Name: 'base', NamespaceName: 'debian:12', IndexedByVersion: 3 });
    expect(namesOf(await get('app', 'features'))).toEqual(['gzip 1.12-1 by base', 'openssl 3.0.2-1 by child']);
    expect(await get('bare', 'features')).toEqual({
      Name: 'bare',
      NamespaceName: 'debian:12',
      ParentName: 'app',
      IndexedByVersion: 3,
    });
    const all = await get('bare', 'features', 'allLayers');
    expect(all.Features?.map((it) => `${it.Name} ${it.Version} removed by ${it.RemovedBy}`)).toEqual([
      'gzip 1.12-1 removed by bare',
      'openssl 3.0.1-1 removed by child',
      'openssl 3.0.2-1 removed by bare',
    ]);
  });

  test('which layer brought a package is known by its name, and by that of its source', async () => {
    const state = await open();
    const { post } = start(state);
    await post('base', base);
    await post('child', { 'var/lib/dpkg/status': dpkgStatus({ openssl: '3.0.2-1' }) }, { parentName: 'base' });
    const packages = await storedPackages(state, 'debian:12', ['openssl']);
    expect(packages.map((it) => it.version)).toEqual(['3.0.1-1', '3.0.2-1']);
    const layers = await layersAdding(
      state,
      packages.map((it) => it.id),
    );
    expect(layers.map((it) => it.layerName)).toEqual(['base', 'child']);
  });

  test('equal lists and packages are stored once, however many layers hold them', async () => {
    const state = await open();
    const { post } = start(state);
    for (const name of ['a', 'b', 'c']) await post(name, base);
    const count = async (table: 'package' | 'package_list' | 'layer') =>
      Number(
        (
          await state.db
            .selectFrom(table)
            .select((eb) => eb.fn.countAll().as('n'))
            .executeTakeFirstOrThrow()
        ).n,
      );
    expect([await count('layer'), await count('package_list'), await count('package')]).toEqual([3, 1, 2]);
  });

  test('a name that is stored is answered at once; nothing else is looked at', async () => {
    const { post, layers } = start(await open());
    await post('base', base);
    const never = async () => Promise.reject(new Error('opened'));
    const signal = new AbortController().signal;
    const answer = await layers.post({ name: 'base', parentName: 'nobody', format: 'x' }, never, signal);
    expect(answer).toEqual({ indexedByVersion: 3 });
  });

  test('what cannot be stored says why, and leaves nothing behind', async () => {
    const { post, get } = start(await open());
    expect(await codeOf(post('a', base, { parentName: 'nobody' }))).toBe('layer.unknown-parent');
    expect(await codeOf(post('a', base, { format: 'x' }))).toBe('layer.unknown-format');
    expect(await codeOf(post('a', { 'var/lib/dpkg/status': dpkgStatus({ gzip: '1' }) }))).toBe('layer.unsupported');
    expect(await codeOf(post('a', Buffer.alloc(2000, 'garbage')))).toMatch(/^(archive|image)\.damaged$/);
    expect(await codeOf(post('a', base, { signal: AbortSignal.abort(new Error('late')) }))).toEqual(new Error('late'));
    expect(await codeOf(get('a'))).toBe('resource.not-found');
  });

  test('a file that Clair reads may have 200 MiB by its header, and not one byte more', async () => {
    const { post } = start(await open());
    const stating = (sizeBytes: number) => tar({ path: 'var/lib/dpkg/status-old', sizeBytes });
    expect(await codeOf(post('at', stating(200 * 1024 ** 2)))).toBe('image.damaged');
    expect(await codeOf(post('above', stating(200 * 1024 ** 2 + 1)))).toBe('image.limit-exceeded');
  });

  test('a file of no bytes is a layer that changes nothing; without packages no namespace is needed', async () => {
    const { post, get } = start(await open());
    await post('empty', Buffer.alloc(0));
    await post('text', { 'srv/app': 'x' });
    expect(await get('empty', 'features')).toEqual({ Name: 'empty', IndexedByVersion: 3 });
    expect(await get('text', 'features')).toEqual({ Name: 'text', IndexedByVersion: 3 });
  });

  test('the file system of an ACI lies below rootfs', async () => {
    const { post, get } = start(await open());
    const aci = {
      manifest: '{}',
      ...Object.fromEntries(Object.entries(base).map(([path, body]) => [`rootfs/${path}`, body])),
    };
    await post('aci', aci, { format: 'ACI' });
    await post('docker', aci);
    expect(namesOf(await get('aci', 'features'))).toHaveLength(2);
    expect((await get('docker', 'features')).Features).toBeUndefined();
  });

  test('one name posted by many at once is analysed once', async () => {
    const { layers, post, get } = start(await open());
    let openings = 0;
    const failing = async () => {
      openings++;
      throw new Error('gone');
    };
    const signal = new AbortController().signal;
    const posts = [1, 2].map(() => layers.post({ name: 'base', format: 'docker' }, failing, signal));
    expect(await Promise.allSettled(posts)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    expect(openings).toBe(2);
    await Promise.all([1, 2, 3].map(() => post('base', base)));
    expect(namesOf(await get('base', 'features'))).toHaveLength(2);
  });

  test('two instances that post one name store it once', async () => {
    const state = await open();
    const [a, b] = [start(state), start(state)];
    await Promise.all([a.post('base', base), b.post('base', base)]);
    expect(namesOf(await a.get('base', 'features'))).toHaveLength(2);
  });

  test('package lists that no layer holds any more are removed', async () => {
    const state = await open();
    const { post, layers, get } = start(state);
    await post('base', base);
    await post('other', { ...base, 'var/lib/dpkg/status': dpkgStatus({ curl: '8.0-1' }) });
    await layers.removeUnheldLists();
    await layers.delete('other');
    await layers.removeUnheldLists();
    expect(await state.db.selectFrom('package_list').select('id').execute()).toHaveLength(1);
    expect(namesOf(await get('base', 'features'))).toHaveLength(2);
  });

  test('with a layer all above it go', async () => {
    const { post, layers, get } = start(await open());
    await post('base', base);
    await post('child', { 'srv/app': 'x' }, { parentName: 'base' });
    await post('grandchild', { 'srv/app': 'y' }, { parentName: 'child' });
    await layers.delete('child');
    expect(await codeOf(get('grandchild'))).toBe('resource.not-found');
    expect(await codeOf(layers.delete('child'))).toBe('resource.not-found');
    expect((await get('base')).Name).toBe('base');
  });

  test('an analyser of another version reads a layer again, and what stands on it is derived anew', async () => {
    const state = await open();
    const old = start(state, { analyserVersion: 'old' });
    await old.post('base', { 'etc/os-release': DEBIAN_12 });
    await old.post('child', { 'var/lib/dpkg/status': dpkgStatus({ gzip: '1.12-1' }) }, { parentName: 'base' });
    const { post, get } = start(state, { analyserVersion: 'new' });
    await post('base', { ...base, 'etc/os-release': 'ID=debian\nVERSION_ID="11"\n' });
    expect((await get('child')).NamespaceName).toBe('debian:11');
    expect(namesOf(await get('child', 'features'))).toEqual(['gzip 1.12-1 by base']);
    const packages = await storedPackages(state, 'debian:11', ['gzip', 'openssl']);
    const layers = await layersAdding(
      state,
      packages.map((it) => it.id),
    );
    expect(layers.map((it) => it.layerName)).toEqual(['base', 'base']);
    expect(
      await layersAdding(
        state,
        (await storedPackages(state, 'debian:12', ['gzip'])).map((it) => it.id),
      ),
    ).toEqual([]);
  });

  test('feeds speak as in a scan; users have the last word', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-layers-'));
    opened.push({ [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true }) });
    const records = [
      fixedIn('CVE-2026-0001', '3.0.2-1'),
      fixedIn('CVE-2026-0002', '3.0.0-1'),
      fixedIn('CVE-2026-0003', '9'),
    ];
    await makeSampleDatabase(directory, { debian: { namespaces: ['debian:12'], records } }, NOW);
    const snapshot = openSnapshot(directory);
    opened.push({ [Symbol.asyncDispose]: async () => snapshot.close() });
    const state = await open();
    const { post, get, layers } = start(state, { pin: () => ({ snapshot, [Symbol.dispose]: () => {} }) });
    await post('base', base);
    const found = async () =>
      (await get('base', 'vulnerabilities')).Features!.flatMap(({ Name, Vulnerabilities = [] }) =>
        Vulnerabilities.map((it) => `${Name} ${it.Name} ${it.Severity} fixed by ${it.FixedBy}`),
      );
    expect(await found()).toEqual([
      'openssl CVE-2026-0001 High fixed by 3.0.2-1',
      'openssl CVE-2026-0003 High fixed by 9',
    ]);
    const show = { features: false, vulnerabilities: true, allLayers: false };
    expect(await layers.get('base', show)).toBe(await layers.get('base', show));

    const write = (name: string, isTombstone: boolean, fixes: Readonly<Record<string, string>>) =>
      state.write(async (tx) => {
        await beginOwnWrite(tx);
        const body = JSON.stringify({ Name: name, NamespaceName: 'debian:12', Severity: 'Low' });
        const fixedIn = Object.entries(fixes).map(([feature, version]) => ({ feature, version }));
        await putOwnRow(tx, { namespace: 'debian:12', name, isTombstone, body, fixedIn });
      });
    await write('CVE-2026-0001', true, {});
    await write('CVE-2026-0003', false, { gzip: '#MAXV#' });
    await write('OWN-1', false, { openssl: '3.0.1-2', gzip: '1.0' });
    expect(await found()).toEqual(['gzip CVE-2026-0003 Low fixed by undefined', 'openssl OWN-1 Low fixed by 3.0.1-2']);
  });

  test('an answer that is asked for in gzip is packed once', async () => {
    const { post, layers } = start(await open());
    await post('base', Buffer.from(layerTar(base)));
    const answer = await layers.get('base', { features: true, vulnerabilities: false, allLayers: false });
    expect(await answer.gzip()).toBe(await answer.gzip());
    expect(layers.cacheBytes).toBe(answer.json.length + (await answer.gzip()).length);
  });
});
