import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { ScannerError } from '../model/errors.ts';
import { FileRangeInput } from '../platform/archives/byte-input.ts';
import { decompressed, SNIFF_BYTES, sniffCompression } from '../platform/archives/compression.ts';
import { limitExceeded } from '../platform/archives/limits.ts';
import { readTar, type TarEntry } from '../platform/archives/tar-reader.ts';
import { TemporaryFile } from '../platform/temporary-file.ts';
import type { ImageLimits } from './limits.ts';
import { containPath, resolvePath } from './resolve-path.ts';
import type { StoredFile, TargetFiles } from './target-files.ts';

/** An image archive that is open; a compressed one lies in a temporary file until it is disposed of. */
export interface OpenArchive extends Disposable {
  readonly files: TargetFiles;
}

/**
 * Opens an image archive (a tar, compressed or not) by listing its files; bodies are not read.
 * @throws ScannerError `archive.damaged`, `archive.limit-exceeded`.
 */
export async function openArchive(label: string, path: string, limits: ImageLimits): Promise<OpenArchive> {
  if (!isCompressed(path))
    return { files: await listArchive({ label, path, limits, isTemporary: false }), [Symbol.dispose]: () => {} };
  return spoolArchive(label, createReadStream(path, { highWaterMark: 256 * 1024 }), limits);
}

/** The same for an archive that comes as a stream, such as standard input. */
export async function spoolArchive(
  label: string,
  stream: AsyncIterable<Buffer>,
  limits: ImageLimits,
): Promise<OpenArchive> {
  const file = new TemporaryFile();
  try {
    for await (const chunk of decompressed(stream, limits)) file.write(chunk);
    const files = await listArchive({ label, path: file.path, limits, isTemporary: true });
    return { files, [Symbol.dispose]: () => file[Symbol.dispose]() };
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

function isCompressed(path: string): boolean {
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(SNIFF_BYTES);
    return sniffCompression(head.subarray(0, readSync(fd, head, 0, SNIFF_BYTES, 0))) !== 'none';
  } finally {
    closeSync(fd);
  }
}

interface Archive {
  readonly label: string;
  readonly path: string;
  readonly limits: ImageLimits;
  readonly isTemporary: boolean;
}

async function listArchive({ label, path, limits, isTemporary }: Archive): Promise<TargetFiles> {
  const files = new Map<string, StoredFile>();
  const links = new Map<string, string>();
  for await (const entry of entriesOf(label, path, limits)) {
    const name = containPath(entry.path).path;
    files.delete(name);
    links.delete(name);
    if (entry.type === 'file' && !entry.isSparse) {
      const range = { offset: entry.bodyPosition, sizeBytes: entry.sizeBytes };
      files.set(name, { file: path, ...range, ...(isTemporary && { isTemporary }) });
    } else if (entry.type === 'symlink') links.set(name, entry.linkPath);
    else if (entry.type === 'hardlink') links.set(name, `/${entry.linkPath}`);
  }
  // Old `docker save` stores a layer once and links to it.
  const find = (name: string): StoredFile | undefined => {
    const end = resolvePath(name, (link) => links.get(link), limits);
    return end === undefined ? undefined : files.get(end);
  };
  return { kind: 'archive', label, path, find };
}

async function* entriesOf(label: string, path: string, limits: ImageLimits): AsyncGenerator<TarEntry> {
  const fd = openSync(path, 'r');
  let count = 0;
  try {
    const { size: sizeBytes } = fstatSync(fd);
    if (sizeBytes === 0) throw new ScannerError('image.unknown-format', `${label} is empty`);
    for await (const entry of readTar(new FileRangeInput(fd, { offset: 0, sizeBytes }), limits)) {
      if (++count > limits.maxFilesPerLayer) {
        throw limitExceeded('maxFilesPerLayer', limits.maxFilesPerLayer, 'files of an image archive');
      }
      yield entry;
    }
  } catch (error) {
    if (count > 0 || !(error instanceof ScannerError) || error.code !== 'archive.damaged') throw error;
    const message = `${label} is no image: neither a tar, compressed or not, nor a directory`;
    throw new ScannerError('image.unknown-format', message, {}, { cause: error });
  } finally {
    closeSync(fd);
  }
}
