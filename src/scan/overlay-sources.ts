import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { openSnapshot } from '../advisories/open-snapshot.ts';
import { movePointer, readPointer, snapshotFile } from '../advisories/pointer.ts';
import { findUpdater } from '../feeds/updaters/registry.ts';
import { ScannerError } from '../model/errors.ts';
import { updateDatasources } from './update.ts';
import { UpdatePool } from './update-pool.ts';

/** A directory that stands for a source's feed in one run. */
export interface SourceDirectory {
  /** Name of an updater. */
  readonly source: string;
  /** A git checkout, or the feed's files. */
  readonly directory: string;
}

export interface OverlayOptions {
  readonly databaseDirectory: string;
  readonly cacheDirectory: string;
  readonly temporaryDirectory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** Where in a mirror each source's feed lies. */
const PLACES: Readonly<Record<string, string>> = {
  nvd: 'nvd.nist.gov/feeds/json/cve/2.0',
  epss: 'epss.empiricalsecurity.com',
  cisa_kev: 'www.cisa.gov/sites/default/files/feeds',
  uct: 'git.launchpad.net/ubuntu-cve-tracker',
};

/**
 * An advisory database in which some sources say what is in the given directories, and all others what they say in the own one. It is
 * kept beside the caches: the next run reads only what has changed since. The own database stays as it is.
 *
 * @returns its directory.
 * @throws ScannerError `database.missing`, and what reading these sources throws: `feed.…`.
 */
export async function overlaySources(sources: readonly SourceDirectory[], options: OverlayOptions): Promise<string> {
  const { databaseDirectory, cacheDirectory, temporaryDirectory, env, now, signal } = options;
  const directory = layOver(databaseDirectory, join(cacheDirectory, 'overlays'), sources);
  const mirror = join(directory, 'mirror');
  for (const { source, directory: own } of sources) linkPlace(join(mirror, PLACES[source]!), resolve(own));

  const access = {
    mirror,
    temporaryDirectory,
    gitDirectory: join(directory, 'git'),
    version: packageJson.version,
    env,
  };
  await using pool = new UpdatePool({ directory, access }, signal);
  const { outcomes } = await updateDatasources({
    ...{ directory, updaters: sources.map(({ source }) => findUpdater(source)!), acceptShrink: true },
    covers: (source, namespace) => findUpdater(source)?.covers(namespace),
    named: new Set(sources.map(({ source }) => source)),
    ...{ concurrency: sources.length, collect: pool.collect, settings: {}, now, signal },
    onEvent: () => {},
  });
  const failed = outcomes.find(({ error }) => error !== undefined);
  if (failed) throw unreadable(failed.source, failed.error, sources);
  return directory;
}

/** A database directory that begins with the current snapshot of another; those that began with former ones are removed. */
function layOver(base: string, overlays: string, sources: readonly SourceDirectory[]): string {
  const snapshot = openSnapshot(base);
  const { id } = snapshot;
  snapshot.close();
  const subject = sources.map(({ source, directory }) => [source, resolve(directory)]).sort();
  const key = createHash('sha256')
    .update(JSON.stringify([resolve(base), subject]))
    .digest('hex')
    .slice(0, 16);
  const name = `${key}-${id.slice(0, 16)}`;
  const directory = join(overlays, name);
  mkdirSync(directory, { recursive: true });
  for (const former of readdirSync(overlays)) {
    if (former.startsWith(`${key}-`) && former !== name)
      rmSync(join(overlays, former), { recursive: true, force: true });
  }
  if (readPointer(directory)?.id !== undefined) return directory;
  shareFile(snapshotFile(base, id), snapshotFile(directory, id));
  movePointer(directory, { sources: {}, ...readPointer(base), id });
  return directory;
}

/** Snapshots are never written to: one file may be in two places. */
function shareFile(from: string, to: string): void {
  if (existsSync(to)) return;
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

function linkPlace(place: string, directory: string): void {
  mkdirSync(dirname(place), { recursive: true });
  rmSync(place, { force: true });
  symlinkSync(directory, place);
}

function unreadable(source: string, error: unknown, sources: readonly SourceDirectory[]): unknown {
  if (!(error instanceof ScannerError)) return error;
  const directory = sources.find((one) => one.source === source)?.directory ?? '';
  return new ScannerError(error.code, `${directory} as ${source}: ${error.message}`, error.details, { cause: error });
}
