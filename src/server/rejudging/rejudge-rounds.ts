import { existsSync, linkSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { snapshotFile } from '../../advisories/pointer.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import { whileHoldingRowLock } from '../../state/hold-row-lock.ts';
import { readClock } from '../../state/read-clock.ts';
import type { State } from '../../state/state.ts';
import { allQuestions, comparedSnapshot, type DueScan, dueScans, markTouched, storeJudged } from './judgement-rows.ts';
import type { JudgedScan, JudgeTask, runRejudgeTask } from './rejudge-task.ts';

export interface RejudgeRoundsOptions {
  readonly state: State;
  readonly queue: JobQueue;
  /** Of the advisory database. */
  readonly directory: string;
  /** What this instance serves. */
  readonly current: () => { readonly id: string } | undefined;
  readonly instanceId: string;
  readonly runTask: typeof runRejudgeTask;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

const LOCK = 'judging of stored scans';
const LOCK_MS = 60_000;
/** Scans that one process judges. */
const BATCH = 20;

/**
 * Keeps stored scans up with the advisories: a scan is judged again where a new snapshot answers otherwise what was asked of its
 * packages. Of several instances one does it.
 */
export class RejudgeRounds {
  readonly #options: RejudgeRoundsOptions;

  constructor(options: RejudgeRoundsOptions) {
    this.#options = options;
  }

  /** Looks what a new snapshot touches, and judges what is due. @returns how many scans were judged. */
  async round(signal: AbortSignal): Promise<number> {
    const { state, instanceId } = this.#options;
    const lock = { name: LOCK, owner: instanceId };
    const work = async (held: AbortSignal): Promise<number> => {
      const served = this.#options.current();
      if (!served || !existsSync(snapshotFile(this.#options.directory, served.id))) return 0;
      await this.#compare(served.id, held);
      let judgedCount = 0;
      for (;;) {
        const due = await dueScans(state, this.#options.queue, BATCH);
        if (due.length === 0 || held.aborted) return judgedCount;
        await this.#judge(due, served.id, held);
        judgedCount += due.length;
      }
    };
    return (await whileHoldingRowLock(state, lock, work, { lifeMs: LOCK_MS, signal })) ?? 0;
  }

  async #compare(snapshotId: string, signal: AbortSignal): Promise<void> {
    const { state, directory, runTask, log } = this.#options;
    const before = await comparedSnapshot(state);
    if (before === snapshotId) return this.#keep(snapshotId);
    const oldFile = before === undefined ? undefined : this.#fileOf(before);
    if (before !== undefined && oldFile === undefined)
      log.warn({ snapshot: before }, 'the snapshot before is gone: all stored scans are judged again');
    const newFile = snapshotFile(directory, snapshotId);
    const questions = oldFile === undefined ? [] : await allQuestions(state);
    const answer =
      oldFile === undefined ? undefined : await runTask({ kind: 'compare', oldFile, newFile, questions }, signal);
    const touched = answer && 'touched' in answer ? answer.touched : undefined;
    await markTouched(state, snapshotId, touched);
    log.info(
      { snapshot: snapshotId, questions: questions.length, touched: touched?.length ?? 'all' },
      'stored scans compared',
    );
    this.#keep(snapshotId);
  }

  async #judge(due: readonly DueScan[], snapshotId: string, signal: AbortSignal): Promise<void> {
    const { state, log } = this.#options;
    const temporary = await mkdtemp(join(tmpdir(), 'cvescan-rejudge-'));
    const fileOf = (id: string): string => join(temporary, `${due.findIndex((scan) => scan.id === id)}.json.gz`);
    try {
      for (const { id, report } of due) if (report) await writeFile(fileOf(id), report);
      const scans = due.flatMap(({ id, options, report }) => (report ? [{ id, options, reportFile: fileOf(id) }] : []));
      const reportless: JudgedScan[] = due.filter(({ report }) => !report).map(({ id }) => ({ id, questions: [] }));
      for (const judged of [...reportless, ...(await this.#run({ snapshotId, scans }, signal))]) {
        if (judged.failure !== undefined)
          log.warn({ scan: judged.id, failure: judged.failure }, 'a stored scan cannot be judged');
        const report = judged.changes && (await readFile(fileOf(judged.id)));
        await state.write(async (tx) =>
          storeJudged(tx, judged, { snapshotId, nowMs: await readClock(state, tx), report }),
        );
        if (judged.changes)
          log.info({ scan: judged.id, changes: judged.changes.length }, 'a stored scan is judged otherwise');
      }
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  /** One report that ends the process spoils no other. */
  async #run(task: Pick<JudgeTask, 'snapshotId' | 'scans'>, signal: AbortSignal): Promise<readonly JudgedScan[]> {
    const { directory, runTask } = this.#options;
    if (task.scans.length === 0) return [];
    try {
      const answer = await runTask({ kind: 'judge', directory, ...task }, signal);
      return 'judged' in answer ? answer.judged : [];
    } catch (error) {
      signal.throwIfAborted();
      const [only, ...others] = task.scans;
      if (others.length === 0) return [{ id: only!.id, questions: [], failure: String(error) }];
      const judged: JudgedScan[] = [];
      for (const scan of task.scans) judged.push(...(await this.#run({ ...task, scans: [scan] }, signal)));
      return judged;
    }
  }

  #fileOf(id: string): string | undefined {
    const { directory } = this.#options;
    return [keptFile(directory, id), snapshotFile(directory, id)].find(existsSync);
  }

  /** Keeps a snapshot's file by a second name until the next comparison: an update removes old ones. It costs no space. */
  #keep(id: string): void {
    const { directory } = this.#options;
    const [file, kept] = [snapshotFile(directory, id), keptFile(directory, id)];
    if (existsSync(kept) || !existsSync(file)) return;
    linkSync(file, kept);
    for (const name of readdirSync(directory))
      if (KEPT.test(name) && join(directory, name) !== kept) rmSync(join(directory, name), { force: true });
  }
}

const KEPT = /^judged-[0-9a-f]{64}\.sqlite$/;
const keptFile = (directory: string, id: string): string => join(directory, `judged-${id}.sqlite`);
