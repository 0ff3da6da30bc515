import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScannerError } from '../model/errors.ts';
import { type GitOptions, listTree, resolveCommit } from '../platform/git.ts';
import { openGitObjects } from '../platform/git-objects.ts';
import { isSystemError, reasonOf } from '../platform/system-errors.ts';
import { alignPaths } from './align-paths.ts';

/** The files of one state of a kernel's sources, wherever they lie. Paths are relative to the root, with `/`. */
export interface Tree extends Disposable {
  /** Same identity, same paths and contents. */
  readonly identity: string;
  /** Every file the tree has, sorted by code units; of some only the name may be known. */
  readonly paths: readonly string[];
  has(path: string): boolean;
  /** The content, one character a byte (Latin-1); undefined where there is no such file, or its content is not at hand. */
  read(path: string): Promise<string | undefined>;
}

/** Limits of a tree. Going above `maxFiles` is `kernel.limit-exceeded`; a file above `maxFileBytes` counts as not at hand. */
export interface TreeLimits {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
}

/** Linux 6.12 has 87,000 files; the largest, a header of register names, has 24 MB. */
export const DEFAULT_TREE_LIMITS: TreeLimits = { maxFiles: 1_000_000, maxFileBytes: 64 << 20 };

/** Where a tree is found. */
export interface TreeLocation {
  /** A directory with the sources or with only some of them, a bare repository, or a repository's `.git`. */
  readonly directory: string;
  /** Of a repository: the commit, `HEAD` when absent. */
  readonly revision?: string;
  /** All paths that the real tree has, when the directory holds only its Makefiles and Kconfig files. */
  readonly paths?: Iterable<string>;
}

/**
 * Opens a directory, or a repository at a revision.
 * @throws ScannerError `kernel.not-found`: no tree is there; `kernel.limit-exceeded`; `feed.unreachable`: git does not read it.
 */
export async function openTree(
  { directory, revision, paths }: TreeLocation,
  git: GitOptions,
  limits: TreeLimits = DEFAULT_TREE_LIMITS,
): Promise<Tree> {
  const repository = repositoryAt(directory, revision !== undefined);
  const tree = repository
    ? await gitTree(repository, revision ?? 'HEAD', git, limits)
    : directoryTree(directory, paths, limits);
  if (tree.has('Makefile') && tree.has('init/main.c')) return tree;
  tree[Symbol.dispose]();
  const missing = tree.has('Makefile')
    ? 'init/main.c; Makefiles alone need the list of all paths (--files)'
    : 'Makefile at its root';
  throw new ScannerError('kernel.not-found', `${directory} is no Linux tree: it has no ${missing}`, { directory });
}

/** Where the repository itself lies; a work tree counts as a directory unless a revision is asked for. */
function repositoryAt(directory: string, wanted: boolean): string | undefined {
  if (exists(join(directory, 'objects')) && exists(join(directory, 'HEAD'))) return directory;
  return wanted && exists(join(directory, '.git')) ? join(directory, '.git') : undefined;
}

async function gitTree(directory: string, revision: string, git: GitOptions, limits: TreeLimits): Promise<Tree> {
  const commit = await resolveCommit(directory, revision, git);
  const blobs = new Map(
    (await listTree(directory, commit, undefined, git)).map((entry) => [entry.path, entry.revision]),
  );
  refuseAbove(limits, blobs.size);
  const objects = openGitObjects(directory, git);
  return {
    ...pathsOf(blobs.keys()),
    identity: `git:${(await objects.read(`${commit}^{tree}`))?.id ?? commit}`,
    async read(path) {
      const blob = blobs.get(path);
      const object = blob === undefined ? undefined : await objects.read(blob);
      return object?.kind === 'blob' && object.content.length <= limits.maxFileBytes
        ? object.content.toString('latin1')
        : undefined;
    },
    [Symbol.dispose]: () => objects[Symbol.dispose](),
  };
}

/** A directory is known by the names, sizes and times of its files. Links are names without content: they may lead anywhere. */
function directoryTree(directory: string, stated: Iterable<string> | undefined, limits: TreeLimits): Tree {
  const hash = createHash('sha256');
  const sizes = new Map<string, number>();
  const links: string[] = [];
  for (const { path, isFile } of walk(directory, limits)) {
    if (!isFile) {
      links.push(path);
      continue;
    }
    const { size, mtimeMs } = lstatSync(join(directory, path));
    sizes.set(path, size);
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  }
  const listed = alignPaths(stated ?? []);
  refuseAbove(limits, listed.length);
  const all = pathsOf(new Set([...sizes.keys(), ...links, ...listed]));
  for (const path of all.paths) hash.update(`${path}\n`);
  return {
    ...all,
    identity: `files:${hash.digest('hex')}`,
    async read(path) {
      const size = sizes.get(path);
      return size === undefined || size > limits.maxFileBytes
        ? undefined
        : readFileSync(join(directory, path), 'latin1');
    },
    [Symbol.dispose]() {},
  };
}

/** Files and links below a directory, sorted within each folder; what git keeps is left out. */
function* walk(root: string, limits: TreeLimits): Generator<{ readonly path: string; readonly isFile: boolean }> {
  const folders = [''];
  let files = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of list(join(root, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== '.git') folders.push(path);
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        refuseAbove(limits, ++files);
        yield { path, isFile: entry.isFile() };
      }
    }
  }
}

function list(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new ScannerError(
      'kernel.not-found',
      `cannot read ${directory}: ${reasonOf(cause)}`,
      { directory },
      { cause },
    );
  }
}

function pathsOf(names: Iterable<string>): Pick<Tree, 'paths' | 'has'> {
  const known = new Set(names);
  const paths = [...known].sort();
  return { paths, has: (path) => known.has(path) };
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function refuseAbove({ maxFiles }: TreeLimits, count: number): void {
  if (count <= maxFiles) return;
  throw new ScannerError('kernel.limit-exceeded', `the tree has more than maxFiles ${maxFiles} files`, { maxFiles });
}
