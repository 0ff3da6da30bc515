/** Something in the input that could not be read; the scan goes on and shows it. */
export interface Problem {
  /** `<family>.<what>`, e.g. `lister.incomplete-entry`. */
  readonly code: string;
  readonly message: string;
  /** Path inside the image, or the feed's document. */
  readonly path?: string;
  /** Digest of the layer. */
  readonly layer?: string;
}

/** Takes a problem; handed to every plugin. */
export type ReportProblem = (problem: Problem) => void;
