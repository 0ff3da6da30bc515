import type { StageVerdict } from '../../model/kernel-verdict.ts';
import type { KernelVulnerability } from '../../model/kernel-vulnerability.ts';
import type { GitOptions } from '../../platform/git.ts';
import { knownCommits, readPatches } from '../../platform/git-history.ts';
import type { Tree } from '../tree.ts';
import { type FilePatch, parseFixPatch } from './fix-patch.ts';
import { type FixState, SourceText, testFix } from './test-fix.ts';

/** Where the diffs of fixes are had, and what is tested. */
export interface TextQuestion {
  /** A bare repository or a `.git` that has mainline's commits. */
  readonly directory: string;
  readonly git: GitOptions;
  readonly tree: Tree;
  /** Those that are still open. */
  readonly vulnerabilities: readonly KernelVulnerability[];
}

/** Larger diffs rewrite a subsystem, and are not tested. */
const MAX_DIFF_CHARS = 1 << 20;

/**
 * Tests the texts of fixes in the sources of a tree.
 *
 * @returns what the text says of each vulnerability, by its id: `fixed`, or nothing and why. That a text is missing is never a verdict.
 * @throws ScannerError `feed.unreachable`.
 */
export async function judgeByText({
  directory,
  git,
  tree,
  vulnerabilities,
}: TextQuestion): Promise<ReadonlyMap<string, StageVerdict>> {
  const names = new Set(vulnerabilities.flatMap((vulnerability) => fixesOf(vulnerability).flat()));
  const known = await knownCommits(directory, [...names], git);
  const patches = new Map<string, readonly FilePatch[]>();
  for await (const [commit, text] of readPatches(directory, [...new Set(known.values())], git)) {
    if (text.length <= MAX_DIFF_CHARS) patches.set(commit, parseFixPatch(text));
  }
  const patchOf = (name: string): readonly FilePatch[] | undefined => patches.get(known.get(name) ?? '');
  const read = sourcesOf(tree);
  const verdicts = new Map<string, StageVerdict>();
  for (const vulnerability of vulnerabilities) {
    verdicts.set(vulnerability.id, await judge(fixesOf(vulnerability), patchOf, read));
  }
  return verdicts;
}

/** All of these must be in the sources; of each, any of the alternatives. */
function fixesOf({ groups, mainlineFixes, breakFixes }: KernelVulnerability): readonly (readonly string[])[] {
  const [only, another] = mainlineFixes;
  const own = groups.flatMap((group) => group.fixes.map(({ commit }) => commit));
  const stated = another !== undefined ? mainlineFixes.map((name) => [name]) : [[...(only ? [only] : []), ...own]];
  const lines = breakFixes.map(({ fixes }) => fixes.flatMap((fix) => (fix.kind === 'commit' ? [fix.commit] : [])));
  return [...(groups.length > 0 || only !== undefined ? stated : []), ...lines].map((names) => [...new Set(names)]);
}

type ReadSource = (path: string) => Promise<SourceText | undefined>;

/** Files that many fixes touch are read once. */
function sourcesOf(tree: Tree): ReadSource {
  const sources = new Map<string, Promise<SourceText | undefined>>();
  const load = async (path: string): Promise<SourceText | undefined> => {
    const text = await tree.read(path);
    return text === undefined ? undefined : new SourceText(text);
  };
  return (path) => {
    const known = sources.get(path) ?? load(path);
    // The oldest goes when there are many: a text takes some hundred kilobytes.
    if (!sources.has(path) && sources.size >= MAX_SOURCES) sources.delete(sources.keys().next().value as string);
    sources.set(path, known);
    return known;
  };
}

const MAX_SOURCES = 200;

const REASONS: Readonly<Record<Exclude<FixState, 'applied'>, string>> = {
  partly: 'a part of its fix stands in the sources',
  missing: 'its fix is not found in the sources, which proves nothing',
  unknown: 'the text of its fix proves nothing',
};

async function judge(
  needed: readonly (readonly string[])[],
  patchOf: (name: string) => readonly FilePatch[] | undefined,
  read: ReadSource,
): Promise<StageVerdict> {
  const found: string[] = [];
  for (const alternatives of needed) {
    let state: FixState | undefined;
    for (const name of alternatives) {
      const patch = patchOf(name);
      if (!patch) continue;
      const tested = await testFix(patch, read);
      if (tested === 'applied') found.push(name);
      // The first alternative is mainline's own, and speaks for all; what it finds in part no branch's smaller one completes.
      state = tested === 'applied' ? tested : (state ?? tested);
      if (state === 'applied' || state === 'partly') break;
    }
    if (state === undefined) return silent('the diff of its fix is not at hand');
    if (state !== 'applied') return silent(REASONS[state]);
  }
  if (found.length === 0) return silent('no fix is known');
  return {
    stage: 'text',
    verdict: 'fixed',
    confidence: 'text',
    evidence: { commits: found },
    reason: 'the text of its fix stands in the sources, and what it replaces does not',
  };
}

const silent = (reason: string): StageVerdict => ({ stage: 'text', evidence: {}, reason });
