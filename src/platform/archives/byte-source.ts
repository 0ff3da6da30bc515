import { type FileHandle, open } from 'node:fs/promises';

/** Bytes that can be read at any place: a file, a buffer, a layer's file. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** At most `length` bytes from `offset`; fewer at the end. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** Bytes in memory. */
export function bufferSource(bytes: Buffer): ByteSource {
  return { sizeBytes: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) };
}

/** A file that stays open until it is disposed of. */
export async function openFileSource(file: string): Promise<ByteSource & AsyncDisposable> {
  const handle: FileHandle = await open(file);
  const { size } = await handle.stat();
  return {
    sizeBytes: size,
    async read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset));
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, offset);
      return buffer.subarray(0, bytesRead);
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
