import { ScannerError } from '../../model/errors.ts';
import { listTree } from '../../platform/git.ts';
import {
  changedFiles,
  commitsBeyond,
  knownCommits,
  patchIds,
  rootsBeyond,
  subjectsOf,
} from '../../platform/git-history.ts';
import type { CommitIndex, CommitPlace } from './commit-index.ts';
import { normaliseSubject } from './commit-message.ts';
import type { Likeness } from './commit-presence.ts';
import type { HistoryPass, Repository } from './history-pass.ts';
import type { Mention } from './mention.ts';
import type { WantedCommits } from './wanted-commits.ts';

/** What was asked of git behind a pass. Plain data, fit for a cache. */
export interface Learned {
  /** Subjects of wanted commits that the repository has beside this history, on lines that part from it. */
  readonly beside: Readonly<Record<string, string>>;
  /** Patch ids of those, while there are not too many. */
  readonly patches: Readonly<Record<string, string>>;
  /** False: there are too many commits to compare their patches. */
  readonly arePatchesCompared: boolean;
  /** Wanted names, and the commit of this history with the very same patch. */
  readonly samePatches: readonly (readonly [name: string, commit: string])[];
  /** Commits of this history that have to do with the above, beside those of the pass. */
  readonly mentions: readonly Mention[];
  /** Files changed by commits whose subject is a wanted one. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** Files of the largest tree among the roots; null where the repository lacks one. */
  readonly rootFileCount: number | null;
}

/** How much is asked. */
export interface LearnLimits {
  /** Commits of this history, and wanted ones, whose patches are compared. */
  readonly maxPatches: number;
  /** Roots whose trees are looked at, the oldest ones. Linux has five. */
  readonly maxRoots: number;
}

export const DEFAULT_LEARN_LIMITS: LearnLimits = { maxPatches: 4000, maxRoots: 8 };

/** A pass, and what is looked for in it. */
export interface Passed {
  readonly pass: HistoryPass;
  /** Of the commits that are new in this pass. */
  readonly index: CommitIndex;
  readonly wanted: WantedCommits;
}

/**
 * Asks of wanted commits that no message names: what the repository has of them, and whether anything in the history is like them.
 * Subjects learned are added to what is wanted.
 *
 * @param former what was learned of the pass that this one goes on from, and its head.
 */
export async function learn(
  repository: Repository,
  passed: Passed,
  former: (Learned & { readonly head: string }) | undefined,
  limits: LearnLimits = DEFAULT_LEARN_LIMITS,
): Promise<Learned> {
  const { pass, index, wanted } = passed;
  const beside = former?.beside ?? (await subjectsBeside(repository, pass, wanted));
  for (const [name, subject] of Object.entries(beside)) wanted.addSubject(name, subject);
  const patches = await comparePatches(repository, { pass, beside, former }, limits);
  const bySubject = former ? [] : [...index.findSubjects(Object.values(beside).map(normaliseSubject))];
  const byPatch = [...index.findCommits(new Set(patches.samePatches.map(([, commit]) => commit)))];
  const mentions = [...(await mentionsOf(repository, [...bySubject, ...byPatch], pass)), ...(former?.mentions ?? [])];
  const alike = [...pass.mentions, ...mentions].filter((mention) => likeNames(mention, wanted).length > 0);
  const unread = alike.map(({ commit }) => commit).filter((commit) => !(commit in (former?.files ?? {})));
  const read = await changedFiles(repository.directory, unread, repository.git);
  return {
    beside,
    ...patches,
    mentions,
    files: { ...former?.files, ...Object.fromEntries(read) },
    rootFileCount: former ? former.rootFileCount : await rootFileCount(repository, pass, limits),
  };
}

/** Subjects of wanted commits that are in the repository, not in this history, and descend from its beginnings. */
async function subjectsBeside(
  { directory, git }: Repository,
  pass: HistoryPass,
  wanted: WantedCommits,
): Promise<Readonly<Record<string, string>>> {
  const seen = new Set(pass.mentions.flatMap(({ is }) => is));
  const names = [...wanted.names()].filter((name) => /^[0-9a-f]+$/.test(name) && !seen.has(name));
  const known = await knownCommits(directory, names, git);
  if (known.size === 0) return {};
  const heads = [...known.values()];
  // A root of another history among them: nothing is known then of how they hang together.
  if ((await rootsBeyond(directory, { heads, base: pass.head }, git)).length > 0) return {};
  const subjects = await subjectsOf(directory, heads, git);
  return Object.fromEntries([...known].map(([name, id]) => [name, subjects.get(id) ?? '']));
}

