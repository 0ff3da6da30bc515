import { ScannerError } from '../model/errors.ts';
import { type Claim, heldLease } from './job-rules.ts';
import { changeJob, type JobStore, type Tx } from './job-store.ts';

/** A document as it was submitted: packed, with what its sender says of it. */
export interface JobPayload {
  /** gzip. */
  readonly bytes: Uint8Array;
  /** Name of the reader, if the sender gave one. */
  readonly format?: string;
  /** Of the unpacked document; hex. */
  readonly sha256: string;
}

const CHUNK_BYTES = 1 << 20;

export async function storePayload(tx: Tx, jobId: string, { bytes }: JobPayload): Promise<void> {
  for (let chunk = 0; chunk * CHUNK_BYTES < bytes.length; chunk++) {
    const part = bytes.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
    await tx.insertInto('job_payload').values({ job_id: jobId, chunk, bytes: part }).execute();
  }
}

/** The document for the runner that holds the job. @throws ScannerError `job.not-found`, `lease.lost`, `job.cancelled`, `job.deadline`, `job.no-payload`. */
export async function readPayload(store: JobStore, id: string, claim: Claim): Promise<JobPayload> {
  let found: Omit<JobPayload, 'bytes'> | undefined;
  await changeJob(store, id, ({ job, nowMs, row }) => {
    heldLease(job, claim, nowMs);
    const { payload_sha256: sha256, payload_format: format } = row;
    if (sha256 !== null) found = { sha256, ...(format !== null && { format }) };
    return { job };
  });
  if (!found) throw new ScannerError('job.no-payload', 'the job brings no document', { id });
  const rows = await store.state.db
    .selectFrom('job_payload')
    .select('bytes')
    .where('job_id', '=', id)
    .orderBy('chunk')
    .execute();
  return { ...found, bytes: Buffer.concat(rows.map(({ bytes }) => bytes)) };
}

/** @throws ScannerError `job.no-payload`. */
export async function checkPayload(tx: Tx, id: string): Promise<void> {
  const row = await tx.selectFrom('job_payload').select('chunk').where('job_id', '=', id).executeTakeFirst();
  if (!row) throw new ScannerError('job.no-payload', 'its document is gone: submit it again', { id });
}
