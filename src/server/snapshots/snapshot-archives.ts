import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { ScannerError } from '../../model/errors.ts';
import { findChunk, findStoredSnapshot, readPublication, type StoredSnapshot } from '../../state/publications.ts';
import type { State } from '../../state/state.ts';
import type { RunTask } from '../tasks/run-task.ts';
import { readArchive } from './archive-file.ts';

/** A published snapshot as the archive that `cvescan db import` takes. */
export interface PublishedArchive {
  readonly id: string;
  readonly sequence: number;
  /** Of the archive, hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Its bytes from one place up to, and without, another. */
  read(startBytes: number, endBytes: number): AsyncIterable<Uint8Array>;
}

/** What is handed to runners. */
export interface SnapshotArchives {
  /**
   * @param id undefined: the current one.
   * @returns undefined: there is none, or no longer.
   * @throws ScannerError `server.busy`: it is being packed.
   */
  find(id?: string): Promise<PublishedArchive | undefined>;
}

export interface SnapshotArchivesOptions {
  readonly state: State;
  /** Of the advisory database. */
  readonly directory: string;
  readonly runTask: RunTask;
  /** How long a question waits for an archive that is being made. */
  readonly patienceMs?: number;
}

const CHUNK_BYTES = 1 << 20;
const PATIENCE_MS = 20_000;
/** The current one, and the one before, which runners may be about to receive. */
const KEPT_ARCHIVES = 2;

/**
 * The archives of published snapshots. With PostgreSQL they lie in the state, for all instances alike. Embedded, the current snapshot
 * is packed when it is first asked for, by a process of its own, and kept beside the database.
 */
export function createSnapshotArchives({
  patienceMs = PATIENCE_MS,
  ...options
}: SnapshotArchivesOptions): SnapshotArchives {
  const { state } = options;
  const packing = new Map<string, Promise<PublishedArchive | undefined>>();

  async function packed(publication: { readonly id: string; readonly sequence: number }) {
    const { id } = publication;
    const work = packing.get(id) ?? pack(options, publication);
    packing.set(id, work);
    // An archive is hashed once, then it is known; one that failed is tried again.
    work.catch(() => packing.delete(id));
    const isLate = after(patienceMs, 'late' as const, { ref: false });
    const archive = await Promise.race([work, isLate]);
    if (archive === 'late') throw new ScannerError('server.busy', 'the snapshot is being packed: ask again');
    return archive;
  }

  return {
    async find(id) {
      const publication = await readPublication(state);
      if (!publication) return undefined;
      const { snapshotId, sequence } = publication;
      if (id !== undefined && id !== snapshotId) return findOlder(options, id, sequence);
      const stored = await findStoredSnapshot(state, sequence);
      if (stored && stored.chunkCount > 0) return storedArchive(state, stored);
      return packed({ id: snapshotId, sequence });
    },
  };
}

/** One that was current before, while it is still stored. */
async function findOlder(
  { state }: Pick<SnapshotArchivesOptions, 'state'>,
  id: string,
  sequence: number,
): Promise<PublishedArchive | undefined> {
  for (let older = sequence - 1; older > 0 && older >= sequence - KEPT_ARCHIVES; older--) {
    const stored = await findStoredSnapshot(state, older);
    if (stored?.snapshotId === id && stored.chunkCount > 0) return storedArchive(state, stored);
  }
  return undefined;
}

function storedArchive(state: State, { snapshotId, sequence, sha256, sizeBytes }: StoredSnapshot): PublishedArchive {
  return {
    ...{ id: snapshotId, sequence, sha256, sizeBytes },
    async *read(startBytes, endBytes) {
      for (let at = startBytes; at < endBytes; ) {
        const number = Math.floor(at / CHUNK_BYTES);
        const bytes = await findChunk(state, sequence, number);
        if (!bytes)
          throw new ScannerError('database.missing', `snapshot ${snapshotId} is no longer stored`, { id: snapshotId });
        const part = bytes.subarray(at - number * CHUNK_BYTES, endBytes - number * CHUNK_BYTES);
        at += part.length;
        yield part;
      }
    },
  };
}

/** @returns undefined: another snapshot has taken its place meanwhile. */
async function pack(
  { directory, runTask }: SnapshotArchivesOptions,
  { id, sequence }: { readonly id: string; readonly sequence: number },
): Promise<PublishedArchive | undefined> {
  const folder = join(directory, 'archives');
  const file = join(folder, `${id}.zst`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const draft = `${file}.draft`;
    rmSync(draft, { force: true });
    const { id: written } = await runTask({ kind: 'export', directory, file: draft }, new AbortController().signal);
    if (written !== id) {
      rmSync(draft, { force: true });
      return undefined;
    }
    renameSync(draft, file);
    removeOldArchives(folder);
  }
  const { sha256, sizeBytes } = await readArchive(file);
  return {
    ...{ id, sequence, sha256, sizeBytes },
    read: (start, end) =>
      start >= end ? nothing() : createReadStream(file, { start, end: end - 1, highWaterMark: CHUNK_BYTES }),
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function removeOldArchives(folder: string): void {
  const files = readdirSync(folder)
    .map((name) => join(folder, name))
    .map((file) => ({ file, writtenMs: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.writtenMs - a.writtenMs);
  for (const { file } of files.slice(KEPT_ARCHIVES)) rmSync(file, { force: true });
}
