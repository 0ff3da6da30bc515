import type { FeedPart } from '../feeds/record.ts';
import type { FeedDocument, Fetched, PreviousState, Updater } from '../feeds/updater.ts';
import type { Problem } from '../model/problem.ts';
import type { ChangesWriter } from './changes-file.ts';
import { compactPart } from './compact-part.ts';

/** A part as the database holds it. */
export interface HeldPart {
  readonly document: string;
  readonly revision: string;
  readonly hash: string;
  readonly recordCount: number;
}

/** What the database holds of a source: the ground that its changes stand on. */
export interface HeldSource {
  /** Names this state; `` where nothing is held. */
  readonly edition: string;
  /** Version of the updater that read it; another one reads all documents again. */
  readonly version: number;
  readonly documents: ReadonlyMap<string, { readonly revision: string; readonly isDelta: boolean }>;
  /** Loaded when they are asked for. */
  parts(): ReadonlyMap<string, HeldPart>;
  readonly partCount: number;
  readonly recordCount: number;
  /** Messages on the feed as a whole, sorted. */
  readonly feedProblems: readonly string[];
}

/** What a source's changes come to. */
export interface ChangeSummary {
  /** Documents, parts and revisions that differ; 0: the database already says what the feed says. */
  readonly changeCount: number;
  readonly partCount: number;
  readonly recordCount: number;
  readonly heldRecordCount: number;
}

const NO_PARTS: ReadonlyMap<string, HeldPart> = new Map();

/** Nothing held. */
export const NOTHING_HELD: HeldSource = {
  edition: '',
  version: 0,
  documents: new Map(),
  parts: () => NO_PARTS,
  partCount: 0,
  recordCount: 0,
  feedProblems: [],
};

/** More problems of one document than these are counted, not kept. */
const MAX_KEPT_PROBLEMS = 100;

interface Winner extends HeldPart {
  readonly isDelta: boolean;
  /** Read in this update, or standing since an earlier one. */
  readonly isNew: boolean;
}

/**
 * Follows what an updater's `fetch` yields and works out the steps from what is held to what the feed says now.
 *
 * What is held of a source is a function of its documents as they are now: of a part that several documents hold, the newest
 * revision counts, of equal ones that of the whole document. So any sequence of updates comes to what one full update comes to.
 */
export class ChangeCollector {
  readonly #source: string;
  readonly #held: HeldSource;
  readonly #writer: ChangesWriter;
  readonly #isNewVersion: boolean;
  /** Documents named so far: read now, or kept. */
  readonly #read = new Set<string>();
  readonly #kept = new Set<string>();
  readonly #winners = new Map<string, Winner>();
  /** Parts that a standing one outdid, with their document: it is read again where the standing one goes after all. */
  readonly #outdone = new Map<string, string>();
  #existing: ReadonlySet<string> | undefined;
  #changeCount = 0;

  constructor(updater: Pick<Updater, 'name' | 'version'>, held: HeldSource, writer: ChangesWriter) {
    this.#source = updater.name;
    this.#held = held;
    this.#writer = writer;
    this.#isNewVersion = held.version !== updater.version;
  }

  /** What `fetch` is told of the database. With a new version of the updater nothing counts as read before. */
  get previous(): PreviousState {
    const { documents, parts } = this.#isNewVersion ? NOTHING_HELD : this.#held;
    return {
      revisionOf: (document) => documents.get(document)?.revision || undefined,
      documents: () => documents.keys(),
      parts: function* () {
        for (const [part, { revision, document }] of parts()) yield { part, revision, document };
      },
    };
  }

  /** Takes one thing that `fetch` yielded; of a document `parse` gives the parts. @returns how many parts and records were read. */
  async take(fetched: Fetched, parse: (document: FeedDocument, problems: Problem[]) => PartStream): Promise<ReadCount> {
    if (fetched.kind === 'document') return this.#readDocument(fetched.document, parse);
    if (fetched.kind === 'parts') this.#existing = fetched.parts;
    else this.#kept.add(fetched.name);
    return { partCount: 0, recordCount: 0 };
  }

