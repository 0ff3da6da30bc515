import { randomUUID } from 'node:crypto';
import { realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { ScannerError } from '../model/errors.ts';
import { isSystemError, reasonOf } from './system-errors.ts';

type Pieces = Iterable<string> | AsyncIterable<string>;

/**
 * Writes a file whole or not at all: a reader sees the former content or the new one, never a half. What is no regular file
 * (`/dev/stdout`, a pipe) is written to directly; a symlink stays, and what it points to is replaced.
 *
 * @throws ScannerError `report.unwritable`.
 */
export async function writeFileAtomically(path: string, pieces: Pieces): Promise<void> {
  try {
    await replaceFile(path, pieces);
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new ScannerError('report.unwritable', `cannot write ${path}: ${reasonOf(cause)}`, { path }, { cause });
  }
}

async function replaceFile(path: string, pieces: Pieces): Promise<void> {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing && !existing.isFile()) return writeFile(path, pieces);
  const target = existing ? realpathSync(path) : path;
  const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}.draft`);
  try {
    await writeDraft(draft, pieces);
    renameSync(draft, target);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Pieces are made while those before them are written. */
async function writeDraft(draft: string, pieces: Pieces): Promise<void> {
  const handle = await open(draft, 'wx');
  let written: Promise<void> = Promise.resolve();
  try {
    for await (const piece of longPieces(pieces)) {
      await written;
      written = handle.appendFile(piece);
      // Heard at the next piece, or below.
      written.catch(() => {});
    }
    await written;
  } finally {
    await written.catch(() => {});
    await handle.close();
  }
}

/** Short pieces are put together to texts of this length: a call for each would cost more than the writing. */
const WRITE_CHARS = 1 << 16;

async function* longPieces(pieces: Pieces): AsyncGenerator<string> {
  let long = '';
  for await (const piece of pieces) {
    long += piece;
    if (long.length < WRITE_CHARS) continue;
    yield long;
    long = '';
  }
  if (long !== '') yield long;
}

/**
 * Writes pieces to a stream that stays open, as fast as it takes them. Once the stream has failed (`| head`, a full disk) the rest is
 * dropped; whether that is an error, who owns the stream says.
 */
export async function writePieces(stream: Writable, pieces: Pieces): Promise<void> {
  for await (const piece of pieces) {
    if (stream.write(piece)) continue;
    if (stream.errored || stream.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['drain', 'error', 'close']) stream.off(event, done);
        resolve();
      };
      for (const event of ['drain', 'error', 'close']) stream.on(event, done);
    });
  }
}
