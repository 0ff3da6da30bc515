import { once } from 'node:events';
import { ScannerError } from '../model/errors.ts';
import { failed, type GitOptions, startGit } from './git.ts';

/** A commit as `git log` tells it. */
export interface LogEntry {
  readonly commit: string;
  readonly parents: readonly string[];
  /** The first paragraph as one line. */
  readonly subject: string;
  readonly body: string;
}

/** Nothing of a repository's own configuration may change what is printed: no signatures, notes, colours, mail maps, programs. */
const PLAIN_LOG = [
  '--no-show-signature',
  '--no-notes',
  '--no-color',
  '--no-mailmap',
  '--no-decorate',
  '--encoding=UTF-8',
];
const PLAIN_DIFF = ['--no-ext-diff', '--no-textconv', '--no-color', '--no-renames', '--submodule=short'];

/**
 * All commits reachable from `head` and not from `except`, children before their first parents, as many at once as come at once.
 * @param directory a bare repository or a `.git`.
 * @throws ScannerError `feed.unreachable`.
 */
export async function* readLog(
  directory: string,
  { head, except }: { readonly head: string; readonly except?: string | undefined },
  options: GitOptions,
): AsyncGenerator<readonly LogEntry[]> {
  const range = [head, ...(except === undefined ? [] : ['--not', except])];
  const args = ['log', '-z', '--no-patch', '--format=%H%x00%P%x00%s%x00%b', ...PLAIN_LOG, ...range, '--'];
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of streamGit(directory, args, '', options)) {
    const fields = (rest + decoder.decode(chunk, { stream: true })).split('\0');
    const entries: LogEntry[] = [];
    let at = 0;
    // The last field is not whole yet.
    for (; at + 4 < fields.length; at += 4) {
      const [commit = '', parents = '', subject = '', body = ''] = fields.slice(at, at + 4);
      entries.push({ commit, parents: parents === '' ? [] : parents.split(' '), subject, body });
    }
    rest = fields.slice(at).join('\0');
    yield entries;
  }
}

/** What git prints, as it comes. @throws ScannerError `feed.unreachable` when it ends badly. */
async function* streamGit(
  directory: string,
  args: readonly string[],
  input: string,
  options: GitOptions,
): AsyncGenerator<Buffer> {
  const child = startGit(['--git-dir', directory, ...args], options);
  const ended = once(child, 'close') as Promise<[code: number | null]>;
  ended.catch(() => {});
  child.stdin.end(input);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < MAX_COMPLAINT_CHARS) complaint += chunk.toString();
  });
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const [code] = await ended;
    if (code !== 0) throw failed(args[0] ?? '', complaint.trim() || `ended with code ${code}`);
  } catch (error) {
    options.signal.throwIfAborted();
    throw error;
  } finally {
    child.kill();
  }
}

const MAX_COMPLAINT_CHARS = 64 << 10;

/** Whether one commit is reachable from another, or the same; false where one of them is not in the repository. */
export async function isAncestor(
  directory: string,
  older: string,
  newer: string,
  options: GitOptions,
): Promise<boolean> {
  const child = startGit(['--git-dir', directory, 'merge-base', '--is-ancestor', older, newer], options);
  child.stdin.end();
  child.stdout.resume();
  child.stderr.resume();
  const [code] = (await once(child, 'close')) as [code: number | null];
  options.signal.throwIfAborted();
  return code === 0;
}

/** Whether history was cut off when it was fetched. */
export async function isShallow(directory: string, options: GitOptions): Promise<boolean> {
  return (await textOf(directory, ['rev-parse', '--is-shallow-repository'], '', options)).trim() === 'true';
}

/** Which of these names are commits of the repository. */
export async function knownCommits(
  directory: string,
  names: readonly string[],
  options: GitOptions,
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  if (names.length === 0) return known;
  const args = ['cat-file', '--batch-check=%(objectname) %(objecttype)', '--buffer'];
  const lines = (await textOf(directory, args, `${names.join('\n')}\n`, options)).split('\n');
  for (const [index, name] of names.entries()) {
    const commit = /^([0-9a-f]{40,64}) commit$/.exec(lines[index] ?? '')?.[1];
    if (commit !== undefined) known.set(name, commit);
  }
  return known;
}

/** Subjects of commits, one a commit. @param commits ids that the repository has. */
export async function subjectsOf(
  directory: string,
  commits: readonly string[],
  options: GitOptions,
): Promise<ReadonlyMap<string, string>> {
  const subjects = new Map<string, string>();
  if (commits.length === 0) return subjects;
  const args = ['log', '-z', '--no-walk=unsorted', '--no-patch', '--format=%H%x00%s', ...PLAIN_LOG, '--stdin'];
  const fields = (await textOf(directory, args, `${commits.join('\n')}\n`, options)).split('\0');
  for (let at = 0; at + 1 < fields.length; at += 2) subjects.set(fields[at] ?? '', fields[at + 1] ?? '');
  return subjects;
}

/** Paths that commits change against their first parent; of a commit whose trees the repository lacks nothing. */
export async function changedFiles(
  directory: string,
  commits: readonly string[],
  options: GitOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const files = new Map<string, readonly string[]>();
  const read = (left: readonly string[]) => readChangedFiles(directory, left, options);
  for await (const [commit, paths] of survivingMissing(commits, read)) files.set(commit, paths);
  return files;
}

type CommitRecords<T> = AsyncGenerator<readonly [commit: string, record: T]>;

/** Commits that lack something, for each of which git is started again. */
const MAX_LACKING_COMMITS = 100;

