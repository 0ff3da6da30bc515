import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { ScannerError } from '../model/errors.ts';
import type { Invocation, OptionSpec } from './command.ts';
import type { Settings } from './settings.ts';

/** Option by source. */
const OPTIONS: Readonly<Record<string, string>> = {
  nvd: 'nvd-dir',
  epss: 'epss-dir',
  cisa_kev: 'kev-dir',
  uct: 'uct-dir',
};

/** Directories that stand for a source in this run; also `datasources.<source>.dir` in the configuration. */
export const SOURCE_DIRECTORY_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  'nvd-dir': { type: 'string', value: 'DIR', help: 'files nvdcve-2.0-… to be used for NVD in this run' },
  'epss-dir': { type: 'string', value: 'DIR', help: 'a folder with epss_scores-current.csv.gz, for EPSS' },
  'kev-dir': { type: 'string', value: 'DIR', help: 'a checkout of kev-data, for CISA KEV' },
  'uct-dir': { type: 'string', value: 'DIR', help: 'a clone of the Ubuntu CVE Tracker, bare or not' },
};

/**
 * The directory of the database to be asked: the own one, or where directories stand for sources one that is laid over it.
 *
 * @throws ScannerError `usage.invalid`: no such directory; what `overlaySources` throws.
 */
export async function useSourceDirectories(
  { options, env, now, signal }: Invocation,
  { databaseDirectory, cacheDirectory, datasources }: Settings,
): Promise<string> {
  const sources = Object.entries(OPTIONS).flatMap(([source, option]) => {
    const directory = options[option] ?? datasources.sources[source]?.dir;
    if (typeof directory !== 'string') return [];
    if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
      throw new ScannerError('usage.invalid', `--${option} ${directory}: there is no such directory`);
    return [{ source, directory }];
  });
  if (sources.length === 0) return databaseDirectory;
  // Updaters and their threads are loaded only for who asks for them.
  const { overlaySources } = await import('../scan/overlay-sources.ts');
  const temporaryDirectory = env.TMPDIR || tmpdir();
  return overlaySources(sources, { databaseDirectory, cacheDirectory, temporaryDirectory, env, now, signal });
}
