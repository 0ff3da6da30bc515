import type { VexStatement } from '../../model/vex-statement.ts';

/** A product as a VEX document names it. */
export interface VexProduct {
  /** All its names: package URLs, CPEs, references into an SBOM, ids of images. */
  readonly names: readonly string[];
  /** The names of each package within it that is meant; absent where the product itself is. */
  readonly parts?: readonly (readonly string[])[];
  /** Versions that are meant, as written; absent where the names say it all. */
  readonly versions?: readonly string[];
}

/** One statement of a VEX document, and of what it is. */
export interface VexClaim {
  /** Ids of one vulnerability. */
  readonly vulnerabilityIds: readonly string[];
  readonly products: readonly VexProduct[];
  readonly statement: VexStatement;
}

/** What a reader of VEX documents is handed beside the document. */
export interface VexContext {
  /** The document, as the user named it. */
  readonly name: string;
  /** Called for what cannot be honoured, and why: the place, and a sentence's end. */
  readonly fault: (place: string, what: string) => void;
}
