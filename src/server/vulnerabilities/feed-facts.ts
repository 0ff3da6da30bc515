import type { Snapshot } from '../../advisories/snapshot.ts';
import { clairNamespaceOf, namespacesOfClair } from '../../wire/clair-v1/project-namespace.ts';
import type { ClairVulnerability } from '../../wire/clair-v1/types.ts';
import type { PinSnapshot, VulnerabilityName } from '../dependencies.ts';
import type { ServerThreads } from '../threads/server-threads.ts';
import type { FeedRow } from './feed-view.ts';

/** What feeds say of vulnerabilities, read in a thread from the snapshot that is served. */
export class FeedFacts {
  readonly #pin: PinSnapshot;
  readonly #threads: ServerThreads;

  constructor({ pin, threads }: { readonly pin: PinSnapshot; readonly threads: ServerThreads }) {
    this.#pin = pin;
    this.#threads = threads;
  }

  /** With FixedIn; undefined where no feed says that anything is affected. */
  async find({ namespace, name }: VulnerabilityName): Promise<ClairVulnerability | undefined> {
    using pinned = this.#pin();
    // Most of what users add no feed knows: that is seen here and now.
    if (!pinned?.snapshot.names(name) || !knows(pinned.snapshot, namespace)) return undefined;
    const { file: snapshotFile } = pinned.snapshot;
    return await this.#threads.ask({ kind: 'vulnerability', snapshotFile, namespace, name });
  }

  /** At most so many from a place on, in the order of their places. */
  async list(namespace: string, page: { readonly from: number; readonly limit: number }): Promise<readonly FeedRow[]> {
    using pinned = this.#pin();
    if (!pinned || !knows(pinned.snapshot, namespace)) return [];
    const { file: snapshotFile } = pinned.snapshot;
    return await this.#threads.ask({ kind: 'vulnerabilities', snapshotFile, namespace, ...page });
  }

  /** As the v1 wire writes them, sorted. */
  namespaces(): readonly string[] {
    using pinned = this.#pin();
    return [...new Set((pinned?.snapshot.namespaces ?? []).map(clairNamespaceOf))].sort();
  }

  /** Whether feeds speak of a namespace. */
  knows(namespace: string): boolean {
    using pinned = this.#pin();
    return pinned !== undefined && knows(pinned.snapshot, namespace);
  }
}

function knows(snapshot: Snapshot, namespace: string): boolean {
  return namespacesOfClair(namespace).some((ours) => snapshot.knows(ours));
}
