import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPointer } from '../advisories/pointer.ts';
import type { Updater } from '../feeds/updater.ts';
import { findUpdater, updaters } from '../feeds/updaters/registry.ts';
import { ERRORS, ScannerError } from '../model/errors.ts';
import { updateDatasources } from '../scan/update.ts';
import { UpdatePool } from '../scan/update-pool.ts';

export interface PublisherUpdateOptions {
  readonly databaseDirectory: string;
  readonly cacheDirectory: string;
  readonly mirror?: string;
  /** Settings by source, as the configuration has them. */
  readonly sources: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** `0.1.0`. */
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly log: (message: string) => void;
}

/** A source that was read less than this ago is left alone. */
const MIN_AGE_MS = 15 * 60_000;
/** Scans go on meanwhile. */
const CONCURRENCY = 1;

/**
 * Reads the feeds of the named sources, or of all enabled ones, and makes a new snapshot of what changed.
 *
 * @throws ScannerError the first failure of a source, `feed.unknown`, and what `updateDatasources` throws; the other sources are taken.
 */
export async function updateFromPublishers(
  { names, acceptShrink }: { readonly names: readonly string[]; readonly acceptShrink: boolean },
  options: PublisherUpdateOptions,
): Promise<void> {
  const { databaseDirectory: directory, cacheDirectory, mirror, sources, version, env, now, signal, log } = options;
  const chosen = chooseUpdaters(names, sources).filter(({ name }) => isOld(directory, name, now()));
  if (chosen.length === 0) return log('all sources were read a short while ago');
  const gitDirectory = join(cacheDirectory, 'git');
  const access = { mirror, temporaryDirectory: tmpdir(), gitDirectory, version, env };
  await using pool = new UpdatePool({ directory, access }, signal);
  const { outcomes } = await updateDatasources({
    directory,
    updaters: chosen,
    covers: (source, namespace) => findUpdater(source)?.covers(namespace),
    named: new Set(names.length > 0 ? chosen.map(({ name }) => name) : []),
    ...{ acceptShrink, concurrency: CONCURRENCY, settings: sources, now, signal },
    collect: pool.collect,
    onEvent: (event) => {
      if (event.kind === 'done') log(`${event.outcome.source}: ${event.outcome.error?.message ?? event.outcome.state}`);
    },
  });
  const failed = outcomes.find(({ state }) => state === 'failed');
  if (failed) throw failed.error ?? new Error(`${failed.source} failed`);
}

function chooseUpdaters(names: readonly string[], sources: PublisherUpdateOptions['sources']): readonly Updater[] {
  if (names.length === 0) {
    return updaters.filter(({ name, optional }) => {
      const stated = sources[name]?.enabled;
      return stated === undefined ? !optional : stated === 'true';
    });
  }
  return names.map((name) => {
    const updater = findUpdater(name);
    if (updater) return updater;
    throw new ScannerError('feed.unknown', `there is no source ${name}`, { name });
  });
}

function isOld(directory: string, source: string, now: Date): boolean {
  const check = readPointer(directory)?.sources[source];
  return check?.checkedAt === undefined || now.getTime() - Date.parse(check.checkedAt) >= MIN_AGE_MS;
}

/** Whether the same work may succeed later, or elsewhere: what is wrong with a runner's own database, or with the program, is no fault of the job. */
export function isRetryable(error: unknown): boolean {
  return !(error instanceof ScannerError) || error.code.startsWith('database.') || ERRORS[error.code].retryable;
}
