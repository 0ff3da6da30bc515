import { createHash, randomUUID } from 'node:crypto';
import type { JobDetails } from '../../jobs/job-details.ts';
import type { JobPayload } from '../../jobs/job-payload.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import { ScannerError } from '../../model/errors.ts';
import { readCursor, writeCursor } from '../../state/page-cursor.ts';
import { readClock } from '../../state/read-clock.ts';
import type { State, WriteTransaction } from '../../state/state.ts';
import { type Judgement, judgementReport, latestJudgement, listJudgements } from '../rejudging/judgement-rows.ts';
import { recordAudit } from './audit.ts';
import type { Bearer } from './tokens.ts';

/** A scan to be made. */
export interface NewScan {
  readonly name: string;
  /** What the runner is told: target and options, JSON. */
  readonly work: unknown;
  readonly payload?: JobPayload;
  readonly priority: number;
  readonly timeoutMs: number;
}

/** A scan and the job that makes it. */
export interface Scan {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly job: JobDetails;
  /** What later advisories made of it. */
  readonly judgement?: Judgement;
}

export interface ScanPage {
  readonly scans: readonly Scan[];
  readonly next?: string;
}

const MAX_JUDGEMENTS = 1000;
/** A key makes a repeated submission the first one. */
const IDEMPOTENCY_LIFE_MS = 24 * 3_600_000;

export type Scans = ReturnType<typeof createScans>;

interface Parts {
  readonly state: State;
  readonly queue: JobQueue;
}

/** Scans as their submitters see them: a `create-scan` token its own, an `admin` all. Others are not found. */
export function createScans(parts: Parts) {
  const { queue } = parts;
  return {
    /**
     * Queues a scan, once for each key of a submitter within a day.
     *
     * @throws ScannerError `idempotency.conflict`: the key came with another body.
     */
    submit: (scan: NewScan, bearer: Bearer, idempotencyKey?: string): Promise<Scan> =>
      submitScan(parts, scan, { bearer, idempotencyKey }),

    /** @throws ScannerError `scan.not-found`. */
    find: (id: string, bearer: Bearer): Promise<Scan> => findScan(parts, id, bearer),

    /** The newest first. */
    list: (bearer: Bearer, page: ScanPageWish): Promise<ScanPage> => listScans(parts, bearer, page),

    /** @throws ScannerError `scan.not-found`, `job.ended`. */
    async cancel(id: string, bearer: Bearer): Promise<void> {
      const { job } = await findScan(parts, id, bearer);
      await queue.cancel(job.id);
    },

    /** The judgements of a scan after its runner's, the newest first. @throws ScannerError `scan.not-found`. */
    async judgements(id: string, bearer: Bearer): Promise<readonly Judgement[]> {
      await findScan(parts, id, bearer);
      return listJudgements(parts.state, id, MAX_JUDGEMENTS);
    },

    /**
     * The latest report, or that of a judgement (0: as its runner made it): JSON in gzip.
     *
     * @throws ScannerError `scan.not-found`, `scan.no-report`.
     */
    async report(
      id: string,
      bearer: Bearer,
      number?: number,
    ): Promise<{ gzip: AsyncIterable<Uint8Array>; madeAt: Date }> {
      const { job, judgement: latest } = await findScan(parts, id, bearer);
      const judgement =
        number === undefined
          ? latest
          : (await listJudgements(parts.state, id, MAX_JUDGEMENTS)).find((it) => it.number === number);
      if (judgement) {
        return { gzip: judgementReport(parts.state, id, judgement.number), madeAt: new Date(judgement.judgedAtMs) };
      }
      if (number) throw new ScannerError('scan.no-report', `the scan has no judgement ${number}`, { id });
      const sha256 = job.state === 'succeeded' ? job.result?.reportSha256 : undefined;
      const report = sha256 === undefined ? undefined : await queue.report(job.id, sha256);
      if (!report) throw new ScannerError('scan.no-report', `the scan is ${job.state}: it has no report`, { id });
      return { gzip: report.bytes, madeAt: new Date(job.endedAtMs!) };
    },
  };
}

