import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fakeAdvisory, fakeUpdater, updateFakes } from '../../../test/fake-feeds.ts';
import { lockDirectory } from '../../advisories/database-directory.ts';
import { readPointer } from '../../advisories/pointer.ts';
import { runTask } from './run-task.ts';

const { signal } = new AbortController();

describe('runTask', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cvescan-task-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const [database, copy, archive] = ['database', 'copy', 'archive'].map((name) => () => join(root, name)) as [
    () => string,
    () => string,
    () => string,
  ];
  async function exportSample(): Promise<string> {
    const parts = { 'CVE-1': { revision: '1', records: [fakeAdvisory('CVE-1', 'zlib', '1')] } };
    await updateFakes(database(), [fakeUpdater('debian', { tracker: { parts } })]);
    return (await runTask({ kind: 'export', directory: database(), file: archive() }, signal)).id;
  }
  const importTask = () =>
    ({ kind: 'import', directory: copy(), file: archive(), at: new Date(0).toISOString() }) as const;

  test('gives what the process comes to', async () => {
    const id = await exportSample();
    expect(await runTask(importTask(), signal)).toMatchObject({ id });
    expect(readPointer(copy())?.id).toBe(id);
  });

  test('errors keep their codes and details', async () => {
    const task = { kind: 'export', directory: database(), file: archive() } as const;
    await expect(runTask(task, signal)).rejects.toMatchObject({
      ...{ name: 'ScannerError', code: 'database.missing', details: { directory: database() } },
    });
  });

  test('a process that waits ends with the signal', async () => {
    await exportSample();
    using _ = await lockDirectory(copy(), { signal, onWait: () => {} });
    const stopping = new AbortController();
    const running = runTask(importTask(), stopping.signal);
    setTimeout(() => stopping.abort(new Error('stopped')), 200);
    await expect(running).rejects.toThrow('stopped');
  });

  test.skipIf(process.platform !== 'linux')('a process ends with its server, also by kill -9', async () => {
    await exportSample();
    using _ = await lockDirectory(copy(), { signal, onWait: () => {} });
    const script = join(import.meta.dirname, '../../../test/endless-task.ts');
    const server = spawn(process.execPath, [script, copy(), archive()], { stdio: 'ignore' });
    const children = () => readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim();
    await expect.poll(children, { timeout: 10_000 }).toMatch(/^\d+$/);
    const child = children();
    server.kill('SIGKILL');
    await once(server, 'exit');
    await expect.poll(() => existsSync(`/proc/${child}/exe`), { timeout: 10_000 }).toBe(false);
    expect(existsSync(join(copy(), 'current'))).toBe(false);
  });
});
