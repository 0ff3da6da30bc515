import type { NewJob } from './job-details.ts';
import { storePayload } from './job-payload.ts';
import type { JobStore, Tx } from './job-store.ts';

const DEFAULT_TIMEOUT_MS = 3_600_000;

/** Puts a job into the queue. */
export async function submitJob(store: JobStore, tx: Tx, job: NewJob): Promise<void> {
  const nowMs = await store.nowMs(tx);
  const { timeoutMs = DEFAULT_TIMEOUT_MS, payload } = job;
  await tx
    .insertInto('job')
    .values({
      id: job.id,
      type: job.type,
      state: 'pending',
      priority: job.priority ?? 0,
      created_at: nowMs,
      not_before: nowMs,
      deadline_at: nowMs + timeoutMs,
      timeout_ms: timeoutMs,
      attempt_count: 0,
      lease_count: 0,
      release_count: 0,
      work: JSON.stringify(job.work),
      submitter: job.submitter,
      for_runner: job.forRunner ?? null,
      payload_format: payload?.format ?? null,
      payload_sha256: payload?.sha256 ?? null,
    })
    .execute();
  if (payload) await storePayload(tx, job.id, payload);
}
