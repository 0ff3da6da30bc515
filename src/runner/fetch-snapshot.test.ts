import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { advisory } from '../../test/fake-advisories.ts';
import { makeSampleDatabase } from '../../test/sample-database.ts';
import { openSnapshot } from '../advisories/open-snapshot.ts';
import { readPointer } from '../advisories/pointer.ts';
import { exportSnapshot, importSnapshot } from '../advisories/snapshot-archive.ts';
import { ScannerError } from '../model/errors.ts';
import type { SnapshotDownload, SnapshotWish } from '../wire/jobs-v1/client.ts';
import { fetchSnapshot, servedSnapshot } from './fetch-snapshot.ts';

const now = new Date('2026-08-01T00:00:00Z');
const temporary = mkdtempSync(join(tmpdir(), 'cvescan-fetch-'));

/** Two snapshots as archives. */
const archives: { readonly id: string; readonly bytes: Buffer; readonly etag: string }[] = [];
beforeAll(async () => {
  for (const count of [1, 2]) {
    const directory = join(temporary, `server-${count}`);
    const records = Array.from({ length: count * 300 }, (_, index) => ({
      kind: 'advisory' as const,
      ...advisory({ vulnerabilityId: `CVE-2024-${1000 + index}`, fixed: '2' }),
    }));
    await makeSampleDatabase(directory, { debian: { namespaces: ['debian:12'], records } }, now);
    const file = join(temporary, `archive-${count}`);
    const { id } = await exportSnapshot(directory, file);
    const bytes = readFileSync(file);
    archives.push({ id, bytes, etag: `"${createHash('sha256').update(bytes).digest('hex')}"` });
  }
});
afterAll(() => rmSync(temporary, { recursive: true }));

/** A server with one of them, whose answers are cut where the test says. */
function start() {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-fetch-runner-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const server = {
    current: 0,
    sequence: 7,
    cuts: [] as number[],
    errors: [] as (ScannerError | undefined)[],
    damaged: false,
    more: 0,
  };
  const asked: string[] = [];
  let waitedMs = 0;
  const sleep = async (ms: number): Promise<void> => {
    waitedMs += ms;
  };
  const snapshot = async ({ known, begun }: SnapshotWish): Promise<SnapshotDownload | undefined> => {
    const { id, bytes: whole, etag } = archives[server.current]!;
    asked.push(known === etag ? 'known' : begun?.etag === etag ? `from ${begun.sizeBytes}` : 'all');
    const error = server.errors.shift();
    if (error) throw error;
    if (known === etag) return undefined;
    const startBytes = begun?.etag === etag ? begun.sizeBytes : 0;
    const bytes = Buffer.from(whole);
    if (server.damaged) bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
    const cut = server.cuts.shift();
    const body = async function* () {
      yield bytes.subarray(startBytes, cut ?? bytes.length);
      if (cut !== undefined) throw new ScannerError('endpoint.unreachable', 'cut');
      if (server.more > 0) yield Buffer.alloc(server.more);
    };
    return { id, sequence: server.sequence, etag, startBytes, sizeBytes: bytes.length, body: body() };
  };
  const fetch = () =>
    fetchSnapshot({
      client: { snapshot },
      clock: { nowMs: () => waitedMs, random: () => 1, sleep },
      directory,
      now: () => now,
      signal: new AbortController().signal,
      log: () => {},
    });
  const leftovers = () => ['download', 'download.json'].filter((name) => existsSync(join(directory, name)));
  return { server, asked, fetch, directory, leftovers, waitedMs: () => waitedMs };
}

describe("the server's snapshot", () => {
  test('becomes that of the directory', async () => {
    const { fetch, directory, leftovers } = start();
    const { id, etag } = archives[0]!;
    expect(servedSnapshot(directory)).toBeUndefined();
    expect(await fetch()).toEqual({ snapshot: { id, sequence: 7, etag }, isNew: true });
    expect(readPointer(directory)?.id).toBe(id);
    expect(servedSnapshot(directory)).toEqual({ id, sequence: 7, etag });
    expect(leftovers()).toEqual([]);
  });

  test('is not fetched again, and replaced by the next one', async () => {
    const { fetch, server, asked, directory } = start();
    await fetch();
    expect(await fetch()).toMatchObject({ isNew: false, snapshot: { sequence: 7 } });
    Object.assign(server, { current: 1, sequence: 8 });
    expect(await fetch()).toMatchObject({ isNew: true, snapshot: { sequence: 8 } });
    expect(asked).toEqual(['all', 'known', 'all']);
    expect(readPointer(directory)?.id).toBe(archives[1]!.id);
  });

  test('goes on where it was cut, however often while it gets further', async () => {
    const { fetch, server, asked } = start();
    server.cuts = [100, 200, 300, 400, 500, 600, 700, 800];
    await fetch();
    expect(asked).toEqual(['all', ...[100, 200, 300, 400, 500, 600, 700, 800].map((at) => `from ${at}`)]);
  });

  test('goes on in another process', async () => {
    const { fetch, server, asked } = start();
    server.cuts = [100];
    server.errors = [undefined, new ScannerError('token.invalid', 'no')];
    await expect(fetch()).rejects.toMatchObject({ code: 'token.invalid' });
    await fetch();
    expect(asked).toEqual(['all', 'from 100', 'from 100']);
  });

  test('begins anew where the server has another one meanwhile', async () => {
    const { fetch, server, asked, directory } = start();
    server.cuts = [100];
    server.errors = [undefined, new ScannerError('token.invalid', 'no')];
    await expect(fetch()).rejects.toMatchObject({ code: 'token.invalid' });
    server.current = 1;
    await fetch();
    expect(asked.at(-1)).toBe('all');
    expect(readPointer(directory)?.id).toBe(archives[1]!.id);
  });

  test('that is damaged on the way changes nothing, and is not gone on with', async () => {
    const { fetch, server, directory, leftovers } = start();
    await fetch();
    Object.assign(server, { current: 1, damaged: true });
    await expect(fetch()).rejects.toMatchObject({ code: 'database.damaged' });
    expect(readPointer(directory)?.id).toBe(archives[0]!.id);
    expect(leftovers()).toEqual([]);
    server.damaged = false;
    expect(await fetch()).toMatchObject({ isNew: true });
  });

  test('that is longer than it says is refused', async () => {
    const { fetch, server } = start();
    server.more = 1;
    await expect(fetch()).rejects.toMatchObject({ code: 'endpoint.malformed' });
  });

  test('of a server that cannot be reached is asked for six times, ever more seldom', async () => {
    const { fetch, server, asked, waitedMs } = start();
    server.errors = Array.from({ length: 9 }, () => new ScannerError('endpoint.unreachable', 'no answer'));
    await expect(fetch()).rejects.toMatchObject({ code: 'endpoint.unreachable' });
    expect(asked).toHaveLength(6);
    expect(waitedMs()).toBe(31_000);
  });

  test('is fetched again where its file is damaged', async () => {
    const { fetch, directory, asked } = start();
    await fetch();
    const file = join(directory, `advisories-${archives[0]!.id}.sqlite`);
    writeFileSync(file, 'damaged');
    expect(await fetch()).toMatchObject({ isNew: true });
    expect(asked).toEqual(['all', 'all']);
    openSnapshot(directory).close();
  });

  test('counts as none where the directory has another by now', async () => {
    const { fetch, directory } = start();
    await fetch();
    await importSnapshot(directory, join(temporary, 'archive-2'), now.toISOString());
    expect(servedSnapshot(directory)).toBeUndefined();
  });
});
