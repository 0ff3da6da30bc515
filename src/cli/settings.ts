import { type Config, readConfig } from '../platform/config.ts';
import { type Places, placesOf } from '../platform/places.ts';
import type { Invocation } from './command.ts';
import { readLimits, type SettableLimits } from './limits.ts';

/** What the options of all commands, the configuration and the defaults come to. */
export interface Settings {
  /** Directory of the advisory database. */
  readonly databaseDirectory: string;
  /** Directory of everything that can be made again: layer cache, git clones. */
  readonly cacheDirectory: string;
  readonly datasources: Config['datasources'];
  readonly scope?: Readonly<Record<string, string>>;
  readonly judging?: Config['judging'];
  /** Ignore rules of the configuration, as written, and where they stand. */
  readonly ignore?: { readonly rules: unknown; readonly place: string };
  /** Those that are not the defaults. */
  readonly limits: Partial<SettableLimits>;
  /** The section `runner`, as written, and the file that it stands in. */
  readonly runner: { readonly section: unknown; readonly file: string };
}

/** Reads the configuration: the command line wins over the file, the file over the environment. @throws ScannerError `config.invalid`. */
export async function readSettings({ options, env }: Pick<Invocation, 'options' | 'env'>): Promise<Settings> {
  const places = placesOf(env);
  const { config } = options;
  const chosen = typeof config === 'string' ? config : undefined;
  return settingsOf(await readConfig(env, places.configFiles, chosen), places, { options, env });
}

export function settingsOf(
  config: Config,
  places: Places,
  { options, env }: Pick<Invocation, 'options' | 'env'>,
): Settings {
  const { datasources, scope, judging, ignore, limits = {}, runner, file } = config;
  const { db, limit } = options;
  return {
    databaseDirectory: typeof db === 'string' ? db : (datasources.root ?? places.database),
    cacheDirectory: places.cache,
    datasources,
    limits: readLimits({ options: Array.isArray(limit) ? limit : [], file: limits, variable: env.CVESCAN_LIMITS }),
    ...(scope && { scope }),
    ...(judging && { judging }),
    runner: { section: runner, file: file ?? 'the configuration' },
    ...(ignore !== undefined && { ignore: { rules: ignore, place: `${file}: ignore` } }),
  };
}
