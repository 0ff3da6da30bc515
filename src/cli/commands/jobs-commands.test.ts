import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';
import { startJobsServer } from '../../../test/jobs-server.ts';
import { SAMPLE_NOW, sampleReport } from '../../../test/sample-report.ts';
import { jsonFormat } from '../../reports/formats/json.ts';
import { MAX_SBOM_BYTES } from '../../wire/jobs-v1/schemas.ts';

const directory = mkdtempSync(join(tmpdir(), 'cvescan-jobs-commands-'));
afterAll(() => rmSync(directory, { recursive: true }));

type JobsServer = Awaited<ReturnType<typeof startJobsServer>>;

/** A server, and the command line of somebody with a token for it. */
async function start(permission: 'admin' | 'create-scan' = 'admin') {
  const server = await startJobsServer();
  const env = { CVESCAN_TOKEN: await server.tokenOf(permission), CVESCAN_ENDPOINT: server.endpoint };
  const run = (words: string, more: Parameters<typeof runCommandLine>[1] = {}) =>
    runCommandLine(words.split(' '), { env, ...more });
  return { server, run, env };
}

const bom = '{"bomFormat":"CycloneDX","specVersion":"1.6"}';
const report = [
  ...(jsonFormat.render(sampleReport(), { color: false, columns: undefined, now: SAMPLE_NOW }) as Iterable<string>),
].join('');

/** Does the one pending job as a runner would. */
async function doJob({ queue }: JobsServer, outcome: 'succeeded' | 'failed' = 'succeeded'): Promise<string> {
  const { id, lease } = (await queue.lease({ runner: 'r', requestId: 'q', types: ['scan'] }))!;
  const claim = { token: lease.token, runner: 'r' };
  const body = (async function* () {
    yield gzipSync(report);
  })();
  const limits = { maxReportBytes: 1e6, maxUnpackedReportBytes: 1e7 };
  if (outcome === 'failed') {
    const error = { code: 'document.malformed', message: 'it is no SBOM', retryable: false };
    await queue.result(id, claim, { outcome: { status: 'failed', error } });
  } else {
    const reportSha256 = await queue.receiveReport(id, claim, { body, limits });
    await queue.result(id, claim, {
      outcome: { status: 'succeeded' },
      reportSha256,
      snapshotId: 's1',
      counts: { findings: 3, open_critical: 2, open_low: 1 },
    });
  }
  return id;
}

describe('cvescan tokens', () => {
  test('the first one is made on the database itself, and then speaks to the server', async () => {
    await using server = await startJobsServer();
    const config = join(directory, 'config.yml');
    writeFileSync(config, `clair:\n  database:\n    type: sqlite\n    options:\n      source: ${server.stateFile}\n`);
    const made = await runCommandLine(['tokens', 'add', 'first', '--permission', 'admin', '--config', config]);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^cvs_[\w-]{43}\n$/) });
    expect(made.stderr).toContain('it is not shown again (admin first,');
    const env = { CVESCAN_TOKEN: made.stdout.trim(), CVESCAN_ENDPOINT: server.endpoint };
    const second = await runCommandLine(['tokens', 'add', 'ci', '--permission', 'create-scan', '--expires', '90d'], {
      env,
    });
    expect(second.code).toBe(0);
    const listed = await runCommandLine(['tokens', 'list'], { env });
    expect(listed.stdout).toMatch(/create-scan +ci .*expires/);
    expect(listed.stdout).not.toContain(second.stdout.trim());
    expect((await runCommandLine(['tokens', 'revoke', 'ci'], { env })).code).toBe(0);
    expect((await runCommandLine(['tokens', 'list'], { env })).stdout).toMatch(/ci .*revoked/);
    const audit = await server.state.db.selectFrom('audit').select(['action', 'actor']).orderBy('id').execute();
    expect(audit.map(({ action, actor }) => [action, /^command line$/.test(actor)])).toEqual([
      ['token.add', true],
      ['token.add', false],
      ['token.revoke', false],
    ]);
  });

  test('on the database, an unknown one cannot be revoked', async () => {
    const config = join(directory, 'other.yml');
    writeFileSync(config, `clair:\n  database:\n    options:\n      source: ${join(directory, 'new.sqlite')}\n`);
    const { code, stderr } = await runCommandLine(['tokens', 'revoke', 'x', '--config', config]);
    expect([code, stderr]).toEqual([1, 'cvescan: there is no live token x\n']);
  });

  for (const words of [
    'tokens add',
    'tokens add a b --permission admin',
    'tokens add a',
    'tokens add a --permission root',
    'tokens add a --permission admin --expires soon',
  ]) {
    test(`${words} is wrong usage`, async () => {
      expect((await runCommandLine(words.split(' '))).code).toBe(2);
    });
  }
});

