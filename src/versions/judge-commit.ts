import type { Comparison } from '../model/match.ts';
import type { AffectedVersions } from './range.ts';

/** The word for commits where a comparison names its scheme. It is no version scheme: without a repository commits have no order. */
export const GIT_SCHEME = 'git';

/**
 * What one GIT range says of a commit, by equality alone: what lies between a beginning and an end only the history of the repository
 * tells, so that is undecided.
 *
 * @param commit full id, lower case.
 * @param range of one GIT range: all its beginnings and ends. An end closes the range wherever it began, as fixes of several branches do.
 * Source: https://ossf.github.io/osv-schema/#evaluation
 */
export function judgeCommit(commit: string, { affected }: AffectedVersions): Comparison {
  const question = { scheme: GIT_SCHEME, version: commit } as const;
  const fix = affected.find(({ fixed }) => fixed === commit);
  if (fix) return { ...question, outcome: 'not_affected', range: fix, reason: `${commit} is where it is fixed` };
  const last = affected.find(({ lastAffected }) => lastAffected === commit);
  if (last) return { ...question, outcome: 'affected', range: last, reason: `${commit} is the last affected commit` };
  const first = affected.find(({ introduced }) => introduced === commit);
  if (first) return { ...question, outcome: 'affected', range: first, reason: `${commit} is where the range begins` };
  const endless = affected.find(
    ({ introduced, fixed, lastAffected }) => introduced === '0' && fixed === undefined && lastAffected === undefined,
  );
  if (endless) return { ...question, outcome: 'affected', range: endless, reason: 'all commits are affected' };
  const reason = `whether ${commit} lies in the range is told by the history of the repository, which is not read`;
  return { ...question, outcome: 'undecided', ...(affected[0] && { range: affected[0] }), reason };
}