interface Submitter {
  readonly bearer: Bearer;
  readonly idempotencyKey: string | undefined;
}

async function submitScan(
  { state, queue }: Parts,
  scan: NewScan,
  { bearer, idempotencyKey: key }: Submitter,
): Promise<Scan> {
  const id = randomUUID();
  const { name, ...work } = scan;
  const body = JSON.stringify([name, scan.work, scan.priority, scan.timeoutMs]);
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const stored = await state.write(async (tx) => {
    const nowMs = await readClock(state, tx);
    const first = key === undefined ? undefined : await firstOf(tx, { bearer, key, bodyHash, nowMs });
    if (first !== undefined) return first;
    await queue.submit(tx, { ...work, id, type: 'scan', submitter: bearer.id });
    const owned = { submitter: bearer.id, created_at: nowMs };
    await tx
      .insertInto('scan')
      .values({ ...owned, id, name, job_id: id })
      .execute();
    if (key !== undefined) {
      await tx
        .insertInto('idempotency')
        .values({ ...owned, key, body_sha256: bodyHash, scan_id: id })
        .execute();
    }
    await recordAudit(tx, { at: nowMs, actor: `${bearer.id} ${bearer.name}`, action: 'scan.submit', subject: id });
    return id;
  });
  queue.announce();
  return findScan({ state, queue }, stored, bearer);
}

async function findScan({ state, queue }: Parts, id: string, bearer: Bearer): Promise<Scan> {
  let query = state.db.selectFrom('scan').selectAll().where('id', '=', id);
  if (bearer.permission !== 'admin') query = query.where('submitter', '=', bearer.id);
  const row = await query.executeTakeFirst();
  if (!row) throw new ScannerError('scan.not-found', `there is no scan ${id}`, { id });
  const judgement = await latestJudgement(state, id);
  return {
    id,
    name: row.name,
    createdAtMs: row.created_at,
    job: await queue.details(row.job_id),
    ...(judgement && { judgement }),
  };
}

interface ScanPageWish {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}

/** Uses the index `scan_created`. */
async function listScans({ state, queue }: Parts, bearer: Bearer, { limit, after }: ScanPageWish): Promise<ScanPage> {
  let query = state.db.selectFrom('scan').selectAll();
  if (bearer.permission !== 'admin') query = query.where('submitter', '=', bearer.id);
  if (after !== undefined) {
    const { createdAtMs, id } = readCursor(after);
    query = query.where((or) =>
      or.or([or('created_at', '<', createdAtMs), or.and([or('created_at', '=', createdAtMs), or('id', '<', id)])]),
    );
  }
  const rows = await query
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const scans = await Promise.all(
    rows.slice(0, limit).map(async (row): Promise<Scan> => {
      const [job, judgement] = await Promise.all([queue.details(row.job_id), latestJudgement(state, row.id)]);
      return { id: row.id, name: row.name, createdAtMs: row.created_at, job, ...(judgement && { judgement }) };
    }),
  );
  const last = rows.length > limit ? scans.at(-1) : undefined;
  return { scans, ...(last && { next: writeCursor(last) }) };
}

interface Submission {
  readonly bearer: Bearer;
  readonly key: string;
  readonly bodyHash: string;
  readonly nowMs: number;
}

async function firstOf(
  tx: WriteTransaction,
  { bearer, key, bodyHash, nowMs }: Submission,
): Promise<string | undefined> {
  await tx
    .deleteFrom('idempotency')
    .where('created_at', '<', nowMs - IDEMPOTENCY_LIFE_MS)
    .execute();
  const first = await tx
    .selectFrom('idempotency')
    .select(['scan_id', 'body_sha256'])
    .where('submitter', '=', bearer.id)
    .where('key', '=', key)
    .executeTakeFirst();
  if (first && first.body_sha256 !== bodyHash) {
    throw new ScannerError('idempotency.conflict', 'this Idempotency-Key came with another body before');
  }
  return first?.scan_id;
}
