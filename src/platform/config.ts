import { existsSync, readFileSync } from 'node:fs';
import { ScannerError } from '../model/errors.ts';
import { didYouMean } from './nearest-word.ts';
import { isSystemError, reasonOf } from './system-errors.ts';

/** What the configuration file and the environment say. Everything is optional: the command line and defaults fill in. */
export interface Config {
  /** The file that was read; undefined when there is none. */
  readonly file?: string;
  readonly datasources: {
    /** Directory of the advisory database. */
    readonly root?: string;
    /** Directory or URL that every feed is read from. */
    readonly mirror?: string;
    /** Settings by source name, e.g. `{ nvd: { apiKey: '…' } }`. */
    readonly sources: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  /** `transversal`, `project`, `component` of the reports that are made. */
  readonly scope?: Readonly<Record<string, string>>;
  /** What the options `detection`, `consolidation` and `min-confidence` say when they are not given, by option. */
  readonly judging?: Readonly<Record<string, string>>;
  /** A list of ignore rules, as written. */
  readonly ignore?: unknown;
  /** Limits by name, as written. */
  readonly limits?: Readonly<Record<string, string>>;
  /** What only the server reads, by section, as written. */
  readonly server: Readonly<Record<string, unknown>>;
  /** What only a runner reads, as written. */
  readonly runner?: unknown;
}

/** Keys at the top of the file that only the server reads: the other commands take the same file. */
export const SERVER_SECTIONS: readonly string[] = [
  'clair',
  'notifications',
  'state',
  'jobs',
  'plugins',
  'drain_seconds',
  'trusted_proxies',
];

/** Keys below `datasources.<source>`, as the file writes them and as updaters are handed them. */
const SOURCE_SETTINGS: Readonly<Record<string, string>> = {
  api_key: 'apiKey',
  dir: 'dir',
  enabled: 'enabled',
  formats: 'formats',
  mode: 'mode',
  offline: 'offline',
  url: 'url',
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration: the file wins over the environment.
 *
 * @param chosen the file of `--config`, `$NAME` in it expanded, or '' for none; else `CVESCAN_CONFIG`, else the first of `places` that
 *   exists.
 * @throws ScannerError `config.invalid`: a named file that is missing, bad YAML, unknown keys (the nearest known one is named).
 */
export async function readConfig(env: Environment, places: readonly string[], chosen?: string): Promise<Config> {
  const file = configFile(env, places, chosen);
  const document: Stated = file === undefined ? { server: {} } : readDocument(await readYaml(file), file);
  const { scope, judging, ignore, limits, server, runner, ...stated } = document;
  const apiKey = readVariable(env, 'CVESCAN_NVD_API_KEY');
  return {
    ...(file !== undefined && { file }),
    datasources: {
      ...(env.CVESCAN_MIRROR && { mirror: env.CVESCAN_MIRROR }),
      ...stated,
      sources: { ...stated.sources, ...(apiKey && { nvd: { apiKey, ...stated.sources?.nvd } }) },
    },
    ...(scope && { scope }),
    ...(judging && { judging }),
    ...(ignore !== undefined && { ignore }),
    ...(limits && { limits }),
    ...(runner !== undefined && { runner }),
    server,
  };
}

function configFile(env: Environment, places: readonly string[], chosen: string | undefined): string | undefined {
  if (chosen === '') return undefined;
  const named = chosen ?? (env.CVESCAN_CONFIG || undefined);
  if (named === undefined) return places.find((place) => existsSync(place));
  const file = expandVariables(named, env);
  if (existsSync(file)) return file;
  throw new ScannerError('config.invalid', `there is no configuration file ${file}`);
}

/** `$NAME` and `${NAME}` in a path; what is not set is nothing, as in a shell. */
function expandVariables(path: string, env: Environment): string {
  return path.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (_, braced?: string, plain?: string) => env[braced ?? plain ?? ''] ?? '',
  );
}

async function readYaml(file: string): Promise<unknown> {
  const { parseYaml } = await import('./yaml.ts');
  try {
    return parseYaml(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ScannerError('config.invalid', `${file}: ${firstLine(cause)}`, { file }, { cause });
  }
}

/**
 * A value from the variable `NAME`, or from the file that `NAME_FILE` names, without its final line feed: so secrets are mounted.
 *
 * @throws ScannerError `config.invalid`: both are set, and nobody could tell which counts; or the file cannot be read.
 */
export function readVariable(env: Environment, name: string): string | undefined {
  const [value, file] = [env[name], env[`${name}_FILE`]];
  if (value && file) throw new ScannerError('config.invalid', `${name} and ${name}_FILE are both set: keep one`);
  if (!file) return value || undefined;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new ScannerError('config.invalid', `${name}_FILE: ${firstLine(cause)}`, { file }, { cause });
  }
}

type StatedDatasources = Partial<Config['datasources']>;
type Stated = StatedDatasources & Pick<Config, 'scope' | 'judging' | 'ignore' | 'limits' | 'server' | 'runner'>;

const SCOPE_KEYS = ['transversal', 'project', 'component'];

/** Keys at the top of the file, and the options that they stand for. */
const JUDGING_OPTIONS: Readonly<Record<string, string>> = {
  detection: 'detection',
  consolidation: 'consolidation',
  min_confidence: 'min-confidence',
};

const COMMAND_KEYS = [
  'datasources',
  'nvd',
  'osv',
  'scope',
  ...Object.keys(JUDGING_OPTIONS),
  'ignore',
  'limits',
  'runner',
];

function readDocument(document: unknown, file: string): Stated {
  const top = mapAt(document, file, '');
  const { datasources, nvd, osv, scope, ignore, limits, runner, ...others } = top;
  const server: Record<string, unknown> = {};
  const judging: Record<string, string> = {};
  for (const [key, value] of Object.entries(others)) {
    if (Object.hasOwn(JUDGING_OPTIONS, key)) judging[JUDGING_OPTIONS[key]!] = wordsAt(value, file, key);
    else if (SERVER_SECTIONS.includes(key)) server[key] = value;
    else throw unknownKey(file, key, [...COMMAND_KEYS, ...SERVER_SECTIONS]);
  }
  const stated = {
    server,
    ...readDatasources(mapAt(datasources, file, 'datasources'), file),
    ...(scope !== undefined && { scope: readScope(mapAt(scope, file, 'scope'), file) }),
    ...(Object.keys(judging).length > 0 && { judging }),
    ...(ignore !== undefined && { ignore }),
    ...(limits !== undefined && { limits: readTexts(mapAt(limits, file, 'limits'), file, 'limits') }),
    ...(runner !== undefined && { runner }),
  };
  const sources = { ...stated.sources };
  for (const [name, value] of Object.entries({ nvd, osv })) {
    if (value !== undefined) sources[name] = { ...sources[name], ...readSource(mapAt(value, file, name), file, name) };
  }
  return { ...stated, sources };
}

function readScope(scope: Readonly<Record<string, unknown>>, file: string): Record<string, string> {
  const stated: Record<string, string> = {};
  for (const [key, value] of Object.entries(scope)) {
    if (!SCOPE_KEYS.includes(key)) throw unknownKey(file, key, SCOPE_KEYS, 'scope.');
    stated[key] = textAt(value, file, `scope.${key}`);
  }
  return stated;
}

function readTexts(map: Readonly<Record<string, unknown>>, file: string, place: string): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, textAt(value, file, `${place}.${key}`)]));
}

