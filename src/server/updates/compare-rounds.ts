import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { link, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { snapshotFile } from '../../advisories/pointer.ts';
import { whileHoldingRowLock } from '../../state/hold-row-lock.ts';
import { insertNotifications, type NewNotification } from '../../state/notification-rows.ts';
import {
  advanceDiffed,
  findStoredSnapshot,
  isServedByAll,
  type Publication,
  readPublication,
} from '../../state/publications.ts';
import type { RowLock } from '../../state/row-lock.ts';
import type { State, StateOptions, WriteTransaction } from '../../state/state.ts';
import type { Change } from '../notifications/changes.ts';
import { fetchArchive } from '../snapshots/archive-file.ts';
import type { ServedSnapshots } from '../snapshots/served-snapshots.ts';
import type { RunTask } from '../tasks/run-task.ts';

export interface CompareRoundsOptions {
  readonly state: State;
  /** How the process that compares reaches the state. */
  readonly stateOptions: StateOptions;
  readonly directory: string;
  readonly served: ServedSnapshots;
  readonly instanceId: string;
  readonly runTask: RunTask;
  /** Names of those that are to tell. */
  readonly notifiers: readonly string[];
  /** More from one update become one summary. */
  readonly maxPerUpdate: number;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

/** When its owner dies, a comparison waits no longer. */
const LOCK_MS = 60_000;
/** An instance that does not get on to a new snapshot holds notifications up for so long. */
const MAX_LAG_MS = 60_000;
const READ_BYTES = 1 << 20;
/** Rows that are inserted with one turn of the loop: requests are answered in between. */
const INSERT_BATCH = 100;

/**
 * Compares each publication with its forerunner, and stores what follows as notifications: once, whoever dies meanwhile, as the
 * notifications and the note that they were made are one transaction.
 *
 * It begins when all instances serve the publication: a layer that is posted later shows it, one that was posted before is compared.
 */
export class CompareRounds {
  readonly #options: CompareRoundsOptions;

  constructor(options: CompareRoundsOptions) {
    this.#options = options;
  }

  /** Compares, if there is something to be compared and nobody else is at it. */
  async round(signal: AbortSignal): Promise<void> {
    const { state, instanceId } = this.#options;
    const publication = await readPublication(state);
    if (publication === undefined) return;
    if (publication.sequence === publication.diffedSequence) return this.#keep(publication.snapshotId);
    if (!(await this.#isDue(publication))) return;
    const lock: RowLock = { name: 'comparison', owner: instanceId };
    await whileHoldingRowLock(state, lock, (held) => this.#compare(lock, held), { lifeMs: LOCK_MS, signal });
  }

  async #isDue({ sequence, snapshotId, publishedAtMs }: Publication): Promise<boolean> {
    const { state, served } = this.#options;
    if (served.current()?.id !== snapshotId) return false;
    return (await isServedByAll(state, sequence)) || (await state.now()) >= publishedAtMs + MAX_LAG_MS;
  }

  async #compare(lock: RowLock, signal: AbortSignal): Promise<void> {
    const { state, directory, log } = this.#options;
    const publication = await readPublication(state);
    if (publication === undefined || publication.sequence === publication.diffedSequence) return;
    const { sequence, snapshotId, diffedSequence } = publication;
    const temporary = await mkdtemp(join(tmpdir(), 'cvescan-differences-'));
    try {
      const oldFile = await this.#oldFile(diffedSequence, temporary, signal);
      if (oldFile === undefined)
        log.error({ sequence }, 'the snapshot before is gone: what changed since cannot be told');
      const newFile = snapshotFile(directory, snapshotId);
      const found = oldFile === undefined ? undefined : await this.#find({ oldFile, newFile, temporary }, signal);
      const count = await this.#store(found, { from: diffedSequence, to: sequence, lock });
      if (count !== undefined) log.info({ sequence, notifications: count }, 'compared with the snapshot before');
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    await this.#keep(snapshotId);
  }

  async #find({ temporary, ...files }: { oldFile: string; newFile: string; temporary: string }, signal: AbortSignal) {
    const { runTask, stateOptions, maxPerUpdate } = this.#options;
    const file = join(temporary, 'differences');
    const task = { kind: 'compare', ...files, state: stateOptions, maxCount: maxPerUpdate, file } as const;
    return { file, count: (await runTask(task, signal)).count };
  }

  /** @returns how many notifications were stored; undefined where another instance was first. */
  #store(
    found: { readonly file: string; readonly count: number } | undefined,
    step: { readonly from: number; readonly to: number; readonly lock: RowLock },
  ): Promise<number | undefined> {
    const { state, notifiers, maxPerUpdate, log } = this.#options;
    const { file, count = 0 } = found ?? {};
    if (count > maxPerUpdate)
      log.error({ count, maxPerUpdate }, 'an update changed more than is told one by one: there is one summary');
    return state.write(async (tx) => {
      if (!(await advanceDiffed(state, tx, step))) return undefined;
      if (count > maxPerUpdate) await this.#storeSummary(tx, count);
      else if (file !== undefined)
        for (const batch of batchesOf(file)) await insertNotifications(state, tx, batch, notifiers);
      return Math.min(count, count > maxPerUpdate ? 1 : count);
    });
  }

  async #storeSummary(tx: WriteTransaction, count: number): Promise<void> {
    const changes: readonly Change[] = [{ kind: 'summary', count }];
    const summary: NewNotification = {
      ...{ name: randomUUID(), origin: 'summary', namespace: '', vulnerability: '', old: null, new: null },
      changes: JSON.stringify(changes),
    };
    await insertNotifications(this.#options.state, tx, [summary], this.#options.notifiers);
  }

  /** The snapshot of the publication that was compared last; undefined where it is nowhere any more. */
  async #oldFile(sequence: number, temporary: string, signal: AbortSignal): Promise<string | undefined> {
    const { state, directory, runTask, now } = this.#options;
    const stored = await findStoredSnapshot(state, sequence);
    if (stored === undefined) return undefined;
    const local = [keptFile(directory, stored.snapshotId), snapshotFile(directory, stored.snapshotId)].find(existsSync);
    if (local !== undefined || stored.chunkCount === 0) return local;
    const archive = join(temporary, 'archive');
    await fetchArchive(state, stored, archive);
    await runTask({ kind: 'import', directory: temporary, file: archive, at: now().toISOString() }, signal);
    return snapshotFile(temporary, stored.snapshotId);
  }

  /**
   * Keeps the file of a snapshot by a second name until the next comparison: an update removes old ones. It costs no space. To remove
   * a large file takes a while, which is not spent in the serving thread.
   */
  async #keep(snapshotId: string): Promise<void> {
    const { directory } = this.#options;
    const [file, kept] = [snapshotFile(directory, snapshotId), keptFile(directory, snapshotId)];
    if (existsSync(kept) || !existsSync(file)) return;
    await link(file, kept);
    for (const name of await readdir(directory))
      if (KEPT.test(name) && join(directory, name) !== kept) await rm(join(directory, name), { force: true });
  }
}

const KEPT = /^compared-[0-9a-f]{64}\.sqlite$/;
const keptFile = (directory: string, id: string): string => join(directory, `compared-${id}.sqlite`);

/** Lines are read without waiting: in a transaction nothing but the database is awaited. */
function* batchesOf(file: string): Generator<readonly NewNotification[]> {
  let batch: NewNotification[] = [];
  for (const line of linesOf(file)) {
    batch.push(JSON.parse(line) as NewNotification);
    if (batch.length < INSERT_BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function* linesOf(file: string): Generator<string> {
  const fd = openSync(file, 'r');
  try {
    const decoder = new TextDecoder();
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let waiting = '';
    for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer)) {
      const lines = `${waiting}${decoder.decode(buffer.subarray(0, length), { stream: true })}`.split('\n');
      waiting = lines.pop()!;
      yield* lines;
    }
  } finally {
    closeSync(fd);
  }
}
