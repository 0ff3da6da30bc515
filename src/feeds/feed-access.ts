import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createHttpClient, type HttpClientOptions, realTiming } from '../platform/http.ts';
import { MAX_DOCUMENT_BYTES } from './document-body.ts';
import { createFeedGit } from './feed-git.ts';
import { createFeedHttp } from './feed-http.ts';
import { createMirrorDirectory, isMirrorUrl } from './mirror-directory.ts';
import type { FeedGit, FeedHttp } from './updater.ts';

/** Where feeds are read from, and where what comes of them may lie. */
export interface FeedAccessOptions {
  /** Directory or URL that every feed is read from instead of its publisher. */
  readonly mirror?: string | undefined;
  /** Parent of the private directory for bodies: removed by `close`. */
  readonly temporaryDirectory: string;
  /** Keeps the clones of git sources from one update to the next. */
  readonly gitDirectory: string;
  /** Of this program: publishers see `cvescan/<version>`. */
  readonly version: string;
  /** Proxies, and `PATH` for git. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Upper bound of every document's limit; 4 GiB. */
  readonly maxDocumentBytes?: number;
  /** Tests hand in a clock that does not wait and point publishers at a local server. */
  readonly network?: Pick<HttpClientOptions, 'timing' | 'rewrite' | 'idleTimeoutMs' | 'maxAttempts'>;
}

/** The outside world as updaters are handed it. */
export interface FeedAccess extends AsyncDisposable {
  readonly http: FeedHttp;
  readonly git: FeedGit;
  /** Ends connections and removes all bodies; `await using` does it too. */
  close(): Promise<void>;
}

/** Opens the way to the feeds; nothing is asked for yet, and a mirror directory loads no network code at all. */
export async function createFeedAccess(options: FeedAccessOptions): Promise<FeedAccess> {
  const { mirror, env, signal, version, gitDirectory, maxDocumentBytes = MAX_DOCUMENT_BYTES } = options;
  const mirrorIsUrl = mirror !== undefined && isMirrorUrl(mirror);
  const spoolDirectory = await mkdtemp(join(options.temporaryDirectory, 'cvescan-feeds-'));
  const client = createHttpClient({
    ...options.network,
    userAgent: `cvescan/${version}`,
    failure: 'feed.unreachable',
    env,
  });
  const close = async (): Promise<void> => {
    await client.close();
    await rm(spoolDirectory, { recursive: true, force: true });
  };
  return {
    http:
      mirror === undefined || mirrorIsUrl
        ? createFeedHttp({ client, spoolDirectory, signal, mirror, maxDocumentBytes })
        : createMirrorDirectory(mirror, maxDocumentBytes),
    git: createFeedGit({ mirror, gitDirectory, env, signal, version, timing: options.network?.timing ?? realTiming }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
