import type { Logger } from 'pino';
import { whileHoldingRowLock } from '../../state/hold-row-lock.ts';
import { holdsRowLock, type RowLock } from '../../state/row-lock.ts';
import type { State } from '../../state/state.ts';
import { type PublicationFollower, UPDATER_LOCK, UPDATER_LOCK_MS } from '../snapshots/publication-follower.ts';
import type { RunTask } from '../tasks/run-task.ts';
import type { TaskOutcome, UpdateTask } from '../tasks/task.ts';

/** Who counts updates. */
export interface UpdateMeasures {
  /** @param noteCount what could not be read of feeds that were taken. */
  updated(update: { readonly durationSeconds: number; readonly failedCount: number; readonly noteCount: number }): void;
}

export interface UpdateRoundsOptions {
  readonly state: State;
  readonly follower: PublicationFollower;
  /** Unique for each process. */
  readonly instanceId: string;
  readonly runTask: RunTask;
  readonly task: UpdateTask;
  /** Between two updates; 0: none are made here. */
  readonly intervalMs: number;
  readonly measures: UpdateMeasures;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** What the state knows of the last update. Times by the database's clock. */
interface LastUpdate {
  readonly endedAtMs: number;
  /** Updates in a row in which a source failed. */
  readonly failedCount: number;
}

const LAST_UPDATE = 'updater/last';
/** After a failure the next update comes sooner than the interval says: first after this, then after twice as long … */
const FIRST_RETRY_MS = 60_000;

/**
 * Updates the advisories when they are due, on one of several instances: the others find it done, and wait.
 */
export class UpdateRounds {
  readonly #options: UpdateRoundsOptions;

  constructor(options: UpdateRoundsOptions) {
    this.#options = options;
  }

  /** Updates if an update is due, and nobody else is at it. @returns whether it did. */
  async round(signal: AbortSignal): Promise<boolean> {
    const { state, instanceId } = this.#options;
    if (!(await this.#isDue())) return false;
    const lock: RowLock = { name: UPDATER_LOCK, owner: `${instanceId} updates` };
    const updated = await whileHoldingRowLock(state, lock, (held) => this.#update(lock, held), {
      lifeMs: UPDATER_LOCK_MS,
      signal,
    });
    return updated ?? false;
  }

  async #isDue(): Promise<boolean> {
    const { intervalMs, state } = this.#options;
    if (intervalMs === 0) return false;
    const last = await readLastUpdate(state);
    if (last === undefined) return true;
    const { endedAtMs, failedCount } = last;
    const waitMs = failedCount === 0 ? intervalMs : Math.min(intervalMs, FIRST_RETRY_MS * 2 ** (failedCount - 1));
    return (await state.now()) >= endedAtMs + waitMs;
  }

  async #update(lock: RowLock, signal: AbortSignal): Promise<boolean> {
    // Between the question and the lock another instance may have done it.
    if (!(await this.#isDue())) return false;
    const { state, follower, runTask, task, measures, nowMs, log } = this.#options;
    const startedMs = nowMs();
    // The update goes on from what is published, not from what lies here.
    await follower.check(signal);
    const outcomes = await this.#run(() => runTask({ kind: 'update', ...task }, signal), signal);
    const failed = outcomes?.filter(({ state: ended }) => ended === 'failed') ?? [];
    for (const { source, error } of failed)
      log.error({ source, code: error?.code, reason: error?.message }, `${source} could not be updated`);
    if (outcomes !== undefined) await follower.publishLocal(lock, signal);
    const failedCount = outcomes === undefined ? 1 : failed.length;
    await recordUpdate(state, lock, failedCount > 0);
    const durationSeconds = (nowMs() - startedMs) / 1000;
    measures.updated({ durationSeconds, failedCount, noteCount: noteCountOf(outcomes ?? []) });
    log.info({ durationSeconds, failedCount }, 'updated the advisories');
    await follower.check(signal);
    return true;
  }

  /** An update that could not be made at all counts as a failed one; it is tried again, with longer pauses. */
  async #run(
    update: () => Promise<{ readonly outcomes: readonly TaskOutcome[] }>,
    signal: AbortSignal,
  ): Promise<readonly TaskOutcome[] | undefined> {
    try {
      return (await update()).outcomes;
    } catch (error) {
      signal.throwIfAborted();
      this.#options.log.error({ err: error }, 'the advisories could not be updated');
      return undefined;
    }
  }
}

/** Sources that are there, but not whole. */
const noteCountOf = (outcomes: readonly TaskOutcome[]): number =>
  outcomes.filter(({ state, error }) => state !== 'failed' && error !== undefined).length;

async function readLastUpdate({ db }: State): Promise<LastUpdate | undefined> {
  const row = await db.selectFrom('keyvalue').where('key', '=', LAST_UPDATE).select('value').executeTakeFirst();
  return row && (JSON.parse(row.value) as LastUpdate);
}

async function recordUpdate(state: State, lock: RowLock, hasFailed: boolean): Promise<void> {
  const last = await readLastUpdate(state);
  const failedCount = hasFailed ? (last?.failedCount ?? 0) + 1 : 0;
  const value = JSON.stringify({ endedAtMs: await state.now(), failedCount } satisfies LastUpdate);
  await state.write(async (tx) => {
    if (!(await holdsRowLock(state, tx, lock))) return;
    await tx
      .insertInto('keyvalue')
      .values({ key: LAST_UPDATE, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute();
  });
}
