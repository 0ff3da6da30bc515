import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ScannerError } from '../model/errors.ts';
import {
  FETCHED_REF,
  type FetchedParts,
  fetchRepository,
  type GitOptions,
  listTree,
  readBlobs,
  resolveCommit,
} from '../platform/git.ts';
import type { Timing } from '../platform/http-retry.ts';
import { retryDelayMs } from '../platform/http-retry.ts';
import { cloneDirectory } from './clone-directory.ts';
import { isMirrorUrl, mirrorPath, notInMirror } from './mirror-directory.ts';
import type { FeedGit, GitOpenOptions, GitRepository } from './updater.ts';

/** Where git sources are fetched from, and kept. */
export interface FeedGitOptions {
  readonly mirror?: string | undefined;
  readonly gitDirectory: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly timing: Timing;
}

/** Git sources: a clone of ours that each update fetches into; one in a mirror directory is read where it lies. */
export function createFeedGit({ mirror, gitDirectory, version, env, signal, timing }: FeedGitOptions): FeedGit {
  const options: GitOptions = { env, signal, userAgent: `cvescan/${version}` };

  async function open(url: string, { branch, depth, isWhole = false }: GitOpenOptions = {}): Promise<GitRepository> {
    if (mirror !== undefined && !isMirrorUrl(mirror)) {
      const directory = await findRepository(mirrorPath(mirror, url), url);
      return repository(directory, branch === undefined ? 'HEAD' : `refs/heads/${branch}`, options);
    }
    const directory = cloneDirectory(gitDirectory, url);
    const { host, pathname } = new URL(url);
    // A mirror is often a plain file server, which cannot cut history short.
    const [source, cut] = mirror === undefined ? [url, depth] : [`${mirror.replace(/\/+$/, '')}/${host}${pathname}`];
    try {
      return await patiently(
        () => fetchInto(directory, source, { branch, depth: cut, isWhole }, options),
        timing,
        signal,
      );
    } catch (error) {
      if (mirror !== undefined && error instanceof ScannerError && /not found|404/i.test(error.message)) {
        throw notInMirror(url);
      }
      throw error;
    }
  }

  return { open };
}

const MAX_ATTEMPTS = 4;

/** Git says in words what went wrong; these are of a network or a server in trouble. */
const TRANSIENT =
  /error: (?:403|408|429|5\d\d)|timed out|timeout|too slow|closed with|reset by peer|early EOF|hung up|could not resolve host/i;

async function patiently<Answer>(ask: () => Promise<Answer>, timing: Timing, signal: AbortSignal): Promise<Answer> {
  for (let failedCount = 1; ; failedCount++) {
    try {
      return await ask();
    } catch (error) {
      const mayRecover = error instanceof ScannerError && TRANSIENT.test(error.message) && failedCount < MAX_ATTEMPTS;
      const delayMs = mayRecover ? retryDelayMs(failedCount, undefined, timing) : undefined;
      if (delayMs === undefined) throw error;
      await timing.sleep(delayMs, signal);
    }
  }
}

/** Fetches; a clone that is damaged (a full disk, a killed update) is made anew, once. */
async function fetchInto(
  directory: string,
  source: string,
  fetched: FetchedParts,
  options: GitOptions,
): Promise<GitRepository> {
  try {
    await fetchRepository(directory, source, fetched, options);
    return await repository(directory, FETCHED_REF, options);
  } catch (error) {
    if (
      !(error instanceof ScannerError) ||
      !/corrupt|not a git repository|bad object|unable to read/i.test(error.message)
    ) {
      throw error;
    }
    await rm(directory, { recursive: true, force: true });
    await fetchRepository(directory, source, fetched, options);
    return repository(directory, FETCHED_REF, options);
  }
}

async function repository(directory: string, reference: string, options: GitOptions): Promise<GitRepository> {
  const head = await resolveCommit(directory, reference, options);
  return {
    head,
    list: (folder) => listTree(directory, head, folder, options),
    read: (revisions) => readBlobs(directory, revisions, options),
  };
}

/** A bare repository, or the one inside a work tree. */
async function findRepository(path: string, url: string): Promise<string> {
  for (const directory of [path, join(path, '.git'), `${path}.git`]) {
    const isRepository = await Promise.all([access(join(directory, 'HEAD')), access(join(directory, 'objects'))]).then(
      () => true,
      () => false,
    );
    if (isRepository) return directory;
  }
  throw notInMirror(url);
}
