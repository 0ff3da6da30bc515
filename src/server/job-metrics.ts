import { Gauge, type Registry } from 'prom-client';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { QueueStatistics } from '../jobs/queue-statistics.ts';

/**
 * What an operator watches of the queue. It is counted when metrics are asked for, once for all gauges; while the database cannot be
 * reached they are not shown, and the others are.
 */
export function measureJobs(queue: Pick<JobQueue, 'statistics'>, registry: Registry): void {
  let counting: Promise<QueueStatistics | undefined> | undefined;
  const count = (): Promise<QueueStatistics | undefined> => {
    counting ??= queue
      .statistics()
      .catch(() => undefined)
      .finally(() => {
        counting = undefined;
      });
    return counting;
  };
  const gauge = <Label extends string>(
    name: string,
    { help, labels = [] }: { readonly help: string; readonly labels?: readonly Label[] },
    set: (gauge: Gauge<Label>, counted: QueueStatistics) => void,
  ): void => {
    new Gauge<Label>({
      ...{ name, help, labelNames: [...labels], registers: [registry] },
      async collect() {
        const counted = await count();
        this.reset();
        if (counted) set(this, counted);
        else this.remove({});
      },
    });
  };

  gauge('cvescan_jobs', { help: 'Jobs by type and state', labels: ['type', 'state'] }, (it, { jobs }) => {
    for (const { type, state, count } of jobs) it.set({ type, state }, count);
  });
  const attempts = {
    help: 'Attempts that are kept, by how they ended; expired: the lease was lost',
    labels: ['ending'] as const,
  };
  gauge('cvescan_job_attempts', attempts, (it, counted) => {
    for (const { ending, count } of counted.attempts) it.set({ ending }, count);
  });
  const oldest = { help: 'Age of the pending job that waits longest' };
  gauge('cvescan_oldest_pending_job_seconds', oldest, (it, { oldestPendingSeconds }) => it.set(oldestPendingSeconds));
  const runners = { help: 'Runners that asked for work within the last minute' };
  gauge('cvescan_live_runners', runners, (it, { liveRunnerCount }) => it.set(liveRunnerCount));
}
