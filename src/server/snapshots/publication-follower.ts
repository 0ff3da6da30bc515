import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { makeDatabaseDirectory } from '../../advisories/database-directory.ts';
import { readPointer, readPointerIfWhole } from '../../advisories/pointer.ts';
import {
  findStoredSnapshot,
  type Publication,
  publishSnapshot,
  readPublication,
  recordInstance,
  removeInstance,
} from '../../state/publications.ts';
import { type RowLock, releaseRowLock, takeRowLock } from '../../state/row-lock.ts';
import type { State } from '../../state/state.ts';
import type { RunTask } from '../tasks/run-task.ts';
import { fetchArchive, readArchive } from './archive-file.ts';
import type { ServedSnapshots } from './served-snapshots.ts';

export interface FollowerOptions {
  readonly state: State;
  /** Of the advisory database, on this machine. */
  readonly directory: string;
  readonly served: ServedSnapshots;
  /** Unique for each process. */
  readonly instanceId: string;
  readonly runTask: RunTask;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Name of the lock that whoever publishes holds. */
export const UPDATER_LOCK = 'updater';
/** When its owner dies, nobody waits longer. */
export const UPDATER_LOCK_MS = 60_000;

/**
 * Keeps what this instance serves at what is published.
 *
 * Embedded, the directory says what is served, whoever updates it, and the state counts. Of several instances one publishes: the
 * others fetch its snapshot from the state. A snapshot that appears in the directory of a running instance by other hands (`cvescan db
 * import`) is published too; one that an instance finds when it starts is published only where there is none.
 */
export class PublicationFollower {
  readonly #options: FollowerOptions;
  /** The pointer's snapshot when it was last looked at. */
  #known: string | undefined;
  #checking: Promise<unknown> = Promise.resolve();

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Looks once, and serves what is to be served. @throws ScannerError `state.unavailable`, `database.*`. */
  check(signal: AbortSignal): Promise<void> {
    const checked = this.#checking.then(() => this.#check(signal));
    this.#checking = checked.catch(() => {});
    return checked;
  }

  async #check(signal: AbortSignal): Promise<void> {
    const { state, served, instanceId } = this.#options;
    const found = await readPublication(state);
    const publication =
      state.dialect === 'sqlite' ? await this.#countLocal(found) : await this.#followStored(found, signal);
    this.#known = readPointerIfWhole(this.#options.directory)?.id;
    if (publication) served.swap({ id: publication.snapshotId, sequence: publication.sequence });
    if (state.dialect === 'postgres')
      await recordInstance(state, { id: instanceId, sequence: served.current()?.sequence ?? 0 });
  }

  /** Embedded: nobody else publishes, so there is nothing to lock. */
  async #countLocal(found: Publication | undefined): Promise<Publication | undefined> {
    const { state, directory } = this.#options;
    const snapshotId = readPointer(directory)?.id;
    if (snapshotId === undefined || snapshotId === found?.snapshotId) return found;
    await publishSnapshot(state, { after: found?.sequence ?? 0, snapshotId });
    return await readPublication(state);
  }

  async #followStored(found: Publication | undefined, signal: AbortSignal): Promise<Publication | undefined> {
    const local = readPointerIfWhole(this.#options.directory)?.id;
    if (local === found?.snapshotId) return found;
    const isNewHere = local !== undefined && this.#known !== undefined && local !== this.#known;
    if (local !== undefined && (found === undefined || isNewHere)) return this.#offerLocal(found, signal);
    if (found) await this.#fetch(found, signal);
    return found;
  }

  /** Publishes what lies here, unless somebody else is about to publish. */
  async #offerLocal(found: Publication | undefined, signal: AbortSignal): Promise<Publication | undefined> {
    const { state, instanceId } = this.#options;
    const lock = { name: UPDATER_LOCK, owner: `${instanceId} follower` };
    if (await takeRowLock(state, lock, UPDATER_LOCK_MS)) {
      try {
        return await this.publishLocal(lock, signal);
      } finally {
        await releaseRowLock(state, lock);
      }
    }
    // What lies here is served once it is published; what was served until then stays open.
    const isServed = this.#options.served.current()?.id === found?.snapshotId;
    return isServed ? found : undefined;
  }

  /**
   * Publishes the directory's snapshot where it is another than the published one; the caller holds the lock.
   *
   * @returns what is published then.
   */
  async publishLocal(lock: RowLock, signal: AbortSignal): Promise<Publication | undefined> {
    const { state, directory, log } = this.#options;
    const found = await readPublication(state);
    const snapshotId = readPointer(directory)?.id;
    if (snapshotId === undefined || snapshotId === found?.snapshotId) return found;
    const after = found?.sequence ?? 0;
    if (state.dialect === 'sqlite') await publishSnapshot(state, { after, snapshotId, lock });
    else
      await this.#withFile(async (file) => {
        const { id } = await this.#options.runTask({ kind: 'export', directory, file }, signal);
        await publishSnapshot(state, { after, snapshotId: id, archive: await readArchive(file), lock });
      });
    const published = await readPublication(state);
    if (published && published.sequence > after)
      log.info({ snapshot: published.snapshotId, sequence: published.sequence }, 'published a snapshot');
    return published;
  }

  async #fetch({ sequence, snapshotId }: Publication, signal: AbortSignal): Promise<void> {
    const { state, directory, runTask, now, log } = this.#options;
    const stored = await findStoredSnapshot(state, sequence);
    if (stored === undefined) return;
    makeDatabaseDirectory(directory);
    await this.#withFile(async (file) => {
      await fetchArchive(state, stored, file);
      await runTask({ kind: 'import', directory, file, at: now().toISOString() }, signal);
    });
    log.info({ snapshot: snapshotId, sequence, sizeBytes: stored.sizeBytes }, 'fetched a snapshot');
  }

  async #withFile(work: (file: string) => Promise<void>): Promise<void> {
    const temporary = await mkdtemp(join(tmpdir(), 'cvescan-snapshot-'));
    try {
      await work(join(temporary, 'archive'));
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  /** Says goodbye: nobody waits for this instance any more. */
  async leave(): Promise<void> {
    await this.#checking;
    if (this.#options.state.dialect === 'postgres') await removeInstance(this.#options.state, this.#options.instanceId);
  }
}
