import type { GitOptions } from '../../platform/git.ts';
import { isAncestor, isShallow, type LogEntry, readLog } from '../../platform/git-history.ts';
import { CommitIndex } from './commit-index.ts';
import { normaliseSubject } from './commit-message.ts';
import { type Mention, readMention } from './mention.ts';

import type { WantedCommits } from './wanted-commits.ts';

/** A repository whose history is read. */
export interface Repository {
  /** A bare repository or a `.git`. */
  readonly directory: string;
  readonly git: GitOptions;
  /** Told every so many commits. */
  readonly progress?: ((commitCount: number) => void) | undefined;
}

/** What one pass over a history leaves. Plain data, fit for a cache. */
export interface HistoryPass {
  readonly head: string;
  readonly commitCount: number;
  readonly isShallow: boolean;
  /** Commits without parents. */
  readonly roots: readonly string[];
  /** Order of the newest commit. */
  readonly newest: number;
  /** Newest first, as far as dates tell. */
  readonly mentions: readonly Mention[];
}

/** Commits between two tellings of progress. */
const PROGRESS_COMMITS = 10_000;

/**
 * Reads all messages of a history once, or those that came since a former pass.
 *
 * @param former of the same repository and the same wanted commits; not used where its head is no ancestor of this one.
 * @throws ScannerError `feed.unreachable`.
 */
export async function passHistory(
  repository: Repository,
  { head, wanted, former }: { readonly head: string; readonly wanted: WantedCommits; readonly former?: HistoryPass },
): Promise<{ readonly pass: HistoryPass; readonly index: CommitIndex; readonly isContinued: boolean }> {
  const { directory, git } = repository;
  const isContinued = former !== undefined && (await isAncestor(directory, former.head, head, git));
  const base = isContinued ? former : undefined;
  const index = new CommitIndex();
  const roots: string[] = [];
  const mentions: Mention[] = [];
  let next: string | undefined = head;
  let count = 0;
  const take = (entry: LogEntry): void => {
    const { commit, parents, subject } = entry;
    const isOnMain = commit === next;
    if (isOnMain) next = parents[0];
    if (parents.length === 0) roots.push(commit);
    const mention = readMention(entry, wanted, { order: -count, isOnMain });
    if (mention) mentions.push(copyOf(mention));
    index.add({ commit, order: -count, isOnMain, subject: normaliseSubject(subject) });
    count += 1;
    if (count % PROGRESS_COMMITS === 0) repository.progress?.(count);
  };
  for await (const entries of readLog(directory, { head, except: base?.head }, git)) entries.forEach(take);
  const older = base?.mentions ?? [];
  const newest = base ? base.newest + count : 0;
  return {
    pass: {
      head,
      commitCount: count + (base?.commitCount ?? 0),
      isShallow: await isShallow(directory, git),
      roots: [...roots, ...(base?.roots ?? [])],
      newest,
      mentions: [
        ...mentions.map((mention) => (base ? { ...mention, order: mention.order + newest } : mention)),
        // The former line of first parents counts where the new one goes on from it.
        ...(next === base?.head ? older : older.map((mention) => ({ ...mention, isOnMain: false }))),
      ],
    },
    index,
    isContinued,
  };
}

/** Parts of a text keep all of it in memory: of a whole log, gigabytes. */
const copyOf = (mention: Mention): Mention => JSON.parse(JSON.stringify(mention)) as Mention;
