import { createHash, randomUUID } from 'node:crypto';
import type { JobDetails } from '../../jobs/job-details.ts';
import type { JobPayload } from '../../jobs/job-payload.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import { ScannerError } from '../../model/errors.ts';
import { readCursor, writeCursor } from '../../state/page-cursor.ts';
import { readClock } from '../../state/read-clock.ts';
import type { State, WriteTransaction } from '../../state/state.ts';
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
}

export interface ScanPage {
  readonly scans: readonly Scan[];
  readonly next?: string;
}

/** A key makes a repeated submission the first one. */
const IDEMPOTENCY_LIFE_MS = 24 * 3_600_000;

export type Scans = ReturnType<typeof createScans>;

/** Scans as their submitters see them: a `create-scan` token its own, an `admin` all. Others are not found. */
export function createScans({ state, queue }: { readonly state: State; readonly queue: JobQueue }) {
  async function find(id: string, bearer: Bearer): Promise<Scan> {
    let query = state.db.selectFrom('scan').selectAll().where('id', '=', id);
    if (bearer.permission !== 'admin') query = query.where('submitter', '=', bearer.id);
    const row = await query.executeTakeFirst();
    if (!row) throw new ScannerError('scan.not-found', `there is no scan ${id}`, { id });
    return { id, name: row.name, createdAtMs: row.created_at, job: await queue.details(row.job_id) };
  }

  return {
    /**
     * Queues a scan, once for each key of a submitter within a day.
     *
     * @throws ScannerError `idempotency.conflict`: the key came with another body.
     */
    async submit(scan: NewScan, bearer: Bearer, idempotencyKey?: string): Promise<Scan> {
      const id = randomUUID();
      const bodyHash = createHash('sha256')
        .update(JSON.stringify([scan.name, scan.work, scan.priority, scan.timeoutMs]))
        .digest('hex');
      const stored = await state.write(async (tx) => {
        const nowMs = await readClock(state, tx);
        const first = idempotencyKey && (await firstOf(tx, { bearer, key: idempotencyKey, bodyHash, nowMs }));
        if (first) return first;
        const { name, ...work } = scan;
        await queue.submit(tx, { ...work, id, type: 'scan', submitter: bearer.id });
        await tx.insertInto('scan').values({ id, name, job_id: id, submitter: bearer.id, created_at: nowMs }).execute();
        if (idempotencyKey) {
          const row = {
            submitter: bearer.id,
            key: idempotencyKey,
            body_sha256: bodyHash,
            scan_id: id,
            created_at: nowMs,
          };
          await tx.insertInto('idempotency').values(row).execute();
        }
        await recordAudit(tx, { at: nowMs, actor: `${bearer.id} ${bearer.name}`, action: 'scan.submit', subject: id });
        return id;
      });
      queue.announce();
      return find(stored, bearer);
    },

    find,

    /** The newest first. */
    async list(
      bearer: Bearer,
      { limit, after }: { readonly limit: number; readonly after?: string },
    ): Promise<ScanPage> {
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
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      const scans = await Promise.all(
        shown.map(async (row) => ({
          id: row.id,
          name: row.name,
          createdAtMs: row.created_at,
          job: await queue.details(row.job_id),
        })),
      );
      const hasMore = rows.length > limit && last !== undefined;
      return { scans, ...(hasMore && { next: writeCursor({ createdAtMs: last.created_at, id: last.id }) }) };
    },

    /** @throws ScannerError `scan.not-found`, `job.ended`. */
    async cancel(id: string, bearer: Bearer): Promise<void> {
      const { job } = await find(id, bearer);
      await queue.cancel(job.id);
    },

    /** The report as its runner made it: JSON in gzip. @throws ScannerError `scan.not-found`, `scan.no-report`. */
    async report(id: string, bearer: Bearer): Promise<AsyncIterable<Uint8Array>> {
      const { job } = await find(id, bearer);
      const sha256 = job.state === 'succeeded' ? job.result?.reportSha256 : undefined;
      const report = sha256 === undefined ? undefined : await queue.report(job.id, sha256);
      if (!report) throw new ScannerError('scan.no-report', `the scan is ${job.state}: it has no report`, { id });
      return report.bytes;
    },
  };
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
