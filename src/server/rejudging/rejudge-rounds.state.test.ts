import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { advisory, installed } from '../../../test/fake-advisories.ts';
import { makeSampleDatabase, type SampleSource } from '../../../test/sample-database.ts';
import { openSnapshot } from '../../advisories/open-snapshot.ts';
import { readPointer } from '../../advisories/pointer.ts';
import type { FeedRecord } from '../../feeds/record.ts';
import { createJobQueue } from '../../jobs/job-queue.ts';
import type { Inventory } from '../../model/inventory.ts';
import type { Package } from '../../model/package.ts';
import { jsonFormat } from '../../reports/formats/json.ts';
import { readReport } from '../../reports/read-report.ts';
import { judge } from '../../scan/judge.ts';
import { describeState } from '../../state/state.contract.ts';
import { createScans } from '../usecases/scans.ts';
import type { Bearer } from '../usecases/tokens.ts';
import { doRejudgeTask } from './do-rejudge-task.ts';
import { RejudgeRounds } from './rejudge-rounds.ts';
import { type RejudgeTask, runRejudgeTask } from './rejudge-task.ts';

const bearer: Bearer = { id: 'u', name: 'u', permission: 'create-scan' };
const { signal } = new AbortController();
const NOW = new Date('2026-08-01T00:00:00Z');

const openssl = installed({ name: 'libssl3', version: '3.0.11-1', source: { name: 'openssl', version: '3.0.11-1' } });
const zlib = installed({ name: 'zlib1g', version: '1.2', source: { name: 'zlib', version: '1.2' } });
const flaw = (id: string, packageName: string, fixed: string): FeedRecord => ({
  kind: 'advisory',
  ...advisory({ vulnerabilityId: id, packageName, fixed }),
});
const scored = (id: string, score: number): FeedRecord => {
  const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
  return {
    kind: 'vulnerability',
    id,
    cvss: [{ version: '3.1', vector, score, source: 'nvd@nist.gov', type: 'Primary' }],
  };
};

