import { existsSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ScannerError } from '../../model/errors.ts';
import type { DownloadSink } from '../../platform/http.ts';
import type { OpenLayerFile } from '../dependencies.ts';

/**
 * A download's bytes in a private file. Where the system lets an open file be reached by its number, the file has no name from the
 * beginning on: it is gone when the process is, however that ends.
 */
export class ReceivedFile implements DownloadSink, OpenLayerFile {
  readonly path: string;
  sizeBytes = 0;
  readonly #handle: FileHandle;
  readonly #directory: string | undefined;

  private constructor(handle: FileHandle, path: string, directory: string | undefined) {
    this.#handle = handle;
    this.path = path;
    this.#directory = directory;
  }

  static async create(): Promise<ReceivedFile> {
    const directory = await mkdtemp(join(tmpdir(), 'cvescan-layer-'));
    const path = join(directory, 'layer');
    const handle = await open(path, 'wx+', 0o600);
    if (!existsSync(`/proc/self/fd/${handle.fd}`)) return new ReceivedFile(handle, path, directory);
    await rm(directory, { recursive: true });
    return new ReceivedFile(handle, `/proc/self/fd/${handle.fd}`, undefined);
  }

  get fd(): number {
    return this.#handle.fd;
  }

  async write(chunk: Buffer): Promise<void> {
    for (let written = 0; written < chunk.length; ) {
      const at = this.sizeBytes + written;
      written += (await this.#handle.write(chunk, written, chunk.length - written, at)).bytesWritten;
    }
    this.sizeBytes += chunk.length;
  }

  async restart(): Promise<void> {
    this.sizeBytes = 0;
    await this.#handle.truncate(0);
  }

  /** Its bytes without the gzip of a `Content-Encoding`, in another file. @throws ScannerError `archive.damaged`, `image.limit-exceeded`. */
  async gunzipped(maxBytes: number): Promise<ReceivedFile> {
    const unpacked = await ReceivedFile.create();
    const packed = this.#handle.createReadStream({ start: 0, autoClose: false });
    try {
      await pipeline(packed, createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          if (unpacked.sizeBytes + chunk.length > maxBytes) throw tooLarge(maxBytes);
          await unpacked.write(chunk);
        }
      });
      return unpacked;
    } catch (cause) {
      await unpacked[Symbol.asyncDispose]();
      if (cause instanceof ScannerError) throw cause;
      throw new ScannerError('archive.damaged', 'its Content-Encoding is gzip, and its bytes are not', {}, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true });
  }
}

/** A layer that is larger than `maxLayerBytes`. */
export function tooLarge(maxLayerBytes: number): ScannerError {
  return new ScannerError('image.limit-exceeded', `the layer is larger than maxLayerBytes ${maxLayerBytes}`, {
    maxLayerBytes,
  });
}
