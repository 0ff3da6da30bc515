import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ScannerError } from '../model/errors.ts';
import { type Claim, heldLease } from './job-rules.ts';
import { changeJob, type JobStore, type Tx } from './job-store.ts';

/** How large a report may be. */
export interface ReportLimits {
  /** As it comes. */
  readonly maxReportBytes: number;
  readonly maxUnpackedReportBytes: number;
}

/** A report that was taken: packed as it came. */
export interface StoredReport {
  readonly sha256: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

const CHUNK_BYTES = 1 << 20;

/**
 * Stores the report of a running job, piece by piece as it comes; its result names it later. What it holds is not looked at, only
 * that it is gzip and unpacks to no more than it may.
 *
 * @returns SHA-256 of the bytes as they came, in hex.
 * @throws ScannerError `job.not-found`, `lease.lost`, `job.cancelled`, `job.deadline`, `report.malformed`, `report.too-large`.
 */
export async function receiveReport(
  store: JobStore,
  { id, claim, limits }: { readonly id: string; readonly claim: Claim; readonly limits: ReportLimits },
  body: AsyncIterable<Uint8Array>,
): Promise<string> {
  const leaseNumber = await leaseNumberOf(store, id, claim);
  const upload = { job_id: id, lease_number: leaseNumber };
  const hash = createHash('sha256');
  let [sizeBytes, chunk] = [0, 0];
  const uploadId = `upload ${randomUUID()}`;
  const insert = async (bytes: Uint8Array): Promise<void> => {
    const row = { ...upload, sha256: uploadId, chunk: chunk++, bytes };
    await store.state.write((tx) => tx.insertInto('job_report_chunk').values(row).execute());
  };
  try {
    for await (const bytes of inChunks(checked(body, limits))) {
      hash.update(bytes);
      sizeBytes += bytes.length;
      await insert(bytes);
    }
    const sha256 = hash.digest('hex');
    await changeJob(store, id, async ({ tx, job, nowMs }) => {
      heldLease(job, claim, nowMs);
      await dropReports(tx, upload, uploadId);
      const { numUpdatedRows } = await tx
        .updateTable('job_report_chunk')
        .set({ sha256 })
        .where('job_id', '=', id)
        .where('lease_number', '=', leaseNumber)
        .where('sha256', '=', uploadId)
        .executeTakeFirstOrThrow();
      if (Number(numUpdatedRows) !== chunk)
        throw new ScannerError('report.conflict', 'another report of this lease came meanwhile', { id });
      await tx
        .insertInto('job_report')
        .values({ ...upload, sha256, size_bytes: sizeBytes })
        .execute();
      return { job };
    });
    return sha256;
  } catch (error) {
    await store.state
      .write((tx) => tx.deleteFrom('job_report_chunk').where('sha256', '=', uploadId).execute())
      .catch(() => {});
    throw error;
  }
}

/** The report of a job that has ended well. */
export async function readReport({ state }: JobStore, id: string, sha256: string): Promise<StoredReport | undefined> {
  const report = await state.db
    .selectFrom('job_report')
    .select(['lease_number'])
    .where('job_id', '=', id)
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  if (!report) return undefined;
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let chunk = 0; ; chunk++) {
      const row = await state.db
        .selectFrom('job_report_chunk')
        .select('bytes')
        .where('job_id', '=', id)
        .where('lease_number', '=', report.lease_number)
        .where('sha256', '=', sha256)
        .where('chunk', '=', chunk)
        .executeTakeFirst();
      if (!row) return;
      yield row.bytes;
    }
  };
  return { sha256, bytes: chunks() };
}

/** Reports of a lease but for one: sent again, or never finished. */
async function dropReports(
  tx: Tx,
  { job_id: id, lease_number: leaseNumber }: { readonly job_id: string; readonly lease_number: number },
  keptUpload: string,
): Promise<void> {
  await tx.deleteFrom('job_report').where('job_id', '=', id).where('lease_number', '=', leaseNumber).execute();
  await tx
    .deleteFrom('job_report_chunk')
    .where('job_id', '=', id)
    .where('lease_number', '=', leaseNumber)
    .where('sha256', '!=', keptUpload)
    .execute();
}

async function leaseNumberOf(store: JobStore, id: string, claim: Claim): Promise<number> {
  const { leaseCount } = await changeJob(store, id, ({ job, nowMs }) => {
    heldLease(job, claim, nowMs);
    return { job };
  });
  return leaseCount;
}

/** Passes bytes on while their number, packed and unpacked, is allowed. */
async function* checked(
  body: AsyncIterable<Uint8Array>,
  { maxReportBytes, maxUnpackedReportBytes }: ReportLimits,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 256 << 10 });
  let [packed, unpacked] = [0, 0];
  let failure: Error | undefined;
  gunzip.on('data', (bytes: Buffer) => {
    unpacked += bytes.length;
    if (unpacked > maxUnpackedReportBytes) gunzip.destroy(tooLarge('maxUnpackedReportBytes', maxUnpackedReportBytes));
  });
  const ended = new Promise<void>((resolve) => {
    gunzip.on('end', resolve);
    gunzip.on('error', (error) => {
      failure = error instanceof ScannerError ? error : malformed(error);
      resolve();
    });
  });
  try {
    for await (const bytes of Readable.from(body)) {
      packed += bytes.length;
      if (packed > maxReportBytes) throw tooLarge('maxReportBytes', maxReportBytes);
      if (!failure && !gunzip.write(bytes))
        await Promise.race([new Promise((drained) => gunzip.once('drain', drained)), ended]);
      if (failure) throw failure;
      yield bytes;
    }
    gunzip.end();
    await ended;
    if (failure) throw failure;
  } finally {
    gunzip.destroy();
  }
}

async function* inChunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const bytes of body) {
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes < CHUNK_BYTES) continue;
    yield Buffer.concat(held);
    [held, heldBytes] = [[], 0];
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}

function tooLarge(limit: keyof ReportLimits, value: number): ScannerError {
  return new ScannerError('report.too-large', `the report is above the limit ${limit} = ${value}`, { limit, value });
}

function malformed(cause: Error): ScannerError {
  return new ScannerError('report.malformed', `the report is not gzip: ${cause.message}`, {}, { cause });
}
