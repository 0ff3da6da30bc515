/** Room that an arena begins with. */
const FIRST_BYTES = 1 << 20;
const GROWTH = 1.5;

/**
 * Lines that wait for others of their page, as bytes in one buffer: as strings, millions of them would live just long enough to
 * cost the collector more than all the rest.
 */
export class LineArena {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #sizeBytes = 0;
  /** Of each line: its page, and where it ends. */
  #pages: number[] = [];
  #ends: number[] = [];

  /** How much waits. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** @param page a small number: pages are counted from 0. */
  add(page: number, line: string): void {
    const room = line.length * 3;
    if (this.#sizeBytes + room > this.#bytes.length) this.#grow(room);
    this.#sizeBytes += this.#bytes.write(line, this.#sizeBytes);
    this.#pages.push(page);
    this.#ends.push(this.#sizeBytes);
  }

  /** Gives out the lines, page by page, and forgets them. @param rank the order of pages. */
  *take(rank: (a: number, b: number) => number): Generator<[page: number, lines: string[]]> {
    const linesByPage = Map.groupBy(this.#pages.keys(), (line) => this.#pages[line]!);
    const textOf = (line: number) =>
      this.#bytes.toString('utf8', line === 0 ? 0 : this.#ends[line - 1], this.#ends[line]);
    for (const page of [...linesByPage.keys()].sort(rank)) yield [page, linesByPage.get(page)!.map(textOf)];
    [this.#pages, this.#ends, this.#sizeBytes] = [[], [], 0];
  }

  #grow(room: number): void {
    const larger = Buffer.allocUnsafe(Math.max(Math.ceil(this.#bytes.length * GROWTH), this.#sizeBytes + room));
    this.#bytes.copy(larger, 0, 0, this.#sizeBytes);
    this.#bytes = larger;
  }
}
