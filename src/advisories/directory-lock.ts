import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { unwritable } from './unwritable.ts';

export interface LockOptions {
  /** Called once, when another holds the lock, with who that is. */
  readonly onWait: (owner: string) => void;
  readonly signal: AbortSignal;
  /** Waits between two tries. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** A lock that is held; `using` releases it. */
export interface HeldLock extends Disposable {
  release(): void;
}

const RETRY_MS = 200;
/** SQLITE_BUSY: another connection holds the lock. */
const BUSY = 5;

/**
 * Takes a lock that ends with its process, however that ends: SQLite's exclusive lock on an empty file, which the operating system
 * keeps for the process. So there is no stale lock to recognise. Who holds it is written beside it, for people.
 *
 * @throws ScannerError `database.unwritable`; the signal's reason when it is aborted.
 */
export async function takeLock(file: string, { onWait, signal, pause = sleepMs }: LockOptions): Promise<HeldLock> {
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted();
    const lock = tryLock(file);
    if (lock) return lock;
    if (tries === 0) onWait(ownerOf(file));
    await pause(RETRY_MS);
  }
}

const sleepMs = (ms: number): Promise<void> => sleep(ms);

/** Takes a lock that is free; undefined where another holds it. */
export function tryLock(file: string): HeldLock | undefined {
  const db = openLockFile(file);
  try {
    db.exec('PRAGMA journal_mode = MEMORY; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    if (isBusy(cause)) return undefined;
    throw unwritable(file, cause);
  }
  noteOwner(file);
  const release = (): void => {
    if (db.isOpen) db.close();
  };
  return { release, [Symbol.dispose]: release };
}

function openLockFile(file: string): DatabaseSync {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return new DatabaseSync(file);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && 'errcode' in cause && cause.errcode === BUSY;
}

function noteOwner(file: string): void {
  try {
    writeFileSync(`${file}.owner`, `process ${process.pid} on ${hostname()}\n`);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function ownerOf(file: string): string {
  try {
    return readFileSync(`${file}.owner`, 'utf8').trim() || 'another process';
  } catch {
    return 'another process';
  }
}
