import type { ReportProblem } from '../model/problem.ts';
import type { FeedPart } from './record.ts';

/** What the database already holds of one source. */
export interface PreviousState {
  /** Revision of a document that was read before; undefined when it is new, or must be read again. */
  revisionOf(document: string): string | undefined;
  /** Names of the documents held. */
  documents(): Iterable<string>;
  /** Parts held, with their revision and the document that they came from. */
  parts(): Iterable<{ readonly part: string; readonly revision: string; readonly document: string }>;
}

/** What a publisher gave: bytes on disk or in memory, never parsed here. */
export interface FeedDocument {
  /** Stable name within the source, e.g. `nvdcve-2.0-2019.json`. */
  readonly name: string;
  /** What says "nothing new": a hash, an ETag, a date. Content hashes are best: they do not change when a mirror is made anew. */
  readonly revision: string;
  readonly body: DocumentBody;
  /**
   * In both modes the document's parts replace all that came from this document before: what it no longer lists is dropped.
   * A part that several documents hold is that of the newest revision (by text order); of equal ones that of the `whole` document.
   * `whole` (default): publishers state a part in one such document only.
   * `delta`: recent changes to what other documents hold. An updater yields its deltas before its other documents, and names
   * a document again (not as unchanged) when a delta gives one of its parts back. So what is held is a function of the
   * documents as they are now, whatever was read before.
   */
  readonly mode?: 'whole' | 'delta';
}

export interface DocumentBody {
  /** Of the bytes as they came, compressed or not. */
  readonly sizeBytes: number;
  /** Decompressed chunks, from the start at each call. @throws ScannerError `feed.malformed`, `feed.limit-exceeded`. */
  stream(): AsyncIterable<Buffer>;
  bytes(): Promise<Buffer>;
  text(): Promise<string>;
  /** A file that holds the bytes as they came (for readers that need random access, e.g. ZIP); removed after the update. */
  readonly file?: string;
}

/** What `fetch` yields, in any order. Documents held before that it does not name are dropped with their parts. */
export type Fetched =
  | { readonly kind: 'document'; readonly document: FeedDocument }
  /** Nothing new: keep the parts that came from it. */
  | { readonly kind: 'unchanged'; readonly name: string }
  /** Lost or refused just now: keep the parts that came from it; the problem says why. */
  | { readonly kind: 'kept'; readonly name: string }
  /** Ids that still exist; parts of the source that are not named are dropped. At most one, last. */
  | { readonly kind: 'parts'; readonly parts: ReadonlySet<string> };

export interface FetchContext {
  readonly http: FeedHttp;
  readonly git: FeedGit;
  readonly previous: PreviousState;
  readonly problem: ReportProblem;
  readonly now: () => Date;
  /** Free text settings of this source from the configuration, e.g. `apiKey`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The network as updaters see it: mirror, proxies, retries, resume, conditional requests and limits are behind it. */
export interface FeedHttp {
  /**
   * Fetches a URL into a document body.
   * @returns undefined when the server (304), the mirror or the content itself says that nothing changed since `ifRevision`.
   * @throws ScannerError `feed.unreachable` (with `details.status` where a server answered), `feed.malformed` (HTML where data
   *   was asked for, a wrong hash), `feed.limit-exceeded`, `feed.not-in-mirror`.
   */
  get(url: string, options?: HttpGetOptions): Promise<HttpDocument | undefined>;
  /** Names that a listing page links to, sorted, without `../`. */
  listing(url: string): Promise<readonly string[]>;
}

export interface HttpGetOptions {
  /** Revision of an earlier answer of this URL (`HttpDocument.revision`). */
  readonly ifRevision?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Limit of the decompressed body; by default 4 GiB. */
  readonly maxBytes?: number;
  /** Over the network: begin no earlier than this long after the last request to the same host began, as its publisher asks. */
  readonly paceMs?: number;
  /** `gzip`, `xz`, `bzip2`, `zstd` of the file itself (not of the transfer); by default sniffed from its first bytes. `none` keeps it as it is. */
  readonly compression?: 'none';
  /** Hex SHA-256 of the decompressed bytes that a manifest of the publisher states; a mismatch is retried, then `feed.malformed`. */
  readonly sha256?: string;
}

export interface HttpDocument {
  readonly body: DocumentBody;
  /** SHA-256 of the bytes as they came, in hex. */
  readonly sha256: string;
  /**
   * To be handed in as `ifRevision` next time: the hash above with ETag and Last-Modified, or size and time in a mirror. A mirror
   * made anew of the same bytes still says "nothing new".
   */
  readonly revision: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A publisher's git repository, bare, fetched incrementally into the cache folder. */
export interface FeedGit {
  /** Clones or fetches. @throws ScannerError `feed.unreachable`, `feed.not-in-mirror`. */
  open(url: string, options?: GitOpenOptions): Promise<GitRepository>;
}

/** What is fetched of a repository. */
export interface GitOpenOptions {
  /** The remote's default branch when absent. */
  readonly branch?: string;
  /** Commits of history; all when absent. */
  readonly depth?: number;
  /** All branches and tags, under their own names. */
  readonly isWhole?: boolean;
}

export interface GitRepository {
  /** Commit id of the branch. */
  readonly head: string;
  /** All files below `folder`, sorted by path; `revision` is the blob's id. */
  list(folder?: string): Promise<readonly { readonly path: string; readonly revision: string }[]>;
  /** Contents of many blobs through one long-running `git cat-file --batch`, in the order asked. A missing one is undefined. */
  read(revisions: Iterable<string>): AsyncIterable<Buffer | undefined>;
}

export interface ParseContext {
  readonly problem: ReportProblem;
}

/** Until when a publisher speaks of a namespace. */
export interface Coverage {
  /** `YYYY-MM-DD`, the last day of support that this feed covers; absent while it goes on. */
  readonly until?: string;
}

/**
 * Turns a publisher's data into records. `fetch` talks to the network and `parse` does not, so `parse` is tested on saved feeds;
 * both run in a worker thread.
 */
export interface Updater {
  /** The name on the command line, e.g. `debian`; also that of its file. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for `--list` and the reference. */
  readonly title: string;
  /** Where a person reads about the feed. */
  readonly homepage: string;
  /** Licence or terms, as attribution asks. */
  readonly licence: string;
  /** Raised when `parse` yields other records for the same bytes: documents are then read again. */
  readonly version: number;
  /** What it fetches is read as it is; no record comes of it. */
  readonly hasNoRecords?: boolean;
  /** Off by default: `datasources-update` without arguments leaves it out. */
  readonly optional?: boolean;
  /** Rough time of a first read on one core, 1 where it is not stated: the longest are begun first. */
  readonly fullReadSeconds?: number;
  /** It speaks of vulnerabilities, not of packages of some namespaces: every scan asks it. */
  readonly isGeneral?: boolean;
  /** It speaks of the Linux kernel, wherever one is. */
  readonly isOfKernels?: boolean;
  /** Which namespaces this publisher declares to cover; undefined for others, though rows may exist. */
  covers(namespace: string): Coverage | undefined;
  fetch(context: FetchContext): AsyncIterable<Fetched>;
  /** Pure. Bad entries are problems; a document that cannot be read at all throws `feed.malformed`. */
  parse(document: FeedDocument, context: ParseContext): AsyncIterable<FeedPart> | Iterable<FeedPart>;
}
