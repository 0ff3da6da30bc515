import { type CommitReferences, normaliseSubject, readCommitMessage } from './commit-message.ts';
import type { WantedCommits } from './wanted-commits.ts';

/** A commit of a history that has to do with wanted ones. Plain data, fit for a cache. */
export interface Mention {
  readonly commit: string;
  /** Higher is newer, as far as dates tell. */
  readonly order: number;
  /** On the line of first parents from the head: there the order is that of descent. */
  readonly isOnMain: boolean;
  /** Wanted names that this very commit has. */
  readonly is: readonly string[];
  /** Wanted names whose change it brings, and the line that says so. */
  readonly brings: readonly (readonly [name: string, line: string])[];
  /** Commits that it takes back, wanted or not. */
  readonly reverts: CommitReferences['reverts'];
  /** Its own normalised subject, where a wanted commit has the same. */
  readonly subject?: string;
  /** Of `Revert "x"`: the normalised x. */
  readonly about?: { readonly subject: string; readonly isGone: boolean };
  /** A merge, or a commit that names very many others: what it says proves nothing. */
  readonly isLoose: boolean;
}

/** A commit that names more than this many others is a history squashed into one. */
export const MAX_NAMED_COMMITS = 16;

interface LoggedCommit {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly subject: string;
  readonly body: string;
}

/** What a commit has to do with wanted ones; undefined where nothing. @param place its place in the history. */
export function readMention(
  { commit, parents, subject, body }: LoggedCommit,
  wanted: WantedCommits,
  place: Pick<Mention, 'order' | 'isOnMain'>,
): Mention | undefined {
  const references = readCommitMessage(subject, body);
  const normal = normaliseSubject(subject);
  const is = wanted.namesOf(commit);
  const named = references.brings.flatMap(({ commit: id, line }) =>
    wanted.namesOf(id).map((name) => [name, line] as const),
  );
  const listed = [...wanted.broughtBy(commit), ...wanted.broughtBy(normal)];
  const brings = [...named, ...listed.map((name) => [name, `listed by its distribution: ${subject}`] as const)];
  const about = references.about && { ...references.about, subject: normaliseSubject(references.about.subject) };
  const hasSubject = wanted.namesBySubject(normal) !== undefined;
  if (is.length + brings.length + references.reverts.length === 0 && !about && !hasSubject) return undefined;
  return {
    commit,
    ...place,
    is,
    brings,
    reverts: references.reverts,
    ...(hasSubject && { subject: normal }),
    ...(about && { about }),
    isLoose: parents.length > 1 || references.brings.length > MAX_NAMED_COMMITS,
  };
}