  async #readDocument(document: FeedDocument, parse: ParseDocument): Promise<ReadCount> {
    const { name, revision } = document;
    const isDelta = document.mode === 'delta';
    this.#read.add(name);
    const problems: Problem[] = [];
    let [partCount, recordCount] = [0, 0];
    for await (const part of parse(document, problems)) {
      partCount += 1;
      recordCount += part.records.length;
      this.#takePart(part, name, isDelta);
    }
    const held = this.#held.documents.get(name);
    if (held?.revision !== revision || held.isDelta !== isDelta) {
      this.#change();
      this.#writer.write({ kind: 'document', name, revision, isDelta });
    }
    if (problems.length > 0 || held) this.#writeProblems(name, problems);
    return { partCount, recordCount };
  }

  #takePart(feedPart: FeedPart, document: string, isDelta: boolean): void {
    const rival = this.#winners.get(feedPart.part) ?? this.#standing(feedPart.part, document);
    if (rival && !outdoes({ revision: feedPart.revision, isDelta }, rival)) {
      if (!rival.isNew) this.#outdone.set(feedPart.part, document);
      return;
    }
    const part = compactPart(this.#source, document, feedPart);
    const { hash, revision, recordCount } = part;
    this.#winners.set(part.part, { document, revision, hash, recordCount, isDelta, isNew: true });
    const held = this.#held.parts().get(part.part);
    // What the changes came to so far: an earlier winner of this update, else what is held.
    const standing = rival?.isNew ? rival : held;
    if (standing?.hash === hash) {
      if (standing.revision === revision && standing.document === document) return;
      this.#writer.write({ kind: 'relabel', part: part.part, document, revision });
    } else {
      this.#writer.writePart(part);
    }
    this.#change();
  }

  /** A part as an earlier update left it, unless its document is being read anew. */
  #standing(part: string, document: string): Winner | undefined {
    const held = this.#held.parts().get(part);
    if (!held || held.document === document || this.#read.has(held.document) || this.#isNewVersion) return undefined;
    return { ...held, isDelta: this.#held.documents.get(held.document)?.isDelta ?? false, isNew: false };
  }

  /** After the last: what is gone goes. @param feedProblems those of the feed as a whole. */
  finish(feedProblems: readonly Problem[]): ChangeSummary {
    this.#finishDocuments();
    const { partCount, recordCount: heldRecordCount } = this.#held;
    const isAsHeld = this.#changeCount === 0 && this.#read.size === 0 && this.#existing === undefined;
    const counts = isAsHeld ? { partCount, recordCount: heldRecordCount } : this.#finishParts();
    const messages = feedProblems.map(({ message }) => message).sort();
    if (messages.join('\n') !== this.#held.feedProblems.join('\n')) this.#change();
    this.#writeProblems('', feedProblems);
    return { changeCount: this.#changeCount, ...counts, heldRecordCount };
  }

  #finishParts(): ReadCount {
    const total = { partCount: 0, recordCount: 0 };
    const count = ({ recordCount }: HeldPart) => {
      total.partCount += 1;
      total.recordCount += recordCount;
    };
    for (const [name, held] of this.#held.parts()) {
      if (this.#winners.has(name)) continue;
      if (this.#exists(name) && (this.#kept.has(held.document) || this.#readAgain(name, held))) count(held);
      else this.#dropPart(name);
    }
    for (const [name, winner] of this.#winners) {
      if (this.#exists(name)) count(winner);
      else this.#dropPart(name);
    }
    return total;
  }

  #finishDocuments(): void {
    if (this.#isNewVersion) this.#change();
    for (const [name, { isDelta }] of this.#held.documents) {
      if (this.#read.has(name)) continue;
      if (!this.#kept.has(name)) {
        this.#change();
        this.#writer.write({ kind: 'drop document', name });
      } else if (this.#isNewVersion) {
        // Kept as an earlier version read it: without a revision it is read again as soon as it can be had.
        this.#writer.write({ kind: 'document', name, revision: '', isDelta });
      }
    }
  }

  /** Keeps a part whose document is gone while another, older statement of it was passed over: that one's document is read again. */
  #readAgain(part: string, { revision }: HeldPart): boolean {
    const document = this.#outdone.get(part);
    if (document === undefined) return false;
    this.#change();
    this.#writer.write({ kind: 'relabel', part, document, revision });
    this.#writer.write({ kind: 'document', name: document, revision: '', isDelta: true });
    return true;
  }

  #exists(part: string): boolean {
    return this.#existing?.has(part) !== false;
  }

  #writeProblems(document: string, problems: readonly Problem[]): void {
    const kept = problems.slice(0, MAX_KEPT_PROBLEMS);
    const more = problems.length - kept.length;
    if (more > 0) kept.push({ code: 'updater.more-problems', message: `and ${more} more problems`, path: document });
    this.#writer.write({ kind: 'problems', document, problems: kept });
  }

  #dropPart(part: string): void {
    this.#change();
    this.#writer.write({ kind: 'drop part', part });
  }

  #change(): void {
    this.#changeCount += 1;
  }
}

/** What `parse` yields. */
export type PartStream = AsyncIterable<FeedPart> | Iterable<FeedPart>;
type ParseDocument = (document: FeedDocument, problems: Problem[]) => PartStream;

/** Numbers for the display of progress. */
export interface ReadCount {
  readonly partCount: number;
  readonly recordCount: number;
}

type Rank = Pick<Winner, 'revision' | 'isDelta'>;

/** Whether a part takes the place of another: the newer revision, of equal ones the whole document's, of those the later. */
function outdoes(a: Rank, b: Rank): boolean {
  return a.revision === b.revision ? !a.isDelta || b.isDelta : a.revision > b.revision;
}
