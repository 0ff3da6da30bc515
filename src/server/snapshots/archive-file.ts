import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ScannerError } from '../../model/errors.ts';
import { findChunk, type SnapshotArchive, type StoredSnapshot } from '../../state/publications.ts';
import type { State } from '../../state/state.ts';

const CHUNK_BYTES = 1 << 20;

/** An exported snapshot as it is stored in the state. The file stays until it is stored. */
export async function readArchive(file: string): Promise<SnapshotArchive> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
  }
  return { sizeBytes, sha256: hash.digest('hex'), chunks: () => chunksOf(file) };
}

function* chunksOf(file: string): Generator<Uint8Array> {
  const fd = openSync(file, 'r');
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      let length = 0;
      for (let read = -1; length < CHUNK_BYTES && read !== 0; length += read)
        read = readSync(fd, chunk, length, CHUNK_BYTES - length, null);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes a stored snapshot to a file.
 *
 * @throws ScannerError `database.damaged` where it is not what was stored; `database.missing` where a newer one took its place.
 */
export async function fetchArchive(
  state: State,
  { sequence, snapshotId, sha256, chunkCount }: StoredSnapshot,
  file: string,
): Promise<void> {
  const hash = createHash('sha256');
  await using handle = await open(file, 'wx', 0o600);
  for (let number = 0; number < chunkCount; number++) {
    const bytes = await findChunk(state, sequence, number);
    if (bytes === undefined)
      throw new ScannerError('database.missing', `snapshot ${snapshotId} is no longer stored`, { id: snapshotId });
    hash.update(bytes);
    await writeAll(handle, bytes);
  }
  if (hash.digest('hex') !== sha256) {
    const message = `snapshot ${snapshotId} as stored in the state does not have its SHA-256; the next update stores a new one`;
    throw new ScannerError('database.damaged', message, { id: snapshotId });
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done)).bytesWritten;
}