async function mentionsOf(
  { directory, git }: Repository,
  places: readonly CommitPlace[],
  pass: HistoryPass,
): Promise<readonly Mention[]> {
  const known = new Set(pass.mentions.map(({ commit }) => commit));
  const byCommit = new Map(places.filter(({ commit }) => !known.has(commit)).map((place) => [place.commit, place]));
  const subjects = await subjectsOf(directory, [...byCommit.keys()], git);
  return [...byCommit.values()].map((place) => ({
    ...place,
    order: place.order + pass.newest,
    is: [],
    brings: [],
    reverts: [],
    subject: normaliseSubject(subjects.get(place.commit) ?? ''),
    isLoose: false,
  }));
}

interface Comparison {
  readonly pass: HistoryPass;
  readonly beside: Learned['beside'];
  readonly former: (Learned & { readonly head: string }) | undefined;
}

async function comparePatches(
  { directory, git }: Repository,
  { pass, beside, former }: Comparison,
  { maxPatches }: LearnLimits,
): Promise<Pick<Learned, 'patches' | 'samePatches' | 'arePatchesCompared'>> {
  const names = Object.keys(beside);
  const skipped = { patches: {}, samePatches: [], arePatchesCompared: names.length === 0 };
  if (names.length === 0 || names.length > maxPatches || former?.arePatchesCompared === false) return skipped;
  const others = former ? [...names, former.head] : names;
  const own = await commitsBeyond(directory, { head: pass.head, others, maxCount: maxPatches + 1 }, git);
  if (own.length > maxPatches) return skipped;
  const byPatch = new Map([...(await patchIds(directory, own, git))].map(([commit, patch]) => [patch, commit]));
  const patches = former?.patches ?? (await patchesOf({ directory, git }, names));
  const found = Object.entries(patches).flatMap(([name, patch]) => {
    const commit = byPatch.get(patch);
    return commit === undefined ? [] : [[name, commit] as const];
  });
  return { patches, samePatches: [...found, ...(former?.samePatches ?? [])], arePatchesCompared: true };
}

async function patchesOf({ directory, git }: Repository, names: readonly string[]): Promise<Record<string, string>> {
  const known = await knownCommits(directory, names, git);
  const ids = await patchIds(directory, [...known.values()], git);
  const patches = [...known].flatMap(([name, id]) => {
    const patch = ids.get(id);
    return patch === undefined ? [] : [[name, patch] as const];
  });
  return Object.fromEntries(patches);
}

async function rootFileCount(
  { directory, git }: Repository,
  { roots }: HistoryPass,
  { maxRoots }: LearnLimits,
): Promise<number | null> {
  let most = 0;
  try {
    for (const root of roots.slice(-maxRoots)) {
      most = Math.max(most, (await listTree(directory, root, undefined, git)).length);
    }
    return most;
  } catch (error) {
    if (!(error instanceof ScannerError)) throw error;
    return null;
  }
}

/** What in a history is like a wanted commit: the same subject and a file of the flaw, or the same patch. */
export function likenessesOf(
  mentions: readonly Mention[],
  { files, samePatches }: Learned,
  wanted: WantedCommits,
): ReadonlyMap<string, readonly Likeness[]> {
  const found = new Map<string, Likeness[]>();
  const add = (name: string, likeness: Likeness): void => {
    const known = found.get(name);
    if (known) known.push(likeness);
    else found.set(name, [likeness]);
  };
  for (const mention of mentions) {
    const { commit } = mention;
    const touched = files[commit] ?? [];
    for (const { name, text, isGone } of likeNames(mention, wanted)) {
      if (!touched.some((file) => wanted.filesOf(name).includes(file))) continue;
      add(name, { commit, confidence: 'subject', line: `the same subject and file: ${text}`, isGone });
    }
  }
  for (const [name, commit] of samePatches) {
    add(name, { commit, confidence: 'exact', line: `the same patch as ${name}`, isGone: false });
  }
  return found;
}

interface LikeName {
  readonly name: string;
  readonly text: string;
  readonly isGone: boolean;
}

/** Wanted names of a commit's subject, but for those that its message names anyway. */
function likeNames({ is, brings, subject, about }: Mention, wanted: WantedCommits): LikeName[] {
  const found: LikeName[] = [];
  const texts = [[subject, false] as const, [about?.subject, about?.isGone ?? false] as const];
  for (const [text, isGone] of texts) {
    if (text === undefined) continue;
    for (const name of wanted.namesBySubject(text) ?? []) {
      const isNamed = !isGone && (is.includes(name) || brings.some(([brought]) => brought === name));
      if (!isNamed) found.push({ name, text, isGone });
    }
  }
  return found;
}
