import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import {
  buildingFile,
  changesFile,
  lockDirectory,
  lockSource,
  makeDatabaseDirectory,
  publish,
} from '../advisories/database-directory.ts';
import type { Covers } from '../advisories/derived-tables.ts';
import type { HeldLock } from '../advisories/directory-lock.ts';
import { checkCurrentSnapshot } from '../advisories/open-snapshot.ts';
import { readPointer, type SourceCheck, snapshotFile } from '../advisories/pointer.ts';
import { checkFreeSpace, SnapshotBuild, type SourceEdit, sizeOf } from '../advisories/snapshot-build.ts';
import type { Updater } from '../feeds/updater.ts';
import { ScannerError } from '../model/errors.ts';
import type { Collected, ReadProgress, Written } from './collect-source.ts';
import type { Collect } from './update-pool.ts';

/** What a display shows while an update runs. */
export type UpdateEvent =
  | { readonly kind: 'waiting'; readonly source?: string; readonly owner: string }
  | { readonly kind: 'reading'; readonly source: string; readonly progress?: ReadProgress }
  | { readonly kind: 'storing'; readonly source: string }
  | { readonly kind: 'done'; readonly outcome: SourceOutcome };

/** What became of one source. */
export interface SourceOutcome {
  readonly source: string;
  readonly state: 'updated' | 'unchanged' | 'failed' | 'not in mirror';
  readonly partCount?: number;
  readonly recordCount?: number;
  /**
   * Why it `failed` or is `not in mirror`: then what was held before stays. With a `partCount` it is what the mirror lacks of a source
   * whose other files were taken, which is `failed` if it was named, else `updated` or `unchanged`.
   */
  readonly error?: ScannerError | Error;
}

export interface UpdateOptions {
  /** Database directory. */
  readonly directory: string;
  /** Those to run. */
  readonly updaters: readonly Pick<Updater, 'name' | 'fullReadSeconds'>[];
  /** What all updaters declare, those that do not run now too. */
  readonly covers: Covers;
  /** Sources that the user asked for by name: there a gap of the mirror is a failure. */
  readonly named: ReadonlySet<string>;
  /** Takes feeds that lost more than a tenth of their records. */
  readonly acceptShrink: boolean;
  /** How many sources are read at once. */
  readonly concurrency: number;
  readonly collect: Collect;
  /** By source, from the configuration. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onEvent: (event: UpdateEvent) => void;
}

/** What an update came to. */
export interface UpdateResult {
  /** The current snapshot; undefined where there is none. */
  readonly snapshotId: string | undefined;
  readonly outcomes: readonly SourceOutcome[];
}

/** A feed that lost a larger share of its records is refused. */
const MAX_LOST_SHARE = 0.1;

/**
 * Brings sources up to date: reads each feed for what changed, edits a copy of the current snapshot, makes the copy current.
 *
 * Sources stand for themselves: one that fails, or shrank, keeps what it had. Where nothing changed no file is made. Killed at
 * any moment, the old snapshot stays the current one.
 *
 * @throws ScannerError `database.unwritable`, `database.damaged`, the signal's reason.
 */
export async function updateDatasources(options: UpdateOptions): Promise<UpdateResult> {
  makeDatabaseDirectory(options.directory);
  checkCurrentSnapshot(options.directory);
  const update = new Update(options);
  try {
    // The longest first, so that no core is idle while one long feed is still being read.
    const longestFirst = options.updaters.toSorted((a, b) => (b.fullReadSeconds ?? 1) - (a.fullReadSeconds ?? 1));
    await forEachAtOnce(options.concurrency, longestFirst, (updater) => update.source(updater));
    return await update.publish();
  } finally {
    update.end();
  }
}

/** One run: the locks it holds, the copy it edits, what it learnt. */
class Update {
  readonly #options: UpdateOptions;
  /** By source. */
  readonly #locks = new Map<string, HeldLock>();
  readonly #edits = new Map<string, SourceEdit>();
  readonly #outcomes = new Map<string, SourceOutcome>();
  #build: SnapshotBuild | undefined;
  /** The copy holds changes that are not to be kept. */
  #isSpoiled = false;

  constructor(options: UpdateOptions) {
    this.#options = options;
  }

  /** Reads one source; its changes are stored in the copy while it is still being read. */
  async source({ name: source }: Pick<Updater, 'name'>): Promise<void> {
    const { directory, settings, collect, now, signal, onEvent } = this.#options;
    const onWait = (owner: string) => onEvent({ kind: 'waiting', source, owner });
    this.#locks.set(source, await lockSource(directory, source, { signal, onWait }));
    onEvent({ kind: 'reading', source });
    try {
      const job = { source, nowMs: now().getTime(), settings: settings[source] ?? {} };
      const collected = await collect(job, {
        progress: (progress) => onEvent({ kind: 'reading', source, progress }),
        written: (written) => this.#store(source, written),
      });
      this.#guard(collected);
      this.#finish(collected);
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof ScannerError && cause.code === 'database.unwritable') throw cause;
      if (this.#edits.delete(source)) this.#isSpoiled = true;
      this.#fail(source, cause);
    }
  }

  /** @throws ScannerError `feed.shrunk`. */
  #guard({ source, summary: { recordCount, heldRecordCount } }: Collected): void {
    if (this.#options.acceptShrink || heldRecordCount - recordCount <= heldRecordCount * MAX_LOST_SHARE) return;
    throw new ScannerError(
      'feed.shrunk',
      `${source} went from ${heldRecordCount} records to ${recordCount}: refused, the old ones stay; if that is right: --accept-shrink`,
      { source, held: heldRecordCount, now: recordCount },
    );
  }

