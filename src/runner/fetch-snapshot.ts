import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockDirectory, makeDatabaseDirectory } from '../advisories/database-directory.ts';
import { takeLock } from '../advisories/directory-lock.ts';
import { openSnapshot } from '../advisories/open-snapshot.ts';
import { readPointer } from '../advisories/pointer.ts';
import { importSnapshot } from '../advisories/snapshot-archive.ts';
import { checkFreeSpace } from '../advisories/snapshot-build.ts';
import { ScannerError } from '../model/errors.ts';
import type { JobsClient, SnapshotDownload } from '../wire/jobs-v1/client.ts';
import { createBackoff, isPassing } from './backoff.ts';
import type { RunnerClock } from './runner-clock.ts';

export interface FetchSnapshotOptions {
  readonly client: Pick<JobsClient, 'snapshot'>;
  /** Database directory. */
  readonly directory: string;
  readonly clock: RunnerClock;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly log: (message: string) => void;
}

/** Which of the server's snapshots a database directory holds. */
export interface ServedSnapshot {
  readonly id: string;
  /** The server counts its snapshots. */
  readonly sequence: number;
  /** Of its archive. */
  readonly etag: string;
}

const MAX_SILENCE_MS = 60_000;
/** Failures in a row that bring nothing new. */
const MAX_FAILURES = 5;
/** Two snapshots are there for a while, and the archive. */
const MAX_ARCHIVE_BYTES = 16 * 1024 ** 3;

/**
 * Makes the server's current snapshot that of the directory. A download that was cut goes on where it was, also in another process;
 * nothing changes unless digest, tables and id are what they should be.
 *
 * @returns the snapshot, and whether it is new here.
 * @throws ScannerError what the client and `importSnapshot` throw.
 */
export async function fetchSnapshot(
  options: FetchSnapshotOptions,
): Promise<{ readonly snapshot: ServedSnapshot; readonly isNew: boolean }> {
  const { directory, signal, now, log } = options;
  makeDatabaseDirectory(directory);
  const onWait = (owner: string): void => log(`waiting for ${owner}`);
  using _ = await takeLock(join(directory, 'locks', 'download'), { signal, onWait });
  const held = usable(directory, servedSnapshot(directory));
  const snapshot = await download(options, held);
  if (!snapshot) return { snapshot: held!, isNew: false };
  const { archive } = filesOf(directory);
  try {
    using lock = await lockDirectory(directory, { signal, onWait });
    const { id } = await importSnapshot(directory, archive, now().toISOString());
    if (id !== snapshot.id)
      throw new ScannerError('endpoint.malformed', `the server calls its snapshot ${snapshot.id}, it is ${id}`);
    writeFileSync(filesOf(directory).served, JSON.stringify(snapshot));
    lock.release();
  } finally {
    dropDownload(directory);
  }
  return { snapshot, isNew: true };
}

/** The server's snapshot that is current in a directory; undefined when the current one came by other ways, or there is none. */
export function servedSnapshot(directory: string): ServedSnapshot | undefined {
  const served = readJson(filesOf(directory).served) as Partial<ServedSnapshot> | undefined;
  if (typeof served?.id !== 'string' || typeof served.sequence !== 'number' || typeof served.etag !== 'string')
    return undefined;
  return readPointer(directory)?.id === served.id ? (served as ServedSnapshot) : undefined;
}

/** A snapshot that cannot be opened is as good as none: it is fetched again. */
function usable(directory: string, held: ServedSnapshot | undefined): ServedSnapshot | undefined {
  try {
    if (held) openSnapshot(directory, { id: held.id }).close();
    return held;
  } catch {
    return undefined;
  }
}

/** @returns undefined: `held` is current still. */
async function download(
  { client, directory, clock, signal, log }: FetchSnapshotOptions,
  held: ServedSnapshot | undefined,
): Promise<ServedSnapshot | undefined> {
  const backoff = createBackoff(clock);
  for (let failureCount = 0; ; ) {
    const begun = begunDownload(directory);
    const before = begun?.sizeBytes ?? 0;
    try {
      const wish = { ...(held && { known: held.etag }), ...(begun && { begun }) };
      const answer = await client.snapshot(wish, { timeoutMs: MAX_SILENCE_MS, signal });
      if (!answer) return undefined;
      if (answer.startBytes === 0) log(`receiving snapshot ${answer.id.slice(0, 12)} of ${answer.sizeBytes} bytes`);
      await receive(directory, answer, before);
      return { id: answer.id, sequence: answer.sequence, etag: answer.etag };
    } catch (error) {
      const isFurther = (begunDownload(directory)?.sizeBytes ?? 0) > before;
      failureCount = isFurther ? 0 : failureCount + 1;
      if (!isPassing(error) || failureCount > MAX_FAILURES) throw error;
      await clock.sleep(backoff.fail().delayMs, signal);
      signal.throwIfAborted();
    }
  }
}

async function receive(directory: string, answer: SnapshotDownload, heldBytes: number): Promise<void> {
  const { archive, state } = filesOf(directory);
  const { startBytes, sizeBytes, etag, body } = answer;
  if (sizeBytes > MAX_ARCHIVE_BYTES) {
    const message = `the server's snapshot is above maxArchiveBytes ${MAX_ARCHIVE_BYTES}`;
    throw new ScannerError('feed.limit-exceeded', message, { maxArchiveBytes: MAX_ARCHIVE_BYTES });
  }
  if (startBytes === 0) {
    dropDownload(directory);
    checkFreeSpace(directory, { operation: 'an update', sizeBytes });
    writeFileSync(state, JSON.stringify({ etag }));
  } else if (startBytes !== heldBytes) {
    dropDownload(directory);
    throw new ScannerError('endpoint.unreachable', 'the server goes on elsewhere than asked: from the start again');
  }
  let receivedBytes = startBytes;
  for await (const chunk of body) {
    receivedBytes += chunk.length;
    if (receivedBytes > sizeBytes) throw new ScannerError('endpoint.malformed', 'the server sends more than it says');
    appendFileSync(archive, chunk);
  }
  if (receivedBytes !== sizeBytes) throw new ScannerError('endpoint.unreachable', 'the download was cut');
}

function filesOf(directory: string) {
  return {
    archive: join(directory, 'download'),
    /** Of which archive the download is. */
    state: join(directory, 'download.json'),
    served: join(directory, 'server-snapshot.json'),
  };
}

function begunDownload(directory: string): { readonly etag: string; readonly sizeBytes: number } | undefined {
  const { archive, state } = filesOf(directory);
  const sizeBytes = statSync(archive, { throwIfNoEntry: false })?.size ?? 0;
  const { etag } = (readJson(state) ?? {}) as { etag?: unknown };
  return sizeBytes > 0 && typeof etag === 'string' ? { etag, sizeBytes } : undefined;
}

function dropDownload(directory: string): void {
  const { archive, state } = filesOf(directory);
  rmSync(archive, { force: true });
  rmSync(state, { force: true });
}

/** What was half written, or is not there, counts as nothing. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
