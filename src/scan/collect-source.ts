import { rmSync } from 'node:fs';
import { ChangesWriter } from '../advisories/changes-file.ts';
import { ChangeCollector, type ChangeSummary, type PartStream } from '../advisories/collect-changes.ts';
import { changesFile } from '../advisories/database-directory.ts';
import { openHeldSource } from '../advisories/held-source.ts';
import { type CvssScorer, loadCvssScorer } from '../documents/cvss.ts';
import type { FeedAccess } from '../feeds/feed-access.ts';
import type { FeedPart } from '../feeds/record.ts';
import type { FeedDocument, Updater } from '../feeds/updater.ts';
import type { Problem } from '../model/problem.ts';
import { scoreRecord } from './score-record.ts';

/** How far a source has been read. */
export interface ReadProgress {
  readonly documentCount: number;
  readonly byteCount: number;
  readonly partCount: number;
  readonly recordCount: number;
}

/** A source whose feed was read to its end; its changes wait in the database directory. */
export interface Collected {
  readonly source: string;
  /** The updater's. */
  readonly version: number;
  /** Edition of the source that the changes were worked out from. */
  readonly from: string;
  readonly summary: ChangeSummary;
  /** What the mirror lacks, in words; the rest was read. */
  readonly gaps: readonly string[];
}

export interface CollectOptions {
  readonly directory: string;
  readonly access: Pick<FeedAccess, 'http' | 'git'>;
  readonly settings: Readonly<Record<string, string>>;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Called often. */
  readonly onProgress: (progress: ReadProgress) => void;
  /** Told while the feed is still read, how much of the changes is written. */
  readonly onWritten?: (written: Written) => void;
}

/** Changes that can be applied before the feed is read to its end. */
export interface Written {
  readonly version: number;
  readonly from: string;
  readonly sizeBytes: number;
}

/**
 * Reads a source's feed and writes down what changes. The caller holds the source's lock.
 *
 * @throws ScannerError `feed.*` of the updater, `database.damaged`, `database.unwritable`; then no changes are left.
 */
export async function collectSource(updater: Updater, options: CollectOptions): Promise<Collected> {
  const { directory, access, settings, now, signal } = options;
  const scoreOf = await loadCvssScorer();
  using held = openHeldSource(directory, updater.name);
  const file = changesFile(directory, updater.name);
  rmSync(file, { force: true });
  const about = { version: updater.version, from: held.edition };
  const writer = new ChangesWriter(file, (sizeBytes) => options.onWritten?.({ ...about, sizeBytes }));
  try {
    const collector = new ChangeCollector(updater, held, writer);
    const count = new ReadCounter(options.onProgress);
    const feedProblems: Problem[] = [];
    const problem = (found: Problem) => feedProblems.push(found);
    const { previous } = collector;
    for await (const fetched of updater.fetch({ ...access, previous, problem, now, settings, signal })) {
      signal.throwIfAborted();
      if (fetched.kind === 'document') count.document(fetched.document);
      await collector.take(fetched, (document, problems) =>
        passed(updater.parse(document, { problem: (found) => problems.push(found) }), count, scoreOf),
      );
    }
    const summary = collector.finish(feedProblems);
    writer.close();
    const gaps = feedProblems.filter(({ code }) => code === 'feed.not-in-mirror').map(({ message }) => message);
    return { source: updater.name, ...about, summary, gaps };
  } catch (cause) {
    writer.abandon();
    rmSync(file, { force: true });
    throw cause;
  }
}

/** Hands the parts on, counted, and their vectors scored. */
async function* passed(parts: PartStream, count: ReadCounter, scoreOf: CvssScorer): AsyncGenerator<FeedPart> {
  for await (const part of parts) {
    count.part(part);
    const records = part.records.map((record) =>
      record.kind === 'vulnerability' ? scoreRecord(record, scoreOf) : record,
    );
    yield { ...part, records };
  }
}

/** Counts what passes, and tells of it. */
class ReadCounter {
  readonly #tell: (progress: ReadProgress) => void;
  readonly #progress = { documentCount: 0, byteCount: 0, partCount: 0, recordCount: 0 };

  constructor(tell: (progress: ReadProgress) => void) {
    this.#tell = tell;
  }

  document({ body }: FeedDocument): void {
    this.#progress.documentCount += 1;
    this.#progress.byteCount += body.sizeBytes;
    this.#tell({ ...this.#progress });
  }

  part({ records }: FeedPart): void {
    this.#progress.partCount += 1;
    this.#progress.recordCount += records.length;
    this.#tell(this.#progress);
  }
}