  /** @throws ScannerError `database.busy`. */
  #store(source: string, { version, from, sizeBytes }: Written): void {
    const { directory, now } = this.#options;
    this.#build ??= this.#startBuild(source);
    if (!this.#edits.has(source)) {
      const edited = { name: source, version, updatedAt: now().toISOString(), edition: randomUUID() };
      const edit = { source: edited, from, changesFile: changesFile(directory, source) };
      if (!this.#build.begin(edit)) throw replacedMeanwhile(source);
      this.#edits.set(source, edit);
    }
    this.#build.apply(source, sizeBytes);
  }

  /** @throws ScannerError `feed.not-in-mirror`: the mirror has nothing of the source, so nothing is stored. */
  #finish({ source, version, from, summary, gaps }: Collected): void {
    const { directory, named, onEvent } = this.#options;
    const { changeCount, partCount, recordCount } = summary;
    const gap = gaps.length > 0 && gapError(gaps);
    if (gap && partCount === 0) throw gap;
    if (changeCount > 0) {
      onEvent({ kind: 'storing', source });
      this.#store(source, { version, from, sizeBytes: sizeOf(changesFile(directory, source)) });
      this.#build!.end(source);
    } else if (this.#edits.delete(source)) this.#isSpoiled = true;
    const state = changeCount > 0 ? 'updated' : 'unchanged';
    const outcome = { source, partCount, recordCount };
    if (gap) this.#settle({ ...outcome, state: named.has(source) ? 'failed' : state, error: gap });
    else this.#settle({ ...outcome, state });
  }

  /** The copy bears the name of a source whose lock is held here, so that it is known to be at work. */
  #startBuild(source: string): SnapshotBuild {
    const { directory } = this.#options;
    const current = readPointer(directory)?.id;
    const written = [...this.#edits.values()].reduce((sum, edit) => sum + sizeOf(edit.changesFile), 0);
    const sizeBytes = written + (current === undefined ? 0 : sizeOf(snapshotFile(directory, current)));
    checkFreeSpace(directory, { operation: 'an update', sizeBytes });
    const file = buildingFile(directory, source);
    rmSync(file, { force: true });
    return new SnapshotBuild(directory, file);
  }

  #fail(source: string, cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const isGap =
      error instanceof ScannerError && error.code === 'feed.not-in-mirror' && !this.#options.named.has(source);
    this.#settle({ source, state: isGap ? 'not in mirror' : 'failed', error });
  }

  #settle(outcome: SourceOutcome): void {
    this.#outcomes.set(outcome.source, outcome);
    this.#options.onEvent({ kind: 'done', outcome });
  }

  /** Makes the copy current; where another update was first, the changes are applied to a copy of its snapshot. */
  async publish(): Promise<UpdateResult> {
    const { directory, covers, now, signal, onEvent } = this.#options;
    using _ = await lockDirectory(directory, { signal, onWait: (owner) => onEvent({ kind: 'waiting', owner }) });
    if (this.#build && (this.#isSpoiled || this.#build.base !== readPointer(directory)?.id)) this.#rebuild(this.#build);
    const built = this.#build?.finish(covers);
    publish(directory, { built, checks: this.#checks(), at: now().toISOString() });
    return { snapshotId: readPointer(directory)?.id, outcomes: [...this.#outcomes.values()] };
  }

  /** Once more, with the changes that count, from the snapshot that is current now. */
  #rebuild(before: SnapshotBuild): void {
    before.discard();
    this.#build = undefined;
    for (const [source, edit] of this.#edits) {
      this.#build ??= this.#startBuild(source);
      if (this.#build.begin(edit)) this.#build.end(source);
      else this.#fail(source, replacedMeanwhile(source));
    }
  }

  #checks(): Record<string, SourceCheck> {
    const { directory, now } = this.#options;
    const held = readPointer(directory)?.sources ?? {};
    const at = now().toISOString();
    return Object.fromEntries(
      [...this.#outcomes.values()].map(({ source, state, partCount, error }): [string, SourceCheck] => {
        const checkedAt = partCount === undefined ? held[source]?.checkedAt : at;
        if (!error || state === 'updated' || state === 'unchanged') return [source, { checkedAt: at }];
        const code = error instanceof ScannerError ? error.code : 'bug';
        return [source, { ...(checkedAt && { checkedAt }), failure: { at, code, message: error.message } }];
      }),
    );
  }

  /** Leaves nothing behind. */
  end(): void {
    this.#build?.discard();
    for (const [source, lock] of this.#locks) {
      rmSync(changesFile(this.#options.directory, source), { force: true });
      lock.release();
    }
  }
}

/** The gaps of a source as one error. */
function gapError([first = '', ...others]: readonly string[]): ScannerError {
  const message = others.length > 0 ? `${first} and ${others.length} more` : first;
  return new ScannerError('feed.not-in-mirror', message, { gapCount: others.length + 1 });
}

function replacedMeanwhile(source: string): ScannerError {
  return new ScannerError('database.busy', `${source} was replaced by an import meanwhile: run the update again`, {
    source,
  });
}

/** Runs over all items, at most so many at once; the first error ends it once those at work have ended. */
async function forEachAtOnce<Item>(
  count: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  let isFailed = false;
  const lane = async (): Promise<void> => {
    for (const item of waiting) {
      if (isFailed) return;
      await work(item).catch((error: unknown) => {
        isFailed = true;
        throw error;
      });
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: count }, lane));
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
}
