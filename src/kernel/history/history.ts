import type { KernelBackport } from '../../model/kernel-backport.ts';
import type { KernelVulnerability } from '../../model/kernel-vulnerability.ts';
import { resolveCommit } from '../../platform/git.ts';
import { isAncestor } from '../../platform/git-history.ts';
import { NO_CACHE, type ResultCache } from '../result-cache.ts';
import { type Presence, PresenceFinder } from './commit-presence.ts';
import { type HistoryPass, passHistory, type Repository } from './history-pass.ts';
import { type Learned, learn, likenessesOf } from './learn.ts';
import type { Mention } from './mention.ts';
import { WantedCommits } from './wanted-commits.ts';

/** What a history says of the wanted commits. */
export interface History {
  readonly head: string;
  readonly commitCount: number;
  /** Why nothing may be concluded from what is not in it; empty: it is whole. */
  readonly gaps: readonly string[];
  /** @param name as the flaws name it. */
  presenceOf(name: string): Presence;
  /** Whether the repository has a commit that is not in the history, on a line that parts from it: then its absence is proven. */
  isBeside(name: string): boolean;
}

/** What is looked for, and how. */
export interface HistoryQuestion {
  /** `HEAD` when absent. */
  readonly revision?: string;
  readonly vulnerabilities: Iterable<KernelVulnerability>;
  readonly backports?: Iterable<KernelBackport>;
  /** Files of the tree: a small one has a short history. */
  readonly fileCount: number;
  readonly cache?: ResultCache;
  readonly limits?: HistoryLimits;
}

/** What a whole history looks like. */
export interface HistoryLimits {
  /** Fewer commits are cut short or put together, where the tree is one of `minFiles` at least. */
  readonly minCommits: number;
  readonly minFiles: number;
  /** A root with more files is an import. */
  readonly maxRootFiles: number;
}

/** Linux began with 17,291 files in 2005, and has a million commits. */
export const DEFAULT_HISTORY_LIMITS: HistoryLimits = { minCommits: 1000, minFiles: 1000, maxRootFiles: 20_000 };

/** Fewer are read again faster than the whole is written. */
const MIN_NEW_COMMITS = 1000;

interface Stored {
  readonly pass: HistoryPass;
  readonly learned: Learned;
}

/**
 * Reads a repository's history for the wanted commits, in one pass; goes on from where a former one ended.
 * @throws ScannerError `feed.unreachable`: git does not read it.
 */
export async function openHistory(repository: Repository, question: HistoryQuestion): Promise<History> {
  const { directory, git } = repository;
  const { cache = NO_CACHE } = question;
  const wanted = new WantedCommits(question.vulnerabilities, question.backports);
  const key = `history 1 ${directory} ${wanted.digest}`;
  const head = await resolveCommit(directory, question.revision ?? 'HEAD', git);
  const former = cache.read(key) as Stored | undefined;
  const stored = await upToDate(repository, { head, wanted, former });
  if (stored.newCommitCount >= MIN_NEW_COMMITS || !former)
    await cache.write(key, { pass: stored.pass, learned: stored.learned });
  const presences = await findPresences(repository, stored, wanted);
  const absent: Presence = { state: 'absent' };
  return {
    head,
    commitCount: stored.pass.commitCount,
    gaps: gapsOf(stored, question.fileCount, question.limits ?? DEFAULT_HISTORY_LIMITS),
    presenceOf: (name) => presences.get(name) ?? absent,
    isBeside: (name) => name in stored.learned.beside,
  };
}

async function upToDate(
  repository: Repository,
  {
    head,
    wanted,
    former,
  }: { readonly head: string; readonly wanted: WantedCommits; readonly former: Stored | undefined },
): Promise<Stored & { readonly newCommitCount: number }> {
  if (former) {
    for (const [name, subject] of Object.entries(former.learned.beside)) wanted.addSubject(name, subject);
    if (former.pass.head === head) return { ...former, newCommitCount: 0 };
  }
  const { pass, index, isContinued } = await passHistory(repository, {
    head,
    wanted,
    ...(former && { former: former.pass }),
  });
  const base = former && isContinued ? { ...former.learned, head: former.pass.head } : undefined;
  const learned = await learn(repository, { pass, index, wanted }, base);
  return { pass, learned, newCommitCount: pass.commitCount - (base ? (former?.pass.commitCount ?? 0) : 0) };
}

async function findPresences(
  { directory, git }: Repository,
  { pass, learned }: Stored,
  wanted: WantedCommits,
): Promise<ReadonlyMap<string, Presence>> {
  const mentions = [...pass.mentions, ...learned.mentions];
  const likenesses = likenessesOf(mentions, learned, wanted);
  const descends = async (newer: Mention, older: Mention): Promise<boolean> =>
    newer.isOnMain && older.isOnMain
      ? newer.order > older.order
      : isAncestor(directory, older.commit, newer.commit, git);
  const finder = new PresenceFinder({ mentions, likenesses, descends });
  const names = new Set([
    ...mentions.flatMap(({ is, brings }) => [...is, ...brings.map(([name]) => name)]),
    ...likenesses.keys(),
  ]);
  const presences = new Map<string, Presence>();
  for (const name of names) presences.set(name, await finder.presenceOf(name));
  return presences;
}

function gapsOf({ pass, learned }: Stored, fileCount: number, limits: HistoryLimits): string[] {
  const { isShallow, commitCount } = pass;
  const { rootFileCount } = learned;
  const isShort = fileCount >= limits.minFiles && commitCount < limits.minCommits;
  return [
    ...(isShallow ? ['the clone is shallow'] : []),
    ...(isShort ? [`${commitCount} commits are no history of ${fileCount} files`] : []),
    ...(rootFileCount === null ? ['what it begins with cannot be read'] : []),
    ...((rootFileCount ?? 0) > limits.maxRootFiles ? [`it begins with an import of ${rootFileCount} files`] : []),
  ];
}
