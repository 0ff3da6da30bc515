import type { Covers } from '../src/advisories/derived-tables.ts';
import type { FeedRecord } from '../src/feeds/record.ts';
import type { DocumentBody, Fetched, Updater } from '../src/feeds/updater.ts';
import { collectSource } from '../src/scan/collect-source.ts';
import { type UpdateOptions, type UpdateResult, updateDatasources } from '../src/scan/update.ts';

/** A part of a fake document. */
export interface FakePart {
  readonly revision: string;
  readonly records: readonly FeedRecord[];
}

/** A fake document: its parts by name. */
export interface FakeDocument {
  readonly mode?: 'whole' | 'delta';
  readonly parts: Readonly<Record<string, FakePart>>;
  /** Its parser finds fault with it. */
  readonly problems?: readonly string[];
}

/** A feed as it is now: documents by name; or what its publisher answers with. */
export type FakeFeed = Readonly<Record<string, FakeDocument>> | Error;

/** An updater of a feed that is an object in memory. Documents count as unchanged by their content, as over the network. */
export function fakeUpdater(name: string, feed: FakeFeed, about: Partial<Updater> = {}): Updater {
  return {
    ...{ name, title: name, homepage: 'https://example.org/', licence: 'none', version: 1 },
    covers: (namespace) => (namespace.startsWith('debian:') ? {} : undefined),
    async *fetch({ previous }): AsyncGenerator<Fetched> {
      if (feed instanceof Error) throw feed;
      const all = Object.entries(feed);
      const revisionOf = (document: FakeDocument) => JSON.stringify(document);
      const isNew = ([document, content]: readonly [string, FakeDocument]) =>
        previous.revisionOf(document) !== revisionOf(content);
      const deltas = all.filter(([, { mode }]) => mode === 'delta');
      // A delta that gives a part back makes the documents that may hold it be read again.
      const heldNames = [...previous.documents()];
      const mayGiveBack = deltas.some(isNew) || heldNames.some((held) => !(held in feed));
      for (const each of [...deltas, ...all.filter(([, { mode }]) => mode !== 'delta')]) {
        const [document, content] = each;
        if (!isNew(each) && !mayGiveBack) yield { kind: 'unchanged', name: document };
        else {
          const mode = content.mode ?? 'whole';
          yield { kind: 'document', document: { name: document, revision: revisionOf(content), mode, body: NO_BODY } };
        }
      }
    },
    *parse({ name: document }, { problem }) {
      const { parts, problems = [] } = (feed as Readonly<Record<string, FakeDocument>>)[document]!;
      for (const message of problems) problem({ code: 'updater.incomplete-entry', message, path: document });
      for (const [part, content] of Object.entries(parts)) yield { part, ...content };
    },
    ...about,
  };
}

const NO_BODY: DocumentBody = {
  sizeBytes: 0,
  stream: async function* () {},
  bytes: async () => Buffer.alloc(0),
  text: async () => '',
};

/** The clock of fake updates. */
export const FAKE_NOW = new Date('2026-08-01T00:00:00Z');

/** Runs an update of fake feeds in this thread. */
export function updateFakes(
  directory: string,
  updaters: readonly Updater[],
  options: Partial<UpdateOptions> = {},
): Promise<UpdateResult> {
  const now = options.now ?? (() => FAKE_NOW);
  const signal = options.signal ?? new AbortController().signal;
  const covers: Covers = (source, namespace) => updaters.find(({ name }) => name === source)?.covers(namespace);
  return updateDatasources({
    ...{ directory, updaters, covers, named: new Set<string>(), acceptShrink: false, concurrency: 2, settings: {} },
    collect: ({ source, settings }, { progress, written }) =>
      collectSource(updaters.find(({ name }) => name === source)!, {
        ...{ directory, settings, now, signal, onProgress: progress, onWritten: written },
        access: {} as Parameters<typeof collectSource>[1]['access'],
      }),
    onEvent: () => {},
    ...options,
    now,
    signal,
  });
}

/** One advisory in `debian:12`, fixed in a version. */
export const fakeAdvisory = (vulnerabilityId: string, packageName: string, fixed: string): FeedRecord => ({
  ...{ kind: 'advisory', namespace: 'debian:12', packageName, packageKind: 'source', advisoryId: vulnerabilityId },
  ...{ vulnerabilityId, status: 'affected', fixState: 'fixed', affected: [{ introduced: '0', fixed }] },
});
