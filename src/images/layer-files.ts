import { closeSync, mkdtempSync, openSync, read, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LayerFile, LayerFileHead } from '../model/layer.ts';
import { damaged } from '../platform/archives/limits.ts';

const readAt = promisify(read);

const MAX_SYNC_READ_BYTES = 64 * 1024;

/** A wanted file whose bytes are at hand. @param shared they are overwritten by the next file, unless this one is kept. */
export function memoryFile(head: LayerFileHead, shared: Buffer): LayerFile {
  let bytes = shared;
  return {
    ...head,
    realPath: head.path,
    bytes: async () => bytes,
    text: async () => bytes.toString('utf8'),
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    keep: () => {
      if (bytes === shared) bytes = Buffer.from(shared);
    },
  };
}

/** A wanted file that lies in one piece in an open file. Nothing is read before it is asked for. */
export function rangeFile(head: LayerFileHead, fd: number, fileOffset: number): LayerFile {
  const readRange = async (offset: number, length: number): Promise<Buffer> => {
    const wantedBytes = Math.max(0, Math.min(length, head.sizeBytes - offset));
    const buffer = Buffer.allocUnsafe(wantedBytes);
    let filled = 0;
    // A short read costs less than a promise that waits for it.
    const isShort = wantedBytes <= MAX_SYNC_READ_BYTES;
    while (filled < wantedBytes) {
      const rest = [buffer, filled, wantedBytes - filled, fileOffset + offset + filled] as const;
      const bytesRead = isShort ? readSync(fd, ...rest) : (await readAt(fd, ...rest)).bytesRead;
      if (bytesRead === 0) throw damaged(`${head.path} is cut short`);
      filled += bytesRead;
    }
    return buffer;
  };
  return {
    ...head,
    realPath: head.path,
    bytes: () => readRange(0, head.sizeBytes),
    text: async () => (await readRange(0, head.sizeBytes)).toString('utf8'),
    read: readRange,
  };
}

/** Bytes too large for memory, in a file that has no name any more: it goes when it is closed, or when the process ends in any way. */
export class SpooledBytes implements Disposable {
  readonly fd: number;

  constructor() {
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-'));
    try {
      this.fd = openSync(join(directory, 'file'), 'wx+', 0o600);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  write(bytes: Buffer): void {
    for (let written = 0; written < bytes.length; ) written += writeSync(this.fd, bytes, written);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}
