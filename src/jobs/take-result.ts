import { timingSafeEqual } from 'node:crypto';
import { ScannerError } from '../model/errors.ts';
import type { JobResult } from './job-details.ts';
import { type Claim, finish } from './job-rules.ts';
import { changeJob, hashOf, type JobStore, type Tx } from './job-store.ts';

/**
 * Takes the result of a lease, once. Judged in this order: a lease that has delivered (the same again is welcome, another is not),
 * then whether the lease is the current one, then whether it lives.
 *
 * @throws ScannerError `result.conflict`, `report.missing`, `lease.lost`, `job.cancelled`, `job.deadline`, `job.not-found`.
 */
export async function takeResult(
  store: JobStore,
  id: string,
  { claim, result }: { readonly claim: Claim; readonly result: JobResult },
): Promise<void> {
  const resultHash = hashOf(JSON.stringify(result));
  await changeJob(store, id, async ({ tx, job, ...at }) => {
    const delivered = await deliveredBy(tx, id, claim);
    if (delivered !== undefined) {
      if (timingSafeEqual(Buffer.from(delivered), Buffer.from(resultHash))) return { job };
      throw new ScannerError('result.conflict', 'this lease has delivered another result already', { id });
    }
    const step = finish(job, claim, result.outcome, at);
    if (result.reportSha256 !== undefined)
      await checkReport(tx, { id, leaseNumber: job.leaseCount }, result.reportSha256);
    await tx
      .updateTable('job_attempt')
      .set({ result_hash: resultHash })
      .where('job_id', '=', id)
      .where('number', '=', job.leaseCount)
      .execute();
    if (result.outcome.status === 'succeeded') await dropOtherReports(tx, id, { leaseNumber: job.leaseCount, result });
    const { outcome: _, ...kept } = result;
    await tx
      .updateTable('job')
      .set({ result: JSON.stringify(kept) })
      .where('id', '=', id)
      .execute();
    return step;
  });
}

/** What other leases delivered, what was sent twice, and what never came to its end. */
async function dropOtherReports(
  tx: Tx,
  id: string,
  { leaseNumber, result: { reportSha256 = '' } }: { readonly leaseNumber: number; readonly result: JobResult },
): Promise<void> {
  for (const table of ['job_report', 'job_report_chunk'] as const) {
    await tx
      .deleteFrom(table)
      .where('job_id', '=', id)
      .where((or) => or.or([or('lease_number', '!=', leaseNumber), or('sha256', '!=', reportSha256)]))
      .execute();
  }
}

/** The hash of what a lease delivered; undefined when it has not. */
async function deliveredBy(tx: Tx, id: string, { token, runner }: Claim): Promise<string | undefined> {
  const attempt = await tx
    .selectFrom('job_attempt')
    .select('result_hash')
    .where('job_id', '=', id)
    .where('token_hash', '=', hashOf(token))
    .where('runner', '=', runner)
    .executeTakeFirst();
  return attempt?.result_hash ?? undefined;
}

async function checkReport(
  tx: Tx,
  { id, leaseNumber }: { readonly id: string; readonly leaseNumber: number },
  sha256: string,
): Promise<void> {
  const report = await tx
    .selectFrom('job_report')
    .select('sha256')
    .where('job_id', '=', id)
    .where('lease_number', '=', leaseNumber)
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  if (!report) throw new ScannerError('report.missing', `no report ${sha256} came with this lease`, { id, sha256 });
}
