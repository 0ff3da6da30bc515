import { ScannerError } from '../../model/errors.ts';

/**
 * Bounds the layers that are analysed at once, and those that are fetched for it or wait. Fetching holds no place of analysis: a slow
 * server of layers keeps nobody else waiting.
 */
export class LayerSlots {
  readonly #concurrency: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #analysing = 0;
  #admitted = 0;

  constructor(concurrency: number, maxWaiting: number) {
    this.#concurrency = concurrency;
    this.#maxWaiting = maxWaiting;
  }

  /** Lets a layer in until it is disposed of. @throws ScannerError `server.busy`. */
  admit(): Disposable & { analyse(signal: AbortSignal): Promise<void> } {
    if (this.#admitted >= this.#concurrency + this.#maxWaiting) {
      const message = `${this.#admitted} layers are being analysed or waiting; try again later`;
      throw new ScannerError('server.busy', message, { admitted: this.#admitted });
    }
    this.#admitted++;
    let isAnalysing = false;
    let isOver = false;
    return {
      /** Waits for a place of analysis, which is held until the end. */
      analyse: async (signal) => {
        await this.#takeTurn(signal);
        isAnalysing = true;
      },
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#admitted--;
        if (isAnalysing) this.#passTurn();
      },
    };
  }

  async #takeTurn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#analysing < this.#concurrency) {
      this.#analysing++;
      return;
    }
    const turn = Promise.withResolvers<void>();
    this.#waiting.push(turn.resolve);
    const giveUp = (): void => {
      const index = this.#waiting.indexOf(turn.resolve);
      if (index < 0) return;
      this.#waiting.splice(index, 1);
      turn.reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await turn.promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  #passTurn(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#analysing--;
  }
}
