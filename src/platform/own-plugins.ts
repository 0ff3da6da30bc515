import { pathToFileURL } from 'node:url';
import { ScannerError } from '../model/errors.ts';
import { reasonOf } from './system-errors.ts';

/** Families that users may add plugins of their own to. */
export type PluginFamily = 'listers' | 'detectors' | 'updaters';

/** What the plugins of a process are, beside and among those of the program. */
export interface PluginSetup {
  /** Absolute paths of the user's modules. */
  readonly files: readonly string[];
  /** Names of those that are used, by family; all when empty. */
  readonly chosen: Partial<Record<PluginFamily, readonly string[]>>;
}

/**
 * The variable that carries the setup, as JSON. The registries read it when they are loaded, so it is set before; worker threads and
 * child processes inherit it, and with it the same plugins.
 */
export const PLUGINS_VARIABLE = 'CVESCAN_PLUGIN_SETUP';

/** What each family's plugins must have, by the kind of its value. */
const MEMBERS: Readonly<Record<PluginFamily, Readonly<Record<string, string>>>> = {
  listers: { version: 'number', wants: 'function', list: 'function' },
  detectors: { version: 'number', wants: 'object', detect: 'function' },
  updaters: { version: 'number', title: 'string', covers: 'function', fetch: 'function', parse: 'function' },
};

/** A plugin as far as it is looked at here. */
interface Named {
  readonly name: string;
}

/** A module of the user's own. */
export interface OwnPlugins extends Readonly<Record<PluginFamily, readonly Named[]>> {
  /** What `cvescan plugin test` holds each plugin against, by family and name. */
  readonly fixtures: Readonly<Partial<Record<PluginFamily, Readonly<Record<string, unknown>>>>>;
}

/**
 * The plugins of a family: the program's, then the user's, or those of them that are chosen.
 *
 * @throws ScannerError `plugin.invalid`: a module cannot be loaded, or holds no plugins; a name is taken.
 */
export async function withOwnPlugins<Plugin extends Named>(
  family: PluginFamily,
  builtIn: readonly Plugin[],
): Promise<readonly Plugin[]> {
  const text = process.env[PLUGINS_VARIABLE];
  if (text === undefined) return builtIn;
  const { files, chosen } = JSON.parse(text) as PluginSetup;
  const plugins = [...builtIn];
  for (const file of files) {
    const own = (await loadOwnPlugins(file))[family] as unknown as readonly Plugin[];
    for (const plugin of own) {
      if (plugins.some(({ name }) => name === plugin.name)) {
        throw invalid(file, `there is a plugin ${plugin.name} among the ${family} already: give it another name`);
      }
      plugins.push(plugin);
    }
  }
  const names = chosen[family] ?? [];
  return names.length === 0 ? plugins : plugins.filter(({ name }) => names.includes(name));
}

/**
 * Loads a module: its default export is `{listers?, detectors?, updaters?, fixtures?}`, or a function that gives this and is handed
 * `{ScannerError}`, the class of errors that are thrown on purpose.
 *
 * @throws ScannerError `plugin.invalid`.
 */
export async function loadOwnPlugins(file: string): Promise<OwnPlugins> {
  let exported: unknown;
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
    exported = typeof module.default === 'function' ? await module.default({ ScannerError }) : module.default;
  } catch (cause) {
    throw new ScannerError('plugin.invalid', `${file} cannot be loaded: ${reasonOf(cause)}`, { file }, { cause });
  }
  if (typeof exported !== 'object' || exported === null) {
    throw invalid(file, 'its default export is no object with listers, detectors or updaters');
  }
  const { listers = [], detectors = [], updaters = [], fixtures = {} } = exported as Partial<OwnPlugins>;
  const own: OwnPlugins = { listers, detectors, updaters, fixtures };
  for (const family of Object.keys(MEMBERS) as PluginFamily[]) checkPlugins(file, family, own[family]);
  if (listers.length + detectors.length + updaters.length === 0) throw invalid(file, 'it holds no plugin');
  return own;
}

function checkPlugins(file: string, family: PluginFamily, plugins: unknown): void {
  if (!Array.isArray(plugins)) throw invalid(file, `${family} is no list`);
  for (const plugin of plugins as readonly (Readonly<Record<string, unknown>> | null)[]) {
    const name = typeof plugin?.name === 'string' ? plugin.name : '';
    if (!/^[a-z][a-z0-9_-]*$/.test(name)) throw invalid(file, `one of the ${family} has no name like my-lister`);
    for (const [member, kind] of Object.entries(MEMBERS[family])) {
      if (typeof plugin?.[member] !== kind) throw invalid(file, `${name} of the ${family} has no ${member} (${kind})`);
    }
  }
}

function invalid(file: string, message: string): ScannerError {
  return new ScannerError('plugin.invalid', `${file}: ${message}`, { file });
}
