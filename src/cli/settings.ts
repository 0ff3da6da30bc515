import { type Config, readConfig } from '../platform/config.ts';
import { placesOf } from '../platform/places.ts';
import type { Invocation } from './command.ts';

/** What the options of all commands, the configuration and the defaults come to. */
export interface Settings {
  /** Directory of the advisory database. */
  readonly databaseDirectory: string;
  /** Directory of everything that can be made again: layer cache, git clones. */
  readonly cacheDirectory: string;
  readonly datasources: Config['datasources'];
}

/** Reads the configuration: the command line wins over the file, the file over the environment. @throws ScannerError `config.invalid`. */
export async function readSettings({ options, env }: Pick<Invocation, 'options' | 'env'>): Promise<Settings> {
  const places = placesOf(env);
  const { config, db } = options;
  const { datasources } = await readConfig(env, places.configFiles, typeof config === 'string' ? config : undefined);
  return {
    databaseDirectory: typeof db === 'string' ? db : (datasources.root ?? places.database),
    cacheDirectory: places.cache,
    datasources,
  };
}
