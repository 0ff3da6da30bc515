import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createJobQueue } from '../../jobs/job-queue.ts';
import { publishSnapshot } from '../../state/publications.ts';
import { describeState } from '../../state/state.contract.ts';
import { createApiV1 } from '../routes/api-v1/api-v1.ts';
import type { RunTask } from '../tasks/run-task.ts';
import { StoredNotifications } from '../usecases/notifications.ts';
import { createScans } from '../usecases/scans.ts';
import { createTokens } from '../usecases/tokens.ts';
import { createSnapshotArchives } from './snapshot-archives.ts';

/** Two chunks and a half. */
const archive = Buffer.alloc((5 << 20) / 2, 'archive of a snapshot ');
const sha256 = createHash('sha256').update(archive).digest('hex');

describeState('snapshots for runners', ({ open, dialect }) => {
  /** A server whose packing of a snapshot is faked: embedded it writes the file, else the archive is in the state. */
  async function start() {
    const state = await open();
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-archives-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const packed: string[] = [];
    let current = '';
    const runTask = (async (task: { file: string }) => {
      packed.push(current);
      writeFileSync(task.file, archive);
      return { id: current, sizeBytes: archive.length };
    }) as unknown as RunTask;
    const chunks = function* () {
      for (let at = 0; at < archive.length; at += 1 << 20) yield archive.subarray(at, at + (1 << 20));
    };
    const publish = async (id: string, after: number) => {
      current = id;
      const stored = dialect === 'postgres' && { archive: { sizeBytes: archive.length, sha256, chunks } };
      await publishSnapshot(state, { after, snapshotId: id, ...stored });
    };
    const queue = createJobQueue({ state });
    const tokens = createTokens(state);
    const snapshots = createSnapshotArchives({ state, directory, runTask });
    const renderReport = () => Promise.reject(new Error('not asked'));
    const parts = {
      queue,
      tokens,
      scans: createScans({ state, queue }),
      notifications: new StoredNotifications(state),
      vulnerabilities: { reset: async () => {} },
    };
    const api = createApiV1({ state, ...parts, renderReport, snapshots });
    const { secret } = await tokens.add({ name: 'r', permission: 'runner' }, 'test');
    const get = async (path: string, headers: Record<string, string> = {}) => {
      const response = await api.request(path, { headers: { authorization: `Bearer ${secret}`, ...headers } });
      const body = Buffer.from(await response.arrayBuffer());
      return { status: response.status, body, header: (name: string) => response.headers.get(name) };
    };
    return { publish, get, packed, directory, tokens, api };
  }

  test('there is none before the first publication', async () => {
    const { get } = await start();
    expect((await get('/snapshots/current')).status).toBe(404);
  });

  test('the current one comes whole, with its ETag, id and sequence', async () => {
    const { publish, get } = await start();
    await publish('one', 0);
    const { status, body, header } = await get('/snapshots/current');
    expect(status).toBe(200);
    expect(body.equals(archive)).toBe(true);
    expect([header('etag'), header('snapshot-id'), header('snapshot-sequence')]).toEqual([`"${sha256}"`, 'one', '1']);
    expect((await get('/snapshots/one')).body.equals(archive)).toBe(true);
    expect((await get('/snapshots/current', { 'if-none-match': `"${sha256}"` })).status).toBe(304);
    expect((await get('/snapshots/current', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  const size = archive.length;
  const ranges: readonly [range: string, from: number, to: number][] = [
    ['bytes=0-0', 0, 1],
    ['bytes=1048575-1048576', 1048575, 1048577],
    ['bytes=2000000-', 2000000, size],
    ['bytes=-5', size - 5, size],
    [`bytes=${size - 1}-99999999`, size - 1, size],
  ];
  for (const [range, from, to] of ranges) {
    test(`a part of it is answered: ${range}`, async () => {
      const { publish, get } = await start();
      await publish('one', 0);
      const { status, body, header } = await get('/snapshots/current', { range, 'if-range': `"${sha256}"` });
      expect(status).toBe(206);
      expect(header('content-range')).toBe(`bytes ${from}-${to - 1}/${size}`);
      expect(body.equals(archive.subarray(from, to))).toBe(true);
    });
  }

  test('a part that is not there is 416, of another archive the whole', async () => {
    const { publish, get } = await start();
    await publish('one', 0);
    expect(await get('/snapshots/current', { range: `bytes=${size}-` })).toMatchObject({ status: 416 });
    const other = await get('/snapshots/current', { range: 'bytes=5-', 'if-range': '"other"' });
    expect([other.status, other.body.length]).toEqual([200, size]);
    for (const range of ['bytes=1-2,4-5', 'lines=1-', 'bytes=-']) {
      expect((await get('/snapshots/current', { range })).status).toBe(200);
    }
  });

  test('the one before is there for who is receiving it', async () => {
    const { publish, get } = await start();
    await publish('one', 0);
    await get('/snapshots/current');
    await publish('two', 1);
    expect((await get('/snapshots/current')).header('snapshot-sequence')).toBe('2');
    expect((await get('/snapshots/one')).status).toBe(dialect === 'postgres' ? 200 : 404);
    expect((await get('/snapshots/three')).status).toBe(404);
  });

  test('embedded, it is packed once however many ask, and old archives go', async () => {
    if (dialect === 'postgres') return;
    const { publish, get, packed, directory } = await start();
    await publish('one', 0);
    await Promise.all([get('/snapshots/current'), get('/snapshots/current')]);
    expect(packed).toEqual(['one']);
    for (const [index, id] of ['two', 'three'].entries()) {
      await publish(id, index + 1);
      await get('/snapshots/current');
    }
    expect(readdirSync(join(directory, 'archives'))).toHaveLength(2);
    expect(existsSync(join(directory, 'archives', 'one.zst'))).toBe(false);
  });

  test('are for runners and administrators', async () => {
    const { publish, tokens, api } = await start();
    await publish('one', 0);
    const { secret } = await tokens.add({ name: 'u', permission: 'create-scan' }, 'test');
    const statusFor = async (token: string) =>
      (await api.request('/snapshots/current', { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await statusFor(secret), await statusFor('')]).toEqual([403, 401]);
  });
});
