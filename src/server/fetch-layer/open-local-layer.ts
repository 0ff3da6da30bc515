import { constants, fstatSync, realpathSync } from 'node:fs';
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, sep } from 'node:path';
import { ScannerError } from '../../model/errors.ts';
import { reasonOf } from '../../platform/system-errors.ts';
import type { OpenLayerFile } from '../dependencies.ts';

/** Not through a symlink, and without waiting for whoever would write into a FIFO. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a layer that is a file of this machine, if the file that was opened lies below one of the directories: what lies at its path
 * a moment later does not matter.
 *
 * @param localPaths `worker.localpaths`.
 * @throws ScannerError `layer.unreachable`: missing, forbidden, no regular file, which of them the answer does not tell; `archive.damaged`
 *   for a directory, as Clair.
 */
export async function openLocalLayer(path: string, localPaths: readonly string[]): Promise<OpenLayerFile> {
  if (!isAbsolute(path)) throw unreachable('the path is neither a URL nor absolute');
  // Nothing is touched where nothing may be read.
  if (localPaths.length === 0) throw notBelow(path);
  let handle: FileHandle;
  try {
    handle = await open(path, FLAGS);
  } catch (cause) {
    throw unreachable(`${path}: ${reasonOf(cause)}`, cause);
  }
  try {
    if (!(await isBelowAny(await realPathOf(handle, path), localPaths))) throw notBelow(path);
    const found = fstatSync(handle.fd);
    if (found.isDirectory()) throw new ScannerError('archive.damaged', `${path} is a directory`);
    if (!found.isFile()) throw unreachable(`${path} is no regular file`);
    return {
      fd: handle.fd,
      path,
      sizeBytes: found.size,
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Where the opened file really lies. */
async function realPathOf(handle: FileHandle, path: string): Promise<string> {
  const linked = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined);
  if (linked !== undefined) return linked;
  // No /proc: the path counts if it still leads to the same file.
  const real = await realpath(path);
  const [opened, named] = [fstatSync(handle.fd), await stat(real)];
  if (opened.dev === named.dev && opened.ino === named.ino) return real;
  throw unreachable(`${path} was exchanged while it was opened`);
}

async function isBelowAny(realPath: string, localPaths: readonly string[]): Promise<boolean> {
  return localPaths.some((localPath) => {
    const directory = realPathOrNone(localPath);
    return (
      directory !== undefined && `${realPath}${sep}`.startsWith(directory.endsWith(sep) ? directory : directory + sep)
    );
  });
}

function realPathOrNone(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function notBelow(path: string): ScannerError {
  const hint = `to allow it, add ${JSON.stringify(dirname(path))} there`;
  return unreachable(`${path} lies below none of clair.worker.localpaths; ${hint}`);
}

function unreachable(message: string, cause?: unknown): ScannerError {
  return new ScannerError('layer.unreachable', message, {}, { cause });
}
