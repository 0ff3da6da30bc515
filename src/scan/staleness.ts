import type { SnapshotIdentity, SnapshotSource } from '../model/snapshot.ts';

/**
 * Which sources of a snapshot were last read too long ago. A source that fails for days makes a database old, however new the others
 * are.
 */
export function staleSources({ sources }: SnapshotIdentity, now: Date, maxAgeMs: number): readonly SnapshotSource[] {
  return sources.filter(({ updatedAt }) => now.getTime() - Date.parse(updatedAt) > maxAgeMs);
}