describe('cvescan scans submit', () => {
  test('prints the id of the scan', async () => {
    const { server, run } = await start('create-scan');
    await using _ = server;
    writeFileSync(join(directory, 'bom.json'), bom);
    const { code, stdout } = await run(
      `scans submit ${join(directory, 'bom.json')} --detection osv,!distribution --priority 5`,
    );
    expect(code).toBe(0);
    const details = await server.queue.details(stdout.trim());
    expect(details).toMatchObject({
      priority: 5,
      work: { name: 'bom.json', target: { kind: 'sbom' }, options: { detection: ['osv', '!distribution'] } },
    });
    expect((await run('scans list')).stdout).toMatch(/pending +\S+ +bom.json\n$/);
  });

  test('waits with its progress, and writes the report in each format', async () => {
    const { server, run } = await start('create-scan');
    await using _ = server;
    const waiting = run(`scans submit --wait --name gateway -o csv -o json=${join(directory, 'r.json')} -`, {
      stdin: bom,
    });
    while ((await server.queue.list({ limit: 1 })).jobs.length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    await doJob(server);
    const { code, stdout, stderr } = await waiting;
    expect(code).toBe(0);
    expect(stdout).toContain('CVE-2024-5535');
    expect(readFileSync(join(directory, 'r.json'), 'utf8')).toBe(report);
    expect(stderr).toMatch(/^(gateway: (pending|running)\n)*gateway: succeeded, 2 critical, 1 low\n$/);
  });

  test('of a scan that fails says why', async () => {
    const { server, run } = await start();
    await using _ = server;
    const waiting = run('scans submit --wait -', { stdin: bom });
    while ((await server.queue.list({ limit: 1 })).jobs.length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    await doJob(server, 'failed');
    const { code, stderr } = await waiting;
    expect([code, stderr.split('\n').at(-2)]).toEqual([1, 'standard input: failed, document.malformed: it is no SBOM']);
  });

  test('twice with the same key is one scan', async () => {
    const { server, run } = await start();
    await using _ = server;
    const [first, second] = [
      await run('scans submit --key build-7 -', { stdin: bom }),
      await run('scans submit --key build-7 -', { stdin: bom }),
    ];
    expect(second.stdout).toBe(first.stdout);
  });

  test('of an image names it', async () => {
    const { server, run } = await start();
    await using _ = server;
    const ids = [
      await run('scans submit --image /srv/images/a.tar'),
      await run('scans submit --image https://r.example/a.tar'),
    ];
    const targets = await Promise.all(
      ids.map(async ({ stdout }) => ((await server.queue.details(stdout.trim())).work as { target: unknown }).target),
    );
    expect(targets).toEqual([
      { kind: 'image', path: '/srv/images/a.tar' },
      { kind: 'image', url: 'https://r.example/a.tar' },
    ]);
  });

  test('of the largest document, and of one byte more', async () => {
    const { server, run } = await start();
    await using _ = server;
    const file = join(directory, 'large.json');
    writeFileSync(file, '');
    truncateSync(file, MAX_SBOM_BYTES);
    expect((await run(`scans submit ${file}`)).code).toBe(0);
    truncateSync(file, MAX_SBOM_BYTES + 1);
    expect(await run(`scans submit ${file}`)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`is larger than maxSbomBytes ${MAX_SBOM_BYTES}`),
    });
  });

  const wrong = [
    ['scans submit', 2],
    ['scans submit /nonexistent', 3],
    ['scans submit /dev/zero', 3],
    ['scans submit -o table -', 2],
    ['scans submit --wait -o excel -', 2],
    ['scans submit --priority 101 -', 2],
    ['scans submit --detection mitre -', 1],
  ] as const;
  for (const [words, want] of wrong) {
    test(`${words} ends with ${want}`, async () => {
      const { server, run } = await start();
      await using _ = server;
      expect((await run(words, { stdin: bom })).code).toBe(want);
    });
  }
});

describe('cvescan scans and jobs', () => {
  test('show, list, retry and cancel', async () => {
    const { server, run } = await start();
    await using _ = server;
    const id = (await run('scans submit --name gateway -', { stdin: bom })).stdout.trim();
    await doJob(server, 'failed');
    expect((await run(`scans show ${id}`)).stdout).toMatch(
      /state +failed\n[\s\S]*error +document.malformed: it is no SBOM\n/,
    );
    expect((await run(`jobs show ${id}`)).stdout).toMatch(
      /attempt 1 +failed .* runner r +document.malformed: it is no SBOM\n$/,
    );
    expect((await run('jobs list --state failed')).stdout).toMatch(/scan +failed .*attempt 1 +document.malformed\n$/);
    expect((await run('jobs list --state pending -o json')).stdout).toBe('[]\n');
    expect((await run(`jobs retry ${id}`)).stdout).toMatch(/state +pending/);
    expect((await run(`jobs cancel ${id}`)).stdout).toMatch(/state +cancelled/);
    expect(await run(`jobs cancel ${id}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the job has cancelled already'),
    });
    expect((await run(`scans show -o table ${id}`)).code).toBe(1);
  });

  test('list goes over pages', async () => {
    const { server, run } = await start();
    await using _ = server;
    for (const name of ['a', 'b', 'c']) await run(`scans submit --name ${name} -`, { stdin: bom });
    expect(JSON.parse((await run('scans list -o json --limit 2')).stdout)).toHaveLength(2);
    expect((await run('scans list')).stdout.split('\n')).toHaveLength(4);
  });

  test('an unknown one is not found', async () => {
    const { server, run } = await start();
    await using _ = server;
    expect(await run('jobs show x')).toMatchObject({ code: 3, stderr: expect.stringContaining('there is no job x') });
  });
});
