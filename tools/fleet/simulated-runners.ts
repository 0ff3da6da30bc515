import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { createJobsClient, type JobsClient } from '../../src/wire/jobs-v1/client.ts';

const attempt = { timeoutMs: 40_000 };
const report = gzipSync('{"schemaVersion":"1.0"}');

/** Runners that do no work: what they measure is the server. @returns milliseconds of each lease, sorted. */
export async function drainQueue(
  endpoint: string,
  tokens: readonly string[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const latenciesMs: number[] = [];
  const lane = async (token: string): Promise<void> => {
    await using client = createJobsClient({ endpoint, token, userAgent: 'fleet-test' });
    while (!signal.aborted) {
      const startMs = performance.now();
      const leased = await client.lease({ request_id: randomUUID(), types: ['scan'], wait_seconds: 0 }, attempt);
      if (!leased) return;
      latenciesMs.push(performance.now() - startMs);
      await finish(client, { id: leased.job.id, token: leased.lease.token });
    }
  };
  await Promise.all(tokens.map(lane));
  return latenciesMs.sort((a, b) => a - b);
}

async function finish(client: JobsClient, job: { readonly id: string; readonly token: string }): Promise<void> {
  await client.payload(job, attempt);
  const { sha256 } = await client.report(job, report, attempt);
  await client.result(job, { status: 'succeeded', report_sha256: sha256, counts: { findings: 0 } }, attempt);
}

/** Runners that wait for work by long polls, for a time. */
export async function pollFor(
  endpoint: string,
  tokens: readonly string[],
  seconds: number,
): Promise<{ readonly requestCount: number }> {
  const signal = AbortSignal.timeout(seconds * 1000);
  let requestCount = 0;
  const lane = async (token: string): Promise<void> => {
    await using client = createJobsClient({ endpoint, token, userAgent: 'fleet-test' });
    while (!signal.aborted) {
      requestCount++;
      await client
        .lease({ request_id: randomUUID(), types: ['scan'], wait_seconds: 20 }, { ...attempt, signal })
        .catch(() => {});
      await sleep(4000 + Math.random() * 2000, undefined, { signal }).catch(() => {});
    }
  };
  await Promise.all(tokens.map(lane));
  return { requestCount };
}

const TICKS_PER_SECOND = 100;

/** What a process has used. Source: proc_pid_stat(5); Linux only. */
export function usageOf(pid: number): { readonly cpuSeconds: number; readonly rssMiB: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rssMiB: Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1]) / 1024,
  };
}