function readDatasources(datasources: Readonly<Record<string, unknown>>, file: string): StatedDatasources {
  const sources: Record<string, Readonly<Record<string, string>>> = {};
  const stated: { root?: string; mirror?: string } = {};
  for (const [key, value] of Object.entries(datasources)) {
    if (key === 'root' || key === 'mirror') stated[key] = textAt(value, file, `datasources.${key}`);
    else if (typeof value !== 'object') throw unknownKey(file, key, ['root', 'mirror'], 'datasources.');
    else sources[key] = readSource(mapAt(value, file, `datasources.${key}`), file, `datasources.${key}`);
  }
  return { ...stated, sources };
}

function readSource(source: Readonly<Record<string, unknown>>, file: string, place: string): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [key, value] of Object.entries(source)) {
    const setting = SOURCE_SETTINGS[key];
    if (setting === undefined) throw unknownKey(file, key, Object.keys(SOURCE_SETTINGS), `${place}.`);
    settings[setting] = textAt(value, file, `${place}.${key}`);
  }
  return settings;
}

/** A text, or a list of texts as the options write it: with commas. */
function wordsAt(value: unknown, file: string, place: string): string {
  if (!Array.isArray(value)) return textAt(value, file, place);
  return value.map((word) => textAt(word, file, place)).join(',');
}

function mapAt(value: unknown, file: string, place: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new ScannerError('config.invalid', `${file}: ${place || 'the document'} holds names with values`, { file });
}

function textAt(value: unknown, file: string, place: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new ScannerError('config.invalid', `${file}: ${place} is one value`, { file });
}

function unknownKey(file: string, key: string, known: readonly string[], prefix = ''): ScannerError {
  const hint = didYouMean(key, known, prefix) || `; known: ${known.join(', ')}`;
  return new ScannerError('config.invalid', `${file}: unknown key ${prefix}${key}${hint}`, { file, key });
}

function firstLine(cause: unknown): string {
  const text = isSystemError(cause) ? `cannot be read: ${reasonOf(cause)}` : reasonOf(cause);
  return text.split('\n', 1)[0] ?? text;
}
