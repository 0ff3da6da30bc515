import { describe, expect, test } from 'vitest';
import { type ErrorCode, ScannerError } from '../model/errors.ts';
import { executeJob, type JobTools } from './execute-job.ts';
import type { Work } from './workers.ts';

const deadline = '2026-08-01T00:00:00Z';
const scanWork: Work = {
  kind: 'leased',
  leaseToken: 't',
  job: { id: 'j', attempt: 1, deadline, type: 'scan', target: { kind: 'sbom', sha256: 'ab' }, options: {} },
};
const imageWork: Work = {
  ...scanWork,
  job: { ...scanWork.job, target: { kind: 'image', path: '/a.tar' } } as typeof scanWork.job,
};
const updateWork: Work = {
  kind: 'leased',
  leaseToken: 't',
  job: { id: 'j', attempt: 1, deadline, type: 'update', options: { datasources: ['nvd'], accept_shrink: true } },
};

/** Tools that write down what is asked of them, in its order. */
function start(more: Partial<JobTools> = {}, failing: Record<string, (Error | undefined)[]> = {}) {
  const trace: string[] = [];
  let isLocked = false;
  let nowMs = 0;
  const note = (what: string): void => {
    trace.push(isLocked ? `locked: ${what}` : what);
    const error = failing[what.split(' ')[0]!]?.shift();
    if (error) throw error;
  };
  const tools: JobTools = {
    client: {
      payload: async () => {
        note('payload');
        return { bytes: Buffer.alloc(0), sha256: 'ab' };
      },
      progress: async (_, { stage, done, total }) => note(`progress ${stage} ${done}/${total}`),
      report: async (_, bytes, { timeoutMs }) => {
        note(`report ${bytes} ${timeoutMs}`);
        return { sha256: 'cd' };
      },
      result: async ({ id, token }, result) => note(`result ${id} ${token} ${JSON.stringify(result)}`),
    },
    clock: {
      nowMs: () => nowMs,
      random: () => 1,
      sleep: async (ms) => {
        trace.push(`sleep ${ms}${isLocked ? ' locked' : ''}`);
        nowMs += ms;
      },
    },
    signal: new AbortController().signal,
    locked: async (attempt) => {
      isLocked = true;
      try {
        return await attempt(20_000);
      } finally {
        isLocked = false;
      }
    },
    scan: async (_, document, onStage) => {
      note(`scan ${document?.sha256 ?? 'image'}`);
      onStage('detection');
      return { report: Buffer.from('report'), snapshotId: 's1', counts: { findings: 2 } };
    },
    update: async ({ names, acceptShrink }) => note(`update ${names} ${acceptShrink}`),
    log: () => {},
    ...more,
  };
  return { trace, tools };
}

const failure = (code: ErrorCode): ScannerError => new ScannerError(code, `it is ${code}`);

describe('the worker loop: execute a job, report to the jobs API', () => {
  test('scan: the SBOM is fetched, scanned, its report and then its result delivered, each with the lock', async () => {
    const { trace, tools } = start();
    expect(await executeJob(scanWork, tools)).toBeUndefined();
    expect(trace).toEqual([
      'payload',
      'scan ab',
      'progress detection 1/3',
      'progress report 2/3',
      'locked: report report 20000',
      'locked: result j t {"status":"succeeded","report_sha256":"cd","snapshot_id":"s1","counts":{"findings":2}}',
    ]);
  });

  test('scan of an image: there is no document to fetch', async () => {
    const { trace, tools } = start();
    await executeJob(imageWork, tools);
    expect(trace[0]).toBe('scan image');
  });

  test('update: refresh the data sources named in the job', async () => {
    const { trace, tools } = start();
    expect(await executeJob(updateWork, tools)).toBeUndefined();
    expect(trace).toEqual(['update nvd true', 'locked: result j t {"status":"succeeded"}']);
  });

  test("the runner's own update is reported to nobody", async () => {
    const { trace, tools } = start();
    await executeJob({ kind: 'local-update', id: 'update-1', datasources: [] }, tools);
    expect(trace).toEqual(['update  false']);
  });

  const failures = [
    [failure('document.unknown-format'), 'document.unknown-format', false],
    [failure('feed.unreachable'), 'feed.unreachable', true],
    // Another runner's database may be well.
    [failure('database.damaged'), 'database.damaged', true],
    [new TypeError('it is a bug'), 'worker.failed', true],
  ] as const;
  for (const [error, code, retryable] of failures) {
    test(`${code} fails the job with its reason; tried again: ${retryable}`, async () => {
      const { trace, tools } = start({}, { scan: [error] });
      expect(await executeJob(scanWork, tools)).toBe(`failed: ${error.message}`);
      const result = { status: 'failed', error: { code, message: error.message, retryable } };
      expect(trace.at(-1)).toBe(`locked: result j t ${JSON.stringify(result)}`);
    });
  }

  test('a report that the server will not have fails the job', async () => {
    const { trace, tools } = start({}, { report: [failure('report.too-large')] });
    await executeJob(scanWork, tools);
    expect(trace.at(-1)).toContain('"code":"report.too-large"');
  });
});

describe('leases', () => {
  for (const code of ['lease.lost', 'job.cancelled', 'job.deadline', 'job.not-found'] as const) {
    for (const call of ['payload', 'report', 'result']) {
      test(`${code} at the ${call}: nothing more is sent`, async () => {
        const { trace, tools } = start({}, { [call]: [failure(code)] });
        expect(await executeJob(scanWork, tools)).toBe(`it is ${code}`);
        expect(trace.at(-1)).toContain(call);
      });
    }
  }

  test('reporting after the expiry is not tried', async () => {
    const { trace, tools } = start({ locked: (attempt) => attempt(0) });
    expect(await executeJob(scanWork, tools)).toBe('the lease ran out');
    expect(trace.filter((line) => /^(report|result)/.test(line))).toEqual([]);
  });

  test('the lock covers one attempt, never the wait between two', async () => {
    const gone = failure('endpoint.unreachable');
    const { trace, tools } = start({}, { payload: [gone], report: [gone, gone], result: [gone] });
    expect(await executeJob(scanWork, tools)).toBeUndefined();
    expect(trace.filter((line) => !line.startsWith('progress'))).toEqual([
      'payload',
      'sleep 1000',
      'payload',
      'scan ab',
      'locked: report report 20000',
      'sleep 1000',
      'locked: report report 20000',
      'sleep 2000',
      'locked: report report 20000',
      expect.stringMatching(/^locked: result/),
      'sleep 1000',
      expect.stringMatching(/^locked: result/),
    ]);
  });

  test('progress that is not heard harms nobody', async () => {
    const { tools } = start({}, { progress: [failure('endpoint.unreachable'), failure('lease.lost')] });
    expect(await executeJob(scanWork, tools)).toBeUndefined();
  });
});
