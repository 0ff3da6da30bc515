import type { RawBuilder, Transaction } from 'kysely';

/** The column types of a dialect, for migrations. */
export interface ColumnTypes {
  /** Compared byte by byte, in every database. */
  readonly text: RawBuilder<unknown>;
  /** 64 bits; JavaScript reads up to 2^53. */
  readonly integer: RawBuilder<unknown>;
  readonly bytes: RawBuilder<unknown>;
  /** A rising number that the database gives, never twice; the primary key. */
  readonly id: RawBuilder<unknown>;
}

/** One step of the schema. What has been released is never edited. */
export interface Migration {
  /** Rises; gaps are allowed. */
  readonly version: number;
  readonly name: string;
  /**
   * The lowest schema version of a program that may still run once this step is made. Instances are replaced one by one, so a
   * program works on the schema of its successor: a step that would break it is made one release later.
   */
  readonly oldestProgram: number;
  readonly up: (tx: Transaction<unknown>, types: ColumnTypes) => Promise<void>;
}
