import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startJobsServer } from '../../test/jobs-server.ts';
import { readRunnerSettings } from './runner-settings.ts';
import { type RunnerWorld, startRunner } from './start-runner.ts';

/** A runner of this process, with worker processes of its own. */
async function start(server: { readonly endpoint: string }, token: string, world: Partial<RunnerWorld> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-start-runner-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const env = {
    ...{ CVESCAN_RUNNER_ENDPOINT: server.endpoint, CVESCAN_RUNNER_TOKEN: token, CVESCAN_RUNNER_N_WORKERS: '1' },
    ...{ CVESCAN_RUNNER_POLLING_DELAY: '1', CVESCAN_RUNNER_HEARTBEAT: join(directory, 'beat') },
  };
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const run = () =>
    startRunner(readRunnerSettings({ commandLine: {}, section: {}, file: 'config.yml', env }), {
      ...{ databaseDirectory: join(directory, 'database'), cacheDirectory: join(directory, 'cache') },
      ...{ datasources: { sources: {} }, env: { PATH: process.env.PATH }, once: true, takeSignals: () => {} },
      log: { info: say, warn: say, error: say },
      ...world,
    });
  return { directory, lines, run };
}

describe('a runner', () => {
  test('whose server has no snapshot yet says so, and with --once ends', async () => {
    await using server = await startJobsServer();
    const { run, lines } = await start(server, await server.tokenOf('runner'));
    await expect(run()).rejects.toMatchObject({ code: 'database.missing' });
    expect(lines.find((line) => line.includes('there is no such snapshot'))).toBeDefined();
  });

  test('whose database is of another form asks for no scans', async () => {
    await using server = await startJobsServer();
    const { run, directory, lines } = await start(server, await server.tokenOf('runner'));
    const id = 'a'.repeat(64);
    mkdirSync(join(directory, 'database'));
    writeFileSync(join(directory, 'database/current'), JSON.stringify({ id, sources: {} }));
    writeFileSync(join(directory, `database/advisories-${id}.sqlite`), 'of another program');
    await expect(run()).rejects.toMatchObject({ code: 'database.missing' });
    expect(lines.filter((line) => line.startsWith('no scans are done: '))).toHaveLength(1);
  });

  test('with a token of another permission ends, with --once', async () => {
    await using server = await startJobsServer();
    const { run } = await start(server, await server.tokenOf('admin'));
    await expect(run()).rejects.toMatchObject({ code: 'token.forbidden' });
  });

  test('never tells its token', async () => {
    await using server = await startJobsServer();
    const token = await server.tokenOf('runner');
    const { run, lines } = await start(server, token);
    await run().catch(() => {});
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join('\n')).not.toContain(token);
  });
});
