import type { JobQueue } from '../../jobs/job-queue.ts';
import type { State, WriteTransaction } from '../../state/state.ts';
import type { ScanOptions } from '../../wire/jobs-v1/schemas.ts';
import type { JudgementChange } from './judge-again.ts';
import type { JudgedScan } from './rejudge-task.ts';

/** A stored scan that is to be judged. */
export interface DueScan {
  readonly id: string;
  readonly options: ScanOptions;
  /** Its latest report, gzip; a runner may deliver none. */
  readonly report: AsyncIterable<Uint8Array> | undefined;
}

/** Name of the fact which snapshot all stored scans have been compared with. */
const COMPARED = 'scans compared with snapshot';
const CHUNK_BYTES = 1 << 20;

export async function comparedSnapshot({ db }: Pick<State, 'db'>): Promise<string | undefined> {
  const row = await db.selectFrom('keyvalue').select('value').where('key', '=', COMPARED).executeTakeFirst();
  return row?.value;
}

/** All questions that judging the stored scans asked, sorted. */
export async function allQuestions({ db }: Pick<State, 'db'>): Promise<readonly string[]> {
  const rows = await db.selectFrom('scan_question').select('question').distinct().orderBy('question').execute();
  return rows.map(({ question }) => question);
}

/** Values of one `in`. */
const BATCH = 1000;

/** Marks the scans that a difference touches, and notes that it was looked at. @param touched undefined: nobody can tell, so all. */
export async function markTouched(
  state: State,
  snapshotId: string,
  touched: readonly string[] | undefined,
): Promise<void> {
  await state.write(async (tx) => {
    if (touched === undefined) await tx.updateTable('scan_judging').set({ is_due: 1 }).execute();
    for (let from = 0; from < (touched?.length ?? 0); from += BATCH) {
      const questions = touched!.slice(from, from + BATCH);
      await tx
        .updateTable('scan_judging')
        .set({ is_due: 1 })
        .where('scan_id', 'in', (eb) =>
          eb.selectFrom('scan_question').select('scan_id').where('question', 'in', questions),
        )
        .execute();
    }
    await tx
      .insertInto('keyvalue')
      .values({ key: COMPARED, value: snapshotId })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: snapshotId }))
      .execute();
  });
}

/** Scans that a difference touches, and those that have succeeded since: they were never looked at. */
export async function dueScans({ db }: Pick<State, 'db'>, queue: JobQueue, limit: number): Promise<readonly DueScan[]> {
  const rows = await db
    .selectFrom('scan')
    .innerJoin('job', 'job.id', 'scan.job_id')
    .leftJoin('scan_judging', 'scan_judging.scan_id', 'scan.id')
    .where('job.state', '=', 'succeeded')
    .where((or) => or.or([or('scan_judging.is_due', '=', 1), or('scan_judging.scan_id', 'is', null)]))
    .select(['scan.id', 'job.id as jobId', 'job.work', 'job.result', 'scan_judging.judgement_count as judgementCount'])
    .orderBy('scan.id')
    .limit(limit)
    .execute();
  return Promise.all(
    rows.map(async ({ id, jobId, work, result, judgementCount }): Promise<DueScan> => {
      const { reportSha256 } = JSON.parse(result ?? '{}') as { reportSha256?: string };
      const { options = {} } = JSON.parse(work) as { options?: ScanOptions };
      if (judgementCount) return { id, options, report: judgementReport({ db }, id, judgementCount) };
      return {
        id,
        options,
        report: reportSha256 === undefined ? undefined : (await queue.report(jobId, reportSha256))?.bytes,
      };
    }),
  );
}

/** Of a scan's judgements the latest; undefined where its runner's report is the only one. */
export async function latestJudgement({ db }: Pick<State, 'db'>, scanId: string): Promise<Judgement | undefined> {
  const [latest] = await listJudgements({ db }, scanId, 1);
  return latest;
}

/** What a scan came to later. */
export interface Judgement {
  readonly number: number;
  readonly snapshotId: string;
  readonly judgedAtMs: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly changes: readonly JudgementChange[];
}

/** The newest first. */
export async function listJudgements(
  { db }: Pick<State, 'db'>,
  scanId: string,
  limit: number,
): Promise<readonly Judgement[]> {
  const rows = await db
    .selectFrom('scan_judgement')
    .selectAll()
    .where('scan_id', '=', scanId)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ number, snapshot_id: snapshotId, judged_at: judgedAtMs, counts, changes }) => ({
    ...{ number, snapshotId, judgedAtMs },
    counts: JSON.parse(counts),
    changes: JSON.parse(changes),
  }));
}

/** The report of a judgement, gzip. */
export async function* judgementReport(
  { db }: Pick<State, 'db'>,
  scanId: string,
  number: number,
): AsyncGenerator<Uint8Array> {
  for (let chunk = 0; ; chunk++) {
    const row = await db
      .selectFrom('scan_judgement_chunk')
      .select('bytes')
      .where('scan_id', '=', scanId)
      .where('number', '=', number)
      .where('chunk', '=', chunk)
      .executeTakeFirst();
    if (!row) return;
    yield row.bytes;
  }
}

/** Stores that a scan was judged, and what changed. @param report of one that changed. */
export async function storeJudged(
  tx: WriteTransaction,
  { id, questions, counts = {}, changes }: JudgedScan,
  {
    snapshotId,
    nowMs,
    report,
  }: { readonly snapshotId: string; readonly nowMs: number; readonly report: Uint8Array | undefined },
): Promise<void> {
  const held = await tx
    .selectFrom('scan_judging')
    .select('judgement_count')
    .where('scan_id', '=', id)
    .executeTakeFirst();
  const number = (held?.judgement_count ?? 0) + (changes ? 1 : 0);
  const judging = { snapshot_id: snapshotId, is_due: 0, judgement_count: number };
  await tx
    .insertInto('scan_judging')
    .values({ scan_id: id, ...judging })
    .onConflict((conflict) => conflict.column('scan_id').doUpdateSet(judging))
    .execute();
  await tx.deleteFrom('scan_question').where('scan_id', '=', id).execute();
  for (let from = 0; from < questions.length; from += BATCH) {
    const rows = questions.slice(from, from + BATCH).map((question) => ({ question, scan_id: id }));
    await tx.insertInto('scan_question').values(rows).execute();
  }
  if (!changes || !report) return;
  const judgement = {
    snapshot_id: snapshotId,
    judged_at: nowMs,
    counts: JSON.stringify(counts),
    changes: JSON.stringify(changes),
  };
  await tx
    .insertInto('scan_judgement')
    .values({ scan_id: id, number, ...judgement })
    .execute();
  for (let chunk = 0; chunk * CHUNK_BYTES < report.length; chunk++) {
    const bytes = report.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
    await tx.insertInto('scan_judgement_chunk').values({ scan_id: id, number, chunk, bytes }).execute();
  }
}
