import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import type { QueueStatistics } from '../jobs/queue-statistics.ts';
import { ScannerError } from '../model/errors.ts';
import { measureJobs } from './job-metrics.ts';

const statistics: QueueStatistics = {
  jobs: [
    { type: 'scan', state: 'pending', count: 3 },
    { type: 'update', state: 'failed', count: 1 },
  ],
  attempts: [{ ending: 'expired', count: 2 }],
  oldestPendingSeconds: 12.5,
  liveRunnerCount: 4,
};

describe('metrics of the queue', () => {
  test('are those of this moment, counted once', async () => {
    const registry = new Registry();
    let askedCount = 0;
    measureJobs({ statistics: async () => ({ ...statistics, liveRunnerCount: ++askedCount }) }, registry);
    const lines = async () => (await registry.metrics()).split('\n').filter((line) => /^cvescan/.test(line));
    const want = (runners: number) => [
      'cvescan_jobs{type="scan",state="pending"} 3',
      'cvescan_jobs{type="update",state="failed"} 1',
      'cvescan_job_attempts{ending="expired"} 2',
      'cvescan_oldest_pending_job_seconds 12.5',
      `cvescan_live_runners ${runners}`,
    ];
    expect(await lines()).toEqual(want(1));
    expect(await lines()).toEqual(want(2));
  });

  test('what has gone is not shown any more', async () => {
    const registry = new Registry();
    let jobs = statistics.jobs;
    measureJobs({ statistics: async () => ({ ...statistics, jobs }) }, registry);
    await registry.metrics();
    jobs = [];
    expect(await registry.metrics()).not.toContain('cvescan_jobs{');
  });

  test('are left out while the database cannot be reached', async () => {
    const registry = new Registry();
    measureJobs({ statistics: () => Promise.reject(new ScannerError('state.unavailable', 'gone')) }, registry);
    expect(await registry.metrics()).not.toMatch(/^cvescan/m);
  });
});
