/** What a snapshot knows of one of its sources. */
export interface SnapshotSource {
  readonly name: string;
  /** The last successful read, ISO 8601. */
  readonly updatedAt: string;
  /** Latest date that the publisher states of its data, where it does. */
  readonly dataDate?: string;
  readonly partCount: number;
  readonly recordCount: number;
  readonly problemCount: number;
}

/** Which advisory database a report rests on. */
export interface SnapshotIdentity {
  /** SHA-256 over the content, hex. */
  readonly id: string;
  readonly sources: readonly SnapshotSource[];
}
