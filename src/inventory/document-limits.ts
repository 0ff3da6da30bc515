/** What a document may cost. Going above one of these is `document.limit-exceeded`, with its name and value. */
export interface DocumentLimits {
  /** Decompressed bytes. It is parsed as a whole: a small part of what its values then need of memory, which `maxObjects` bounds. */
  readonly maxDocumentBytes: number;
  /** Objects, lists or elements in one another. */
  readonly maxNestingDepth: number;
  /** Bytes of one text. */
  readonly maxStringBytes: number;
  /** Objects and lists of JSON, elements of XML that are kept. */
  readonly maxObjects: number;
  readonly maxComponents: number;
  /** Statements on vulnerabilities, of all components together: one on a reference that many have counts for each. */
  readonly maxStatements: number;
  /** CPE names, of all components together. */
  readonly maxCpes: number;
  /** Problems that are listed one by one; one more says how many there were. */
  readonly maxProblems: number;
}

/** Far above what honest documents need. */
export const DEFAULT_DOCUMENT_LIMITS: DocumentLimits = {
  maxDocumentBytes: 256 * 1024 ** 2,
  maxNestingDepth: 500,
  maxStringBytes: 32 * 1024 ** 2,
  maxObjects: 10_000_000,
  maxComponents: 1_000_000,
  maxStatements: 5_000_000,
  maxCpes: 5_000_000,
  maxProblems: 100,
};
