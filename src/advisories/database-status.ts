import type { SnapshotSource } from '../model/snapshot.ts';
import { openSnapshot } from './open-snapshot.ts';
import { readPointer, type SourceCheck, snapshotFile } from './pointer.ts';
import { sizeOf } from './snapshot-build.ts';

/** What a source's data looks like, and what became of its last update. */
export interface SourceStatus extends SnapshotSource {
  readonly problems: readonly { readonly code: string; readonly message: string; readonly path?: string }[];
  /** Set while the newest try to read it failed. */
  readonly failure?: NonNullable<SourceCheck['failure']>;
}

/** What a database directory holds. */
export interface DatabaseStatus {
  readonly directory: string;
  readonly snapshotId: string;
  readonly file: string;
  readonly sizeBytes: number;
  /** Sources with data, sorted. */
  readonly sources: readonly SourceStatus[];
  /** Sources that have none because reading them failed, sorted. */
  readonly missing: readonly { readonly name: string; readonly failure: NonNullable<SourceCheck['failure']> }[];
}

/** Looks at the current snapshot. @throws ScannerError `database.missing`, `database.damaged`. */
export function readDatabaseStatus(directory: string): DatabaseStatus {
  using snapshot = openSnapshot(directory);
  const checks = readPointer(directory)?.sources ?? {};
  const file = snapshotFile(directory, snapshot.id);
  const held = new Set(snapshot.sources.map(({ name }) => name));
  return {
    directory,
    snapshotId: snapshot.id,
    file,
    sizeBytes: sizeOf(file),
    sources: snapshot.sources.map((source) => {
      const { failure } = checks[source.name] ?? {};
      return { ...source, problems: snapshot.problems(source.name), ...(failure && { failure }) };
    }),
    missing: Object.entries(checks)
      .flatMap(([name, { failure }]) => (failure && !held.has(name) ? [{ name, failure }] : []))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
