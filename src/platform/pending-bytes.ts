import { ScannerError } from '../model/errors.ts';

/** The beginning of something that goes on in the next chunk, up to a limit. */
export class PendingBytes {
  readonly #what: string;
  readonly #limit: string;
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #sizeBytes = 0;

  /** @param what it is, and the name of its limit, for the error. */
  constructor(what: string, limit: string, maxBytes: number) {
    this.#what = what;
    this.#limit = limit;
    this.#maxBytes = maxBytes;
  }

  /** @throws ScannerError `feed.limit-exceeded` */
  keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#sizeBytes += piece.length;
    if (this.#sizeBytes <= this.#maxBytes) return;
    const [limit, value] = [this.#limit, this.#maxBytes];
    throw new ScannerError('feed.limit-exceeded', `${this.#what} is larger than ${limit} ${value}`, { [limit]: value });
  }

  /** All of it; nothing is pending then. Of one piece this very piece. */
  take(): Buffer {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#sizeBytes = 0;
    return bytes;
  }
}