describeState('stored scans', ({ open }) => {
  /** A server whose advisories the test replaces. */
  async function start(run: typeof runRejudgeTask = doRejudgeTask) {
    const state = await open();
    const queue = createJobQueue({ state });
    const scans = createScans({ state, queue });
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-rejudge-test-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const tasks: RejudgeTask[] = [];
    const rounds = new RejudgeRounds({
      ...{ state, queue, directory, instanceId: 'a', log: pino({ enabled: false }) },
      current: () => ({ id: readPointer(directory)!.id! }),
      runTask: (task, abort) => {
        tasks.push(task);
        return run(task, abort);
      },
    });
    let revision = 0;
    const update = async (records: readonly FeedRecord[], nvd: readonly FeedRecord[] = []) => {
      revision++;
      const sources: Record<string, SampleSource> = { debian: { namespaces: ['debian:12'], records } };
      if (nvd.length > 0) sources.nvd = { namespaces: [], records: nvd };
      await makeSampleDatabase(directory, sources, NOW, String(revision)).catch((error: unknown) => {
        if (!/unchanged/.test(String(error))) throw error;
      });
    };
    /** Stores a scan as a runner would deliver it. */
    const scan = async (name: string, packages: readonly Package[], bytes?: Uint8Array) => {
      const { id } = await scans.submit({ name, work: { options: {} }, priority: 0, timeoutMs: 60_000 }, bearer);
      const { lease } = (await queue.lease({ runner: 'r', requestId: id, types: ['scan'] }))!;
      const claim = { token: lease.token, runner: 'r' };
      const limits = { maxReportBytes: 1e6, maxUnpackedReportBytes: 1e7 };
      const body = (async function* () {
        yield bytes ?? gzipSync(reportOf(name, packages));
      })();
      const reportSha256 = await queue.receiveReport(id, claim, { body, limits });
      await queue.result(id, claim, {
        outcome: { status: 'succeeded' },
        reportSha256,
        snapshotId: 'runner',
        counts: {},
      });
      return id;
    };
    const reportOf = (name: string, packages: readonly Package[]): string => {
      using snapshot = openSnapshot(directory);
      const inventory: Inventory = {
        target: { kind: 'sbom', name },
        namespace: 'debian:12',
        packages,
        layers: [],
        problems: [],
      };
      const report = judge(inventory, snapshot, { now: NOW, allStatements: true });
      return [...(jsonFormat.render(report, { color: false, columns: undefined, now: NOW }) as Iterable<string>)].join(
        '',
      );
    };
    const read = async (id: string, number?: number) => {
      const { gzip } = await scans.report(id, bearer, number);
      const report = await readReport(gunzipSync(Buffer.concat(await Array.fromAsync(gzip))).toString(), id);
      return report.findings.map(({ vulnerability, severity }) => `${vulnerability.id} ${severity.word}`);
    };
    const judgedIds = () =>
      tasks.splice(0).flatMap((task) => (task.kind === 'judge' ? task.scans.map((it) => it.id) : []));
    return { state, scans, rounds, update, scan, read, judgedIds, directory, round: () => rounds.round(signal) };
  }

  test('are judged again where a difference touches their packages, and only those', async () => {
    const { scans, update, scan, read, round, judgedIds } = await start();
    await update([flaw('CVE-2024-1', 'openssl', '3.0.12')]);
    const [a, b] = [await scan('a', [openssl]), await scan('b', [zlib])];
    expect(await round()).toBe(2);
    expect(judgedIds().sort()).toEqual([a, b].sort());
    expect(await scans.judgements(a, bearer)).toEqual([]);
    await update([flaw('CVE-2024-1', 'openssl', '3.0.12'), flaw('CVE-2024-2', 'openssl', '3.0.13')]);
    expect(await round()).toBe(1);
    expect(judgedIds()).toEqual([a]);
    expect(await read(a)).toEqual(['CVE-2024-1 unknown', 'CVE-2024-2 unknown']);
    expect(await read(a, 0)).toEqual(['CVE-2024-1 unknown']);
    const change = {
      kind: 'added',
      cause: 'knowledge',
      vulnerability: 'CVE-2024-2',
      package: 'libssl3',
      version: '3.0.11-1',
    };
    expect(await scans.judgements(a, bearer)).toMatchObject([
      { number: 1, changes: [change], counts: { affected: 2 } },
    ]);
    expect(await scans.find(a, bearer)).toMatchObject({ judgement: { counts: { open_unknown: 2 } } });
    expect(await scans.judgements(b, bearer)).toEqual([]);
    expect(await round()).toBe(0);
  });

  test('keep each judgement: what is gone, and what is rated otherwise', async () => {
    const { scans, update, scan, read, round } = await start();
    const [one, two] = [flaw('CVE-2024-1', 'openssl', '3.0.12'), flaw('CVE-2024-2', 'openssl', '3.0.13')];
    await update([one, two]);
    const a = await scan('a', [openssl]);
    await round();
    await update([one, two], [scored('CVE-2024-1', 9.8)]);
    await round();
    await update([one], [scored('CVE-2024-1', 9.8)]);
    await round();
    expect(await read(a)).toEqual(['CVE-2024-1 critical']);
    expect((await scans.judgements(a, bearer)).map(({ changes }) => changes)).toMatchObject([
      [{ kind: 'gone', vulnerability: 'CVE-2024-2' }],
      [{ kind: 'changed', vulnerability: 'CVE-2024-1', fields: ['severity: unknown -> critical'] }],
    ]);
    expect(await read(a, 1)).toEqual(['CVE-2024-1 critical', 'CVE-2024-2 unknown']);
    await expect(scans.report(a, bearer, 7)).rejects.toMatchObject({ code: 'scan.no-report' });
  });

  test('of an older snapshot than the served one are brought up at once', async () => {
    const { update, scan, read, round } = await start();
    await update([flaw('CVE-2024-1', 'openssl', '3.0.12')]);
    const a = await scan('a', [openssl]);
    await update([flaw('CVE-2024-1', 'openssl', '3.0.12'), flaw('CVE-2024-2', 'openssl', '3.0.13')]);
    await round();
    expect(await read(a)).toEqual(['CVE-2024-1 unknown', 'CVE-2024-2 unknown']);
  });

  test('are all judged again where nobody can tell what changed', async () => {
    const { update, scan, round, judgedIds, directory } = await start();
    await update([flaw('CVE-2024-1', 'openssl', '3.0.12')]);
    await scan('a', [openssl]);
    await scan('b', [zlib]);
    await round();
    judgedIds();
    const old = readPointer(directory)!.id!;
    await update([flaw('CVE-2024-1', 'openssl', '3.0.13')]);
    for (const name of [`judged-${old}`, `advisories-${old}`])
      rmSync(join(directory, `${name}.sqlite`), { force: true });
    expect(await round()).toBe(2);
  });

  test('that cannot be read hold up no others', async () => {
    const { scans, update, scan, read, round } = await start(runRejudgeTask);
    await update([flaw('CVE-2024-1', 'openssl', '3.0.12')]);
    const bad = await scan('bad', [], gzipSync('{"schemaVersion":7}'));
    const worse = await scan('worse', [], gzipSync('no JSON'));
    const good = await scan('good', [openssl]);
    expect(await round()).toBe(3);
    expect(await round()).toBe(0);
    await update([flaw('CVE-2024-2', 'openssl', '3.0.12')]);
    expect(await round()).toBe(1);
    expect(await read(good)).toEqual(['CVE-2024-2 unknown']);
    for (const id of [bad, worse]) expect(await scans.judgements(id, bearer)).toEqual([]);
  }, 60_000);

  test('of several instances one judges', async () => {
    const { state, update, scan, round } = await start();
    await update([flaw('CVE-2024-1', 'openssl', '3.0.12')]);
    await scan('a', [openssl]);
    await state.write((tx) =>
      tx.insertInto('lock').values({ name: 'judging of stored scans', owner: 'b', until: 9e15 }).execute(),
    );
    expect(await round()).toBe(0);
  });
});

describe('a process that judges', () => {
  test('ends with the signal', async () => {
    const stop = new AbortController();
    const task = { kind: 'judge', directory: '/nonexistent', snapshotId: 'x', scans: [] } as const;
    const running = runRejudgeTask(task, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(running).rejects.toThrow('stopped');
  });

  test('that fails says why', async () => {
    const task = { kind: 'judge', directory: '/nonexistent', snapshotId: 'x', scans: [] } as const;
    await expect(runRejudgeTask(task, signal)).rejects.toThrow('/nonexistent holds no snapshot x');
  });
});
