import { ScannerError } from '../../../model/errors.ts';
import type { LayerFile } from '../../../model/layer.ts';

/** Bounds on what one rpm database may make us hold or do. */
export interface RpmLimits {
  /** Bytes of one package's header; rpm's own bound is 256 MiB, real ones stay below 20. */
  readonly maxHeaderBytes: number;
  /** Paths that are listed as owned, over all packages of a database. */
  readonly maxOwnedPathCount: number;
  /** Characters of all owned paths together: many short names below one long directory would grow without end. */
  readonly maxOwnedPathChars: number;
  /** Damaged places after which the rest of a database is not read. */
  readonly maxProblemCount: number;
}

/** Takes a sentence that says what is wrong with the database; reading goes on behind it, until it throws for too many. */
export type ReportDamage = (what: string) => void;

/** Reads the headers of all installed packages out of one kind of database. A header's bytes are there until the next is asked for. */
export type HeaderReader = (
  file: DatabaseFile,
  limits: RpmLimits,
  damaged: ReportDamage,
) => AsyncGenerator<Buffer, void, undefined>;

/** What is thrown for bytes that no sound database has; the lister turns it into a problem. */
export function damage(what: string): ScannerError {
  return new ScannerError('package-database.damaged', what);
}

/** The sentence of a {@link damage}; any other error is a bug or a failed read, and goes on. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ScannerError && error.code === 'package-database.damaged') return error.message;
  throw error;
}

/** A multiple of every page size, so no page lies across two windows. */
const WINDOW_BYTES = 256 * 1024;
const MAX_WINDOW_COUNT = 8;

/**
 * Random access to a database through a few windows: pages are small and mostly read in order, and a spooled file costs a
 * system call a read.
 */
export class DatabaseFile {
  readonly sizeBytes: number;
  readonly #file: LayerFile;
  /** Window number -> bytes, the least recently used one first. */
  readonly #windows = new Map<number, Buffer>();

  constructor(file: LayerFile) {
    this.#file = file;
    this.sizeBytes = file.sizeBytes;
  }

  /**
   * Exactly `length` bytes from `offset`; do not write to them.
   * @throws ScannerError `package-database.damaged` where the file ends before.
   */
  async read(offset: number, length: number): Promise<Buffer> {
    if (offset + length > this.sizeBytes)
      throw damage(`it ends at byte ${this.sizeBytes}, before byte ${offset + length}`);
    const number = Math.floor(offset / WINDOW_BYTES);
    const start = offset - number * WINDOW_BYTES;
    if (start + length > WINDOW_BYTES) return this.#fromFile(offset, length);
    const window = this.#windows.get(number) ?? (await this.#open(number));
    return window.subarray(start, start + length);
  }

  async #open(number: number): Promise<Buffer> {
    const offset = number * WINDOW_BYTES;
    const window = await this.#fromFile(offset, Math.min(WINDOW_BYTES, this.sizeBytes - offset));
    const [oldest] = this.#windows.keys();
    if (oldest !== undefined && this.#windows.size === MAX_WINDOW_COUNT) this.#windows.delete(oldest);
    this.#windows.set(number, window);
    return window;
  }

  async #fromFile(offset: number, length: number): Promise<Buffer> {
    const bytes = await this.#file.read(offset, length);
    if (bytes.length < length) throw damage(`it ends at byte ${offset + bytes.length}, before byte ${offset + length}`);
    return bytes;
  }
}

/** How many of the pages that a database states are there; that some are not is damage. */
export function countPages(
  { sizeBytes }: DatabaseFile,
  { pageBytes, statedCount }: { readonly pageBytes: number; readonly statedCount: number },
  damaged: ReportDamage,
): number {
  const there = Math.floor(sizeBytes / pageBytes);
  if (statedCount > there) damaged(`it is cut: of ${statedCount} pages ${there} are there`);
  return Math.min(statedCount, there);
}

/** Pages of a database, each of which sound data reaches once: a second time is a cycle, or one page in two places. */
export class PageVisits {
  readonly #seen: Uint8Array;

  constructor(pageCount: number) {
    this.#seen = new Uint8Array(pageCount);
  }

  /** Whether the page exists and is visited for the first time. */
  tryEnter(page: number): boolean {
    if (this.#seen[page] !== 0) return false;
    this.#seen[page] = 1;
    return true;
  }

  /** @throws ScannerError `package-database.damaged` where `tryEnter` says no. */
  enter(page: number): void {
    if (this.tryEnter(page)) return;
    throw damage(page < this.#seen.length ? `page ${page} is used twice` : `page ${page} is behind its end`);
  }
}
