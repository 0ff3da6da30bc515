import { openSnapshot } from '../../advisories/open-snapshot.ts';
import type { Snapshot } from '../../advisories/snapshot.ts';

/** A snapshot that stays open until it is disposed of. */
export interface PinnedSnapshot extends Disposable {
  readonly snapshot: Snapshot;
}

/** Which snapshot is served, as which publication. */
export interface ServedSnapshot {
  readonly id: string;
  readonly sequence: number;
}

interface Handle {
  readonly snapshot: Snapshot;
  pinCount: number;
  isServed: boolean;
}

/**
 * The snapshot that this process serves. Who pins it has one and the same from begin to end, however often another one takes its
 * place meanwhile; an old one is closed when its last pin goes.
 */
export class ServedSnapshots implements Disposable {
  readonly #directory: string;
  readonly #listeners = new Set<(served: ServedSnapshot) => void>();
  #handle: Handle | undefined;
  #sequence = 0;

  /** @param directory of the advisory database. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The snapshot as it is now; undefined while there is none. */
  pin(): PinnedSnapshot | undefined {
    const handle = this.#handle;
    if (handle === undefined) return undefined;
    handle.pinCount += 1;
    let isPinned = true;
    return {
      snapshot: handle.snapshot,
      [Symbol.dispose]: () => {
        if (!isPinned) return;
        isPinned = false;
        handle.pinCount -= 1;
        closeUnused(handle);
      },
    };
  }

  /** Undefined while none is served. */
  current(): ServedSnapshot | undefined {
    return this.#handle && { id: this.#handle.snapshot.id, sequence: this.#sequence };
  }

  /** Told after each swap. @returns ends that. */
  onSwap(listener: (served: ServedSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Serves another snapshot of the directory from now on. Where it cannot be opened, the old one goes on.
   *
   * @throws ScannerError `database.missing`, `database.damaged`.
   */
  swap({ id, sequence }: ServedSnapshot): void {
    if (this.#handle?.snapshot.id !== id) {
      const next = { snapshot: openSnapshot(this.#directory, { id }), pinCount: 0, isServed: true };
      this[Symbol.dispose]();
      this.#handle = next;
    } else if (this.#sequence === sequence) return;
    this.#sequence = sequence;
    for (const listener of this.#listeners) listener({ id, sequence });
  }

  /** Serves none any more; those that are pinned stay open until they are not. */
  [Symbol.dispose](): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#handle = undefined;
    handle.isServed = false;
    closeUnused(handle);
  }
}

function closeUnused({ snapshot, pinCount, isServed }: Handle): void {
  if (pinCount === 0 && !isServed) snapshot.close();
}
