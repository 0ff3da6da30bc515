import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A private file for the life of a process at most: mode 0600 in a directory of its own, gone when it is disposed of or when the
 * process exits. Threads may open it by its path.
 */
export class TemporaryFile implements Disposable {
  readonly path: string;
  readonly #directory: string;
  readonly #fd: number;
  readonly #remove = (): void => rmSync(this.#directory, { recursive: true, force: true });

  constructor() {
    this.#directory = mkdtempSync(join(tmpdir(), 'cvescan-'));
    this.path = join(this.#directory, 'file');
    process.once('exit', this.#remove);
    this.#fd = openSync(this.path, 'wx+', 0o600);
  }

  /** Appends. */
  write(bytes: Buffer): void {
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#fd, bytes, written);
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#remove);
    closeSync(this.#fd);
    this.#remove();
  }
}
