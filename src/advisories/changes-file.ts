import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import type { Problem } from '../model/problem.ts';
import type { CompactPart } from './compact-part.ts';

/** One step of the way from what the database holds of a source to what its feed says now. */
export type Change =
  | { readonly kind: 'part'; readonly part: CompactPart }
  /** The same rows as before, under another revision or from another document. */
  | { readonly kind: 'relabel'; readonly part: string; readonly document: string; readonly revision: string }
  | { readonly kind: 'drop part'; readonly part: string }
  | { readonly kind: 'document'; readonly name: string; readonly revision: string; readonly isDelta: boolean }
  | { readonly kind: 'drop document'; readonly name: string }
  /** What could not be read, in place of what was said of that document before. `` is the feed as a whole. */
  | { readonly kind: 'problems'; readonly document: string; readonly problems: readonly Problem[] };

const BATCH_CHANGES = 256;
const LENGTH_BYTES = 4;

/**
 * A source's changes on disk: written where the feed is read, applied later, whole or not at all, and again where another update
 * was first. Read only by the process that had it written.
 */
export class ChangesWriter {
  readonly file: string;
  readonly #handle: number;
  #batch: Change[] = [];
  #records = 0;

  constructor(file: string) {
    this.file = file;
    this.#handle = openSync(file, 'wx', 0o600);
  }

  write(change: Change): void {
    this.#batch.push(change);
    if (change.kind === 'part') this.#records += change.part.recordCount;
    if (this.#batch.length >= BATCH_CHANGES || this.#records >= BATCH_CHANGES * 16) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#handle);
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const bytes = serialize(this.#batch);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(bytes.length);
    writeAll(this.#handle, length);
    writeAll(this.#handle, bytes);
    this.#batch = [];
    this.#records = 0;
  }
}

function writeAll(handle: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
}

/** The changes in the order in which they were written. */
export function* readChanges(file: string): Generator<Change> {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    for (let at = 0; at < size; ) {
      const length = readExactly(handle, at, LENGTH_BYTES).readUInt32LE();
      yield* deserialize(readExactly(handle, at + LENGTH_BYTES, length)) as Change[];
      at += LENGTH_BYTES + length;
    }
  } finally {
    closeSync(handle);
  }
}

function readExactly(handle: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const count = readSync(handle, bytes, done, length - done, offset + done);
    if (count === 0) throw new Error('a changes file is shorter than it says');
    done += count;
  }
  return bytes;
}
