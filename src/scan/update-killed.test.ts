import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { fakeUpdater, updateFakes } from '../../test/fake-feeds.ts';
import { openSnapshot } from '../advisories/open-snapshot.ts';
import { verifyCurrentSnapshot } from '../advisories/verify-snapshot.ts';

const CHILD = resolve(import.meta.dirname, '../../test/endless-updates.ts');
/** Kills at moments spread over the length of an update. */
const KILLS_MS = [0, 7, 23, 41, 64, 88, 113, 160];

const directory = mkdtempSync(join(tmpdir(), 'cvescan-killed-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('kill -9 at any moment leaves a whole database, and the next update cleans up', async () => {
  for (const delayMs of KILLS_MS) {
    const child = spawn(process.execPath, [CHILD, directory], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    await after(delayMs);
    child.kill('SIGKILL');
    await once(child, 'exit');

    expect(verifyCurrentSnapshot(directory)).toMatchObject({ partCount: 3000, differing: [] });
    using snapshot = openSnapshot(directory);
    const rounds = new Set(snapshot.advisories('debian:12', 'package-0').map(({ affected }) => affected[0]?.fixed));
    expect(rounds.size).toBe(1);
  }
  await updateFakes(directory, [fakeUpdater('debian', {})], { acceptShrink: true });
  expect(readdirSync(directory).filter((name) => /^(building|changes|import)|next$|journal$/.test(name))).toEqual([]);
}, 60_000);
