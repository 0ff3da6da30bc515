import { Gauge, type Registry } from 'prom-client';
import { readPointerIfWhole } from '../advisories/pointer.ts';
import { countWaiting } from '../state/notification-rows.ts';
import { readPublication } from '../state/publications.ts';
import type { State } from '../state/state.ts';
import type { ServedSnapshots } from './snapshots/served-snapshots.ts';

export interface UpdateMeasuresOptions {
  readonly registry: Registry;
  readonly state: State;
  readonly served: ServedSnapshots;
  /** Of the advisory database. */
  readonly directory: string;
  /** Names. */
  readonly notifiers: readonly string[];
}

/**
 * What an operator watches of advisories and notifications. It is looked up when metrics are asked for; what the database is needed
 * for is not shown while it cannot be reached.
 */
export function measureUpdates({ registry, state, served, directory, notifiers }: UpdateMeasuresOptions): void {
  const registers = [registry];
  const ifReachable = <T>(question: Promise<T>): Promise<T | undefined> => question.catch(() => undefined);
  new Gauge({
    ...{ name: 'cvescan_snapshot_sequence', help: 'Publication of the snapshot that is served; 0: none', registers },
    collect() {
      this.set(served.current()?.sequence ?? 0);
    },
  });
  new Gauge({
    ...{ name: 'cvescan_snapshot_age_seconds', help: 'Since the newest snapshot was published', registers },
    async collect() {
      const publication = await ifReachable(readPublication(state));
      const nowMs = publication && (await ifReachable(state.now()));
      if (publication && nowMs !== undefined) this.set((nowMs - publication.publishedAtMs) / 1000);
      else this.remove({});
    },
  });
  new Gauge({
    ...{ name: 'cvescan_feed_last_success_timestamp_seconds', help: 'When a feed was last read to its end', registers },
    labelNames: ['source'],
    collect() {
      this.reset();
      for (const [source, { checkedAt }] of Object.entries(readPointerIfWhole(directory)?.sources ?? {}))
        if (checkedAt !== undefined) this.set({ source }, Date.parse(checkedAt) / 1000);
    },
  });
  new Gauge({
    ...{ name: 'cvescan_notifications_waiting', help: 'Notifications that are to be sent, or sent again', registers },
    async collect() {
      const count = await ifReachable(countWaiting(state, notifiers));
      if (count === undefined) this.remove({});
      else this.set(count);
    },
  });
}
