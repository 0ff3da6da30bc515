import { lstatSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ScannerError } from '../model/errors.ts';
import type { KernelBackport } from '../model/kernel-backport.ts';
import type { StageReport } from '../model/kernel-verdict.ts';
import type { KernelVulnerability } from '../model/kernel-vulnerability.ts';
import { type GitOptions, resolveCommit } from '../platform/git.ts';
import { openHistory } from './history/history.ts';
import { alignHistory, judgeByHistory } from './judge-by-history.ts';
import type { KernelJudge } from './judge-kernel.ts';
import { type KernelVersion, upstreamVersion } from './kernel-version.ts';
import type { ResultCache } from './result-cache.ts';

/** A repository, and which of its commits was built. */
export interface HistoryLocation {
  /** A bare repository or a `.git`. */
  readonly directory: string;
  readonly revision: string;
  /** Files of the tree there: a small one has a short history. */
  readonly fileCount: number;
  readonly git: GitOptions;
}

/** What is looked for in a history. */
export interface KernelKnowledge {
  readonly vulnerabilities: Iterable<KernelVulnerability>;
  readonly backports?: Iterable<KernelBackport>;
}

/** What a history is judged with. */
export interface HistoryOptions {
  readonly version: KernelVersion | undefined;
  readonly known: KernelKnowledge;
  readonly cache?: ResultCache | undefined;
  readonly progress: (doing: string) => void;
}

/** The stage of commits; one read says both what is there and what is provably not. */
export async function historyStage(
  { directory, revision, fileCount, git }: HistoryLocation,
  { version, known, cache, progress }: HistoryOptions,
): Promise<{ readonly report: StageReport; readonly judge?: KernelJudge }> {
  progress('reading the history');
  const told = (count: number): void => progress(`reading the history: ${count.toLocaleString('en')} commits`);
  try {
    const history = await openHistory(
      { directory, git, progress: told },
      { ...known, revision, fileCount, ...(cache && { cache }) },
    );
    const alignment = alignHistory(known.vulnerabilities, history, version);
    const gaps = history.gaps.length > 0 ? `; what is not in it proves nothing: ${history.gaps.join(', ')}` : '';
    const detail = `${history.commitCount.toLocaleString('en')} commits up to ${history.head.slice(0, 12)}${gaps}`;
    return {
      report: { stage: 'commits', isUsed: true, detail },
      judge: { stage: 'commits', judge: (vulnerability) => judgeByHistory(vulnerability, alignment) },
    };
  } catch (cause) {
    if (!(cause instanceof ScannerError) || cause.code !== 'feed.unreachable') throw cause;
    return { report: { stage: 'commits', isUsed: false, detail: `the history cannot be read: ${cause.message}` } };
  }
}

/** Where the repository of a directory lies; undefined where it is none. A `.git` file leads to that of a work tree or submodule. */
export function repositoryOf(directory: string): string | undefined {
  if (isThere(join(directory, 'objects')) && isThere(join(directory, 'HEAD'))) return directory;
  const inside = join(directory, '.git');
  const stats = lstatSync(inside, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return inside;
  if (!stats?.isFile() || stats.size > MAX_GIT_FILE_BYTES) return undefined;
  const target = /^gitdir: (.+)$/m.exec(readFileSync(inside, 'utf8'))?.[1];
  return target === undefined ? undefined : resolve(directory, target);
}

const MAX_GIT_FILE_BYTES = 4096;

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/**
 * The release's tag in a clone of the stable tree.
 *
 * @returns undefined where there is none: then the clone is older than the release, or the version is not upstream's.
 */
export async function findTag(
  { directory, git }: Pick<HistoryLocation, 'directory' | 'git'>,
  version: KernelVersion,
): Promise<string | undefined> {
  if (version.isNominal) return undefined;
  const tag = `refs/tags/v${upstreamVersion(version)}`;
  try {
    await resolveCommit(directory, tag, git);
    return tag;
  } catch (cause) {
    git.signal.throwIfAborted();
    if (cause instanceof ScannerError) return undefined;
    throw cause;
  }
}
