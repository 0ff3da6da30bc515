import type { Snapshot, SnapshotPart } from './snapshot.ts';
import type { PartChange } from './snapshot-editor.ts';

/** The parts in which two snapshots differ, sorted by source and part. Walks both lists side by side. */
export function* compareSnapshots(old: Snapshot, now: Snapshot): Generator<PartChange> {
  const names = new Set([...old.sources, ...now.sources].map(({ name }) => name));
  for (const source of [...names].sort()) {
    const [before, after] = [old.parts(source), now.parts(source)];
    let [a, b] = [nextOf(before), nextOf(after)];
    while (a || b) {
      const order = a && b ? Buffer.compare(Buffer.from(a.part), Buffer.from(b.part)) : a ? -1 : 1;
      if (order < 0) yield { source, part: a!.part, old: a!.hash };
      else if (order > 0) yield { source, part: b!.part, new: b!.hash };
      else if (a!.hash !== b!.hash) yield { source, part: a!.part, old: a!.hash, new: b!.hash };
      if (order <= 0) a = nextOf(before);
      if (order >= 0) b = nextOf(after);
    }
  }
}

const nextOf = (parts: Generator<SnapshotPart>): SnapshotPart | undefined => parts.next().value ?? undefined;
