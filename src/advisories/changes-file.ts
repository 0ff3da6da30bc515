import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import type { Problem } from '../model/problem.ts';
import type { CompactPart, PartRows } from './compact-part.ts';
import { type CpeTree, type Criterion, CriterionNumbers } from './cpe-tree.ts';
import { LineArena } from './line-arena.ts';
import { packLines, type StoredPage } from './page.ts';
import { unwritable } from './unwritable.ts';

/** A part without its lines, which travel as pages. Targets and criteria are named by the numbers that changes before gave them. */
export interface StoredPart extends Omit<CompactPart, 'rows'> {
  readonly rows: Pick<PartRows, 'links' | 'records' | 'aliases'>;
  readonly trees: readonly (readonly [id: string, tree: CpeTree])[];
  readonly holdsTexts: boolean;
  readonly holdsKernel: boolean;
}

/** One step of the way from what the database holds of a source to what its feed says now. */
export type Change =
  | { readonly kind: 'part'; readonly part: StoredPart }
  /** The same rows as before, under another revision or from another document. */
  | { readonly kind: 'relabel'; readonly part: string; readonly document: string; readonly revision: string }
  | { readonly kind: 'drop part'; readonly part: string }
  | { readonly kind: 'document'; readonly name: string; readonly revision: string; readonly isDelta: boolean }
  | { readonly kind: 'drop document'; readonly name: string }
  /** What could not be read, in place of what was said of that document before. `` is the feed as a whole. */
  | { readonly kind: 'problems'; readonly document: string; readonly problems: readonly Problem[] }
  /** Numbers further targets, in this order, from the last number on. */
  | { readonly kind: 'targets'; readonly targets: readonly string[] }
  /** Numbers further match criteria in the same way. */
  | { readonly kind: 'criteria'; readonly criteria: readonly Criterion[] }
  /** Lines of new parts, sorted and packed, to be added to the page of a target. */
  | { readonly kind: 'advisories'; readonly target: number; readonly page: StoredPage }
  | { readonly kind: 'texts'; readonly bucket: string; readonly page: StoredPage };

/** Changes are written and read this many at a time, or fewer where they are large. */
const BATCH_CHANGES = 512;
const BATCH_ROWS = 20_000;
/** Lines wait for others of their page up to this size. */
const MAX_WAITING_BYTES = 28 << 20;
const LENGTH_BYTES = 4;

/**
 * A source's changes on disk: written where the feed is read, applied elsewhere meanwhile or later, and again where another
 * update was first. Read only by the process that had it written.
 */
export class ChangesWriter {
  readonly #file: string;
  readonly #handle: number;
  #onWritten: (sizeBytes: number) => void;
  readonly #targets = new Map<string, number>();
  readonly #buckets = new Map<string, number>();
  readonly #advisories = new LineArena();
  readonly #texts = new LineArena();
  readonly #waitingParts = new Set<string>();
  readonly #criteria = new CriterionNumbers();
  #newTargets: string[] = [];
  #batch: Change[] = [];
  #rowCount = 0;
  #sizeBytes = 0;
  #isOpen = true;

  /** @param onWritten told how much of the file can be read by now. @throws ScannerError `database.unwritable`, as all its methods. */
  constructor(file: string, onWritten: (sizeBytes: number) => void = () => {}) {
    this.#file = file;
    this.#onWritten = onWritten;
    try {
      this.#handle = openSync(file, 'wx', 0o600);
    } catch (cause) {
      throw unwritable(file, cause);
    }
  }

  write(change: Change, rowCount = 1): void {
    this.#batch.push(change);
    this.#rowCount += rowCount;
    if (this.#batch.length >= BATCH_CHANGES || this.#rowCount >= BATCH_ROWS) this.#flush();
  }

  /** Writes a part; its lines wait for others of their pages. */
  writePart({ rows: { advisories, texts, kernel, configurations, ...rows }, ...part }: CompactPart): void {
    // Written twice, the lines of before must be on their way, to be dropped there.
    if (this.#waitingParts.has(part.part)) this.#flushPages();
    this.#waitingParts.add(part.part);
    const numbers = advisories.map(([target, line]) => {
      const number = this.#targetOf(target);
      this.#advisories.add(number, line);
      return number;
    });
    for (const [bucket, line] of [...texts, ...kernel]) this.#texts.add(numberOf(this.#buckets, bucket), line);
    const links = rows.links.map(([id, places]) => [id, places.map((place) => numbers[place]!)] as const);
    const trees = configurations.map(([id, each]) => [id, this.#criteria.treeOf(each)] as const);
    this.#writeNew();
    const stored = {
      ...part,
      rows: { ...rows, links },
      trees,
      holdsTexts: texts.length > 0,
      holdsKernel: kernel.length > 0,
    };
    this.write({ kind: 'part', part: stored }, rows.records.length + links.length);
    if (this.#advisories.sizeBytes + this.#texts.sizeBytes > MAX_WAITING_BYTES) this.#flushPages();
  }

  /** Writes the rest, of which nobody is told: whether there are changes at all is known now, and nothing is begun for none. */
  close(): void {
    this.#flushPages();
    this.#onWritten = () => {};
    this.#flush();
    this.abandon();
  }

  /** Closes the file as it is. */
  abandon(): void {
    if (this.#isOpen) closeSync(this.#handle);
    this.#isOpen = false;
  }

  #targetOf(target: string): number {
    const count = this.#targets.size;
    const number = numberOf(this.#targets, target);
    if (number === count) this.#newTargets.push(target);
    return number;
  }

  /** What the next part names goes before it. */
  #writeNew(): void {
    if (this.#newTargets.length > 0) {
      this.write({ kind: 'targets', targets: this.#newTargets }, this.#newTargets.length);
      this.#newTargets = [];
    }
    const criteria = this.#criteria.takeNew();
    if (criteria.length > 0) this.write({ kind: 'criteria', criteria }, criteria.length);
  }

  #flushPages(): void {
    for (const [target, lines] of this.#advisories.take(byName(this.#targets))) {
      this.write({ kind: 'advisories', target, page: packLines(lines.sort()) });
    }
    const buckets = [...this.#buckets.keys()];
    for (const [bucket, lines] of this.#texts.take(byName(this.#buckets))) {
      this.write({ kind: 'texts', bucket: buckets[bucket]!, page: packLines(lines.sort()) });
    }
    this.#buckets.clear();
    this.#waitingParts.clear();
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const bytes = serialize(this.#batch);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(bytes.length);
    this.#append(length);
    this.#append(bytes);
    this.#batch = [];
    this.#rowCount = 0;
    this.#onWritten(this.#sizeBytes);
  }

  #append(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#handle, bytes, done);
    } catch (cause) {
      throw unwritable(this.#file, cause);
    }
    this.#sizeBytes += bytes.length;
  }
}

/** The number of a name, the next one where it has none. */
function numberOf(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  numbers.set(name, numbers.size);
  return numbers.size - 1;
}

/** Orders numbers by their names, which is how the tables lie. */
function byName(numbers: ReadonlyMap<string, number>): (a: number, b: number) => number {
  const names = [...numbers.keys()];
  return (a, b) => (names[a]! < names[b]! ? -1 : 1);
}

/** A piece of a changes file that ends where a batch ends. */
export interface ChangesRange {
  readonly file: string;
  readonly startBytes: number;
  readonly endBytes: number;
}

/** The changes in the order in which they were written. */
export function* readChanges({ file, startBytes, endBytes }: ChangesRange): Generator<Change> {
  const handle = openSync(file, 'r');
  try {
    for (let at = startBytes; at < endBytes; ) {
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
