import type { FeedRecord } from '../src/feeds/record.ts';
import type { Updater } from '../src/feeds/updater.ts';
import { collectSource } from '../src/scan/collect-source.ts';
import { updateDatasources } from '../src/scan/update.ts';

/** What a sample source says, and of which namespaces. */
export interface SampleSource {
  readonly namespaces: readonly string[];
  readonly records: readonly FeedRecord[];
}

/** Fills a database directory through the real update, from records that are handed in instead of a feed. */
export async function makeSampleDatabase(
  directory: string,
  sources: Readonly<Record<string, SampleSource>>,
  now: Date,
  /** Another one for other records. */
  revision = '1',
): Promise<void> {
  const updaters = Object.entries(sources).map(([name, source]) => sampleUpdater(name, source, revision));
  const signal = new AbortController().signal;
  const { outcomes } = await updateDatasources({
    directory,
    updaters,
    covers: (name, namespace) => updaters.find((updater) => updater.name === name)?.covers(namespace),
    named: new Set(),
    acceptShrink: true,
    concurrency: 1,
    collect: ({ source, settings }) =>
      collectSource(updaters.find((updater) => updater.name === source)!, {
        ...{ directory, settings, signal, now: () => now, onProgress: () => {} },
        access: {} as Parameters<typeof collectSource>[1]['access'],
      }),
    settings: {},
    now: () => now,
    signal,
    onEvent: () => {},
  });
  const failed = outcomes.find(({ state }) => state !== 'updated');
  if (failed) throw failed.error ?? new Error(`${failed.source}: ${failed.state}`);
}

function sampleUpdater(name: string, { namespaces, records }: SampleSource, revision: string): Updater {
  const body = {
    sizeBytes: 0,
    stream: async function* () {},
    bytes: async () => Buffer.alloc(0),
    text: async () => '',
  };
  return {
    ...{ name, title: name, homepage: 'https://example.org/', licence: 'none', version: 1 },
    covers: (namespace) => (namespaces.includes(namespace) ? {} : undefined),
    async *fetch() {
      yield { kind: 'document', document: { name: 'sample', revision, body } };
    },
    *parse() {
      yield { part: 'sample', revision, records };
    },
  };
}