/** Git ends at an object that the repository lacks: the commit it belongs to is left out, and the rest asked for again. */
async function* survivingMissing<T>(
  commits: readonly string[],
  read: (commits: readonly string[]) => CommitRecords<T>,
): CommitRecords<T> {
  let left = commits;
  let isAlone = false;
  for (let lacking = 0; left.length > 0; ) {
    let last: string | undefined;
    try {
      for await (const record of read(isAlone ? left.slice(0, 1) : left)) {
        [last] = record;
        yield record;
      }
      if (!isAlone) return;
      left = left.slice(1);
      isAlone = false;
    } catch (error) {
      if (!(error instanceof ScannerError)) throw error;
      if (isAlone && ++lacking > MAX_LACKING_COMMITS) throw error;
      // Without a whole record either the first commit lacks something or the second: asked for alone, the first one tells.
      if (last !== undefined) left = left.slice(left.indexOf(last) + 1);
      else if (isAlone) left = left.slice(1);
      isAlone = last === undefined && !isAlone;
    }
  }
}

async function* readChangedFiles(
  directory: string,
  commits: readonly string[],
  options: GitOptions,
): CommitRecords<readonly string[]> {
  const args = ['diff-tree', '--stdin', '-z', '-r', '--root', '--name-only', '-m', '--first-parent', ...PLAIN_DIFF];
  let commit: string | undefined;
  let paths: string[] = [];
  let rest = '';
  for await (const chunk of streamGit(directory, args, `${commits.join('\n')}\n`, options)) {
    const fields = (rest + chunk.toString('utf8')).split('\0');
    rest = fields.pop() ?? '';
    for (const field of fields) {
      // With -z a commit's line ends with a newline still, or stands before its parent in brackets.
      const [, next, path] = /^([0-9a-f]{40,64})(?: \(from [0-9a-f]+\))?(?:\n|$)(.*)$/s.exec(field) ?? [];
      if (next !== undefined) {
        if (commit !== undefined) yield [commit, paths];
        [commit, paths] = [next, path ? [path] : []];
      } else paths.push(field);
    }
  }
  if (commit !== undefined) yield [commit, paths];
}

/** `git patch-id --stable` of commits: same text, same id, whatever the line numbers. */
export async function patchIds(
  directory: string,
  commits: readonly string[],
  options: GitOptions,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  if (commits.length === 0) return ids;
  const diffs = startGit(
    ['--git-dir', directory, 'diff-tree', '--stdin', '-r', '-p', '--root', ...PLAIN_DIFF],
    options,
  );
  const patches = startGit(['--git-dir', directory, 'patch-id', '--stable'], options);
  diffs.stderr.resume();
  patches.stderr.resume();
  diffs.stdout.pipe(patches.stdin);
  diffs.stdin.end(`${commits.join('\n')}\n`);
  let text = '';
  for await (const chunk of patches.stdout as AsyncIterable<Buffer>) text += chunk.toString();
  options.signal.throwIfAborted();
  for (const [, id = '', commit = ''] of text.matchAll(/^([0-9a-f]{40,64}) ([0-9a-f]{40,64})$/gm)) ids.set(commit, id);
  return ids;
}

/**
 * What commits change against their first parent, as unified diffs with three lines of context, one character a byte (Latin-1).
 * Merges have none, nor has a commit whose files the repository lacks.
 */
export function readPatches(directory: string, commits: readonly string[], options: GitOptions): CommitRecords<string> {
  return survivingMissing(commits, (left) => readDiffs(directory, left, options));
}

async function* readDiffs(directory: string, commits: readonly string[], options: GitOptions): CommitRecords<string> {
  const format = ['--src-prefix=a/', '--dst-prefix=b/', '--unified=3'];
  const args = ['diff-tree', '--stdin', '-r', '-p', '--root', ...format, ...PLAIN_DIFF];
  let commit: string | undefined;
  let lines: string[] = [];
  let rest = '';
  for await (const chunk of streamGit(directory, args, `${commits.join('\n')}\n`, options)) {
    const fields = (rest + chunk.toString('latin1')).split('\n');
    rest = fields.pop() ?? '';
    for (const line of fields) {
      // No line of a diff begins so: they all have a sign before them.
      if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(line)) {
        lines.push(line);
        continue;
      }
      if (commit !== undefined) yield [commit, lines.join('\n')];
      [commit, lines] = [line, []];
    }
  }
  if (commit !== undefined) yield [commit, lines.join('\n')];
}

/** Commits reachable from `head` and from none of `others`, at most `maxCount`. */
export async function commitsBeyond(
  directory: string,
  { head, others, maxCount }: { readonly head: string; readonly others: readonly string[]; readonly maxCount: number },
  options: GitOptions,
): Promise<readonly string[]> {
  const input = [head, ...others.map((commit) => `^${commit}`)].join('\n');
  const args = ['rev-list', '--no-merges', `--max-count=${maxCount}`, '--stdin'];
  return (await textOf(directory, args, `${input}\n`, options)).split('\n').filter(Boolean);
}

/** Root commits reachable from some commits and not from `base`: where there are none, all of them descend from its beginnings. */
export async function rootsBeyond(
  directory: string,
  { heads, base }: { readonly heads: readonly string[]; readonly base: string },
  options: GitOptions,
): Promise<readonly string[]> {
  const args = ['rev-list', '--max-parents=0', '--stdin'];
  return (await textOf(directory, args, `${[...heads, `^${base}`].join('\n')}\n`, options)).split('\n').filter(Boolean);
}

async function textOf(directory: string, args: readonly string[], input: string, options: GitOptions): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of streamGit(directory, args, input, options)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
