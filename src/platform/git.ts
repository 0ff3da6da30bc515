import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { ScannerError } from '../model/errors.ts';

/** How git is run. */
export interface GitOptions {
  /** Only what names programs, proxies and certificates is handed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly userAgent: string;
}

/** A file of a commit. */
export interface TreeEntry {
  readonly path: string;
  /** The blob's id. */
  readonly revision: string;
}

const HANDED_ON =
  /^(PATH|LANG|TMPDIR|https?_proxy|no_proxy|all_proxy|SSL_CERT_(FILE|DIR)|GIT_SSL_CA(INFO|PATH)|CURL_CA_BUNDLE)$/i;

/**
 * Nothing of the user's own configuration, and nothing that a repository could run: no hooks, no prompts, no credentials, no
 * protocol but http(s), no fetching of what is missing. `core.hooksPath` and the rest reach git's own child processes too.
 */
const CONFIG: readonly (readonly [key: string, value: string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.askPass', ''],
  ['credential.helper', ''],
  ['protocol.allow', 'never'],
  ['protocol.http.allow', 'always'],
  ['protocol.https.allow', 'always'],
  ['submodule.recurse', 'false'],
  ['gc.autoDetach', 'false'],
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '60'],
  // A mirror may belong to someone else; we only read objects from it.
  ['safe.directory', '*'],
];

/** What we fetched last, whichever branch it was. */
export const FETCHED_REF = 'refs/cvescan/fetched';

const MAX_LIST_BYTES = 512 << 20;
const MAX_BLOB_BYTES = 256 << 20;

/** What is fetched of a remote repository. */
export interface FetchedParts {
  /** The remote's default branch when absent. */
  readonly branch?: string | undefined;
  /** Commits of history; all when absent. */
  readonly depth?: number | undefined;
  /** All branches and tags, under their own names. */
  readonly isWhole?: boolean;
}

const WHOLE = ['refs/heads/*:refs/heads/*', 'refs/tags/*:refs/tags/*'];

/**
 * Makes a bare clone, or brings it up to date: only what is new comes over the network.
 *
 * @throws ScannerError `feed.unreachable`.
 */
export async function fetchRepository(
  directory: string,
  url: string,
  { branch, depth, isWhole = false }: FetchedParts,
  options: GitOptions,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await run(['init', '--quiet', '--bare', directory], options);
  const from = branch === undefined ? 'HEAD' : `refs/heads/${branch}`;
  const args = [
    '--no-tags',
    ...(isWhole ? ['--prune'] : []),
    '--force',
    '--quiet',
    '--no-write-fetch-head',
    ...(depth ? [`--depth=${depth}`] : []),
  ];
  await run(
    ['--git-dir', directory, 'fetch', ...args, '--', url, ...(isWhole ? WHOLE : []), `${from}:${FETCHED_REF}`],
    options,
  );
}

/** The commit id of a reference such as `HEAD`. @throws ScannerError `feed.unreachable` when there is none. */
export async function resolveCommit(directory: string, reference: string, options: GitOptions): Promise<string> {
  const name = `${reference}^{commit}`;
  return (await run(['--git-dir', directory, 'rev-parse', '--verify', '--end-of-options', name], options))
    .toString()
    .trim();
}

/** All files of a commit below `folder` (all when absent), sorted by path. */
export async function listTree(
  directory: string,
  commit: string,
  folder: string | undefined,
  options: GitOptions,
): Promise<readonly TreeEntry[]> {
  const below = folder === undefined ? [] : ['--', `${folder.replace(/\/+$/, '')}/`];
  const output = await run(['--git-dir', directory, 'ls-tree', '-r', '-z', '--full-tree', commit, ...below], options);
  const entries: TreeEntry[] = [];
  for (const line of output.toString('utf8').split('\0')) {
    const [, revision, path] = /^\d+ blob ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
    if (revision !== undefined && path !== undefined) entries.push({ path, revision });
  }
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Contents of many blobs through one `git cat-file --batch`, in the order asked. Git reads on only as fast as the caller does.
 * @returns undefined for a blob that the repository lacks.
 */
export async function* readBlobs(
  directory: string,
  revisions: Iterable<string>,
  options: GitOptions,
): AsyncGenerator<Buffer | undefined> {
  const asked = [...revisions];
  const stranger = asked.find((revision) => !/^[0-9a-f]{40,64}$/.test(revision));
  if (stranger !== undefined) throw failed('cat-file', `cannot read ${JSON.stringify(stranger)}`);
  const child = startGit(['--git-dir', directory, 'cat-file', '--batch', '--buffer'], options);
  const asking = ask(child.stdin, asked);
  // A broken pipe is told by the reader, which sees the end of the output.
  asking.catch(() => {});
  const reader = new OutputReader(child.stdout);
  try {
    for (const revision of asked) {
      yield (await readObject(reader, revision))?.content;
    }
  } catch (error) {
    options.signal.throwIfAborted();
    throw error;
  } finally {
    child.kill();
  }
}

/** An object as `git cat-file --batch` gives it. */
export interface GitObject {
  readonly id: string;
  /** `blob`, `tree`, `commit` or `tag`. */
  readonly kind: string;
  readonly content: Buffer;
}

/**
 * The next answer of `git cat-file --batch`.
 * @returns undefined when the repository lacks the object, or knows several by that name.
 * @throws ScannerError `feed.unreachable`, `feed.limit-exceeded`.
 */
export async function readObject(reader: OutputReader, name: string): Promise<GitObject | undefined> {
  const line = await reader.line();
  if (/ (missing|ambiguous)$/.test(line)) return undefined;
  const [, id, kind, size] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(line) ?? [];
  if (id === undefined || kind === undefined) throw failed('cat-file', `answered nothing to ${name}`);
  const sizeBytes = Number(size);
  if (sizeBytes > MAX_BLOB_BYTES) {
    throw new ScannerError('feed.limit-exceeded', `git object ${name} is larger than maxBlobBytes ${MAX_BLOB_BYTES}`);
  }
  const content = await reader.bytes(sizeBytes + 1);
  return { id, kind, content: content.subarray(0, sizeBytes) };
}

async function ask(stdin: Writable, revisions: readonly string[]): Promise<void> {
  for (const revision of revisions) {
    if (!stdin.write(`${revision}\n`)) await once(stdin, 'drain');
  }
  stdin.end();
}

/** Bytes of a child's output, by line or by count; what is not asked for stays in the pipe. */
export class OutputReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(output: Readable) {
    this.chunks = output[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    let end = this.rest.indexOf(10);
    while (end < 0) {
      this.rest = Buffer.concat([this.rest, await this.next()]);
      end = this.rest.indexOf(10);
    }
    const line = this.rest.toString('utf8', 0, end);
    this.rest = this.rest.subarray(end + 1);
    return line;
  }

  async bytes(count: number): Promise<Buffer> {
    const parts = [this.rest];
    let have = this.rest.length;
    while (have < count) {
      const chunk = await this.next();
      parts.push(chunk);
      have += chunk.length;
    }
    const all = parts.length === 1 ? this.rest : Buffer.concat(parts);
    this.rest = all.subarray(count);
    return all.subarray(0, count);
  }

  private async next(): Promise<Buffer> {
    const { value, done } = await this.chunks.next();
    if (done) throw failed('cat-file', 'ended too early');
    return value;
  }
}

/** Runs git to its end. @returns what it wrote. @throws ScannerError `feed.unreachable` with what it complained of. */
async function run(args: readonly string[], options: GitOptions): Promise<Buffer> {
  const child = startGit(args, options);
  child.stdin.end();
  const complaint = collect(child.stderr, 64 << 10);
  const output: Buffer[] = [];
  let sizeBytes = 0;
  const ended = once(child, 'close') as Promise<[code: number | null]>;
  ended.catch(() => {});
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_LIST_BYTES) {
      child.kill();
      throw new ScannerError('feed.limit-exceeded', `git wrote more than maxListBytes ${MAX_LIST_BYTES}`);
    }
    output.push(chunk);
  }
  const [code] = await ended.catch((cause: unknown) => {
    options.signal.throwIfAborted();
    throw failed(commandOf(args), (cause as Error).message, cause);
  });
  options.signal.throwIfAborted();
  if (code !== 0) throw failed(commandOf(args), (await complaint) || `ended with code ${code}`);
  return Buffer.concat(output);
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts git; who waits for its end or its output hears of what went wrong. */
export function startGit(args: readonly string[], { env, signal, userAgent }: GitOptions): Child {
  const config = [...CONFIG, ['http.userAgent', userAgent] as const];
  const child = spawn('git', args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
    env: {
      ...Object.fromEntries(Object.entries(env).filter(([name]) => HANDED_ON.test(name))),
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_NO_LAZY_FETCH: '1',
      // A repository must not show another history than its own.
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_GRAFT_FILE: '/dev/null',
      GIT_CONFIG_COUNT: String(config.length),
      ...Object.fromEntries(
        config.flatMap(([key, value], index) => [
          [`GIT_CONFIG_KEY_${index}`, key],
          [`GIT_CONFIG_VALUE_${index}`, value],
        ]),
      ),
    },
  });
  // Errors of the start and of a pipe that closed early are told by who waits for the end.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  return child;
}

async function collect(output: Readable, maxBytes: number): Promise<string> {
  let text = '';
  for await (const chunk of output) if (text.length < maxBytes) text += chunk;
  return text.trim();
}

function commandOf(args: readonly string[]): string {
  return args.find((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--git-dir') ?? '';
}

/** What is thrown when git cannot do what it was asked. */
export function failed(command: string, reason: string, cause?: unknown): ScannerError {
  const lines = reason.split('\n').slice(-3).join(' ').slice(0, 400);
  return new ScannerError('feed.unreachable', `git ${command}: ${lines}`, {}, { cause });
}
