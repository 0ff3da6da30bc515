import { ScannerError } from '../../model/errors.ts';

/** Bounds the layers that are fetched, wait or are analysed at once: what one more client is told is to come later. */
export class LayerAdmission {
  readonly #maxLayers: number;
  #admitted = 0;

  constructor(maxLayers: number) {
    this.#maxLayers = maxLayers;
  }

  /** Lets a layer in until it is disposed of. @throws ScannerError `server.busy`. */
  admit(): Disposable {
    if (this.#admitted >= this.#maxLayers) {
      const message = `${this.#admitted} layers are being analysed or waiting; try again later`;
      throw new ScannerError('server.busy', message, { admitted: this.#admitted });
    }
    this.#admitted++;
    let isIn = true;
    return {
      [Symbol.dispose]: () => {
        if (isIn) this.#admitted--;
        isIn = false;
      },
    };
  }
}
