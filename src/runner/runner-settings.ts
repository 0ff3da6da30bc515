import { availableParallelism } from 'node:os';
import { ScannerError } from '../model/errors.ts';
import { readVariable } from '../platform/config.ts';
import { parseGoDuration } from '../platform/duration.ts';
import { didYouMean } from '../platform/nearest-word.ts';

/** One key of the section `runner` of the configuration; docs/reference/runner.md is made from the table. */
export interface RunnerSetting {
  /** `datasources.from` is `from` below `datasources`, and the variable `CVESCAN_RUNNER_DATASOURCES_FROM`. */
  readonly key: string;
  readonly type: 'text' | 'duration' | 'count' | 'texts';
  /** As a variable would write it. */
  readonly fallback?: string;
  readonly oneOf?: readonly string[];
  readonly help: string;
  /** Never printed. */
  readonly secret?: boolean;
}

export const RUNNER_SETTINGS = [
  { key: 'endpoint', type: 'text', help: 'URL of the server; `/api/v1/…` is appended. Required.' },
  { key: 'token', type: 'text', secret: true, help: 'Its token, of the permission `runner`. Required.' },
  { key: 'update_period', type: 'duration', fallback: '24h', help: 'Time between two updates of the data sources.' },
  {
    key: 'n_workers',
    type: 'count',
    fallback: String(Math.min(4, availableParallelism())),
    help: 'Jobs that are done at once, each in a process of its own; the number of cores by default, at most 4.',
  },
  {
    key: 'polling_delay',
    type: 'duration',
    fallback: '5s',
    help: 'Time between two questions for work, give or take a quarter.',
  },
  {
    key: 'localpaths',
    type: 'texts',
    help: 'Directories of this machine from which a job may name an image; none by default.',
  },
  { key: 'allowurls', type: 'texts', help: 'URL prefixes from which a job may name an image; none by default.' },
  { key: 'cafile', type: 'text', help: "PEM file of the authority of the server's certificate." },
  {
    key: 'certfile',
    type: 'text',
    help: "PEM file of the runner's own certificate, for a server that asks for one; goes with `keyfile`.",
  },
  { key: 'keyfile', type: 'text', help: 'PEM file of its key.' },
  {
    key: 'datasources.from',
    type: 'text',
    fallback: 'server',
    oneOf: ['server', 'publishers'],
    help: '`server`: the snapshot of the server; `publishers`: their feeds, read by the runner itself.',
  },
  {
    key: 'worker_memory_mib',
    type: 'count',
    fallback: '2048',
    help: 'A worker that takes more MiB of memory is ended, and its job fails with `worker.out-of-memory`.',
  },
  { key: 'heartbeat', type: 'text', help: 'A file that is touched while the runner lives, for health checks.' },
] as const satisfies readonly RunnerSetting[];

type Key = (typeof RUNNER_SETTINGS)[number]['key'];

/** What a runner is told. Times are milliseconds. */
export interface RunnerSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string;
  readonly updatePeriodMs: number;
  readonly workerCount: number;
  readonly pollingDelayMs: number;
  readonly localPaths: readonly string[];
  readonly allowUrls: readonly string[];
  readonly tlsFiles: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly from: 'server' | 'publishers';
  readonly workerMemoryMiB: number;
  readonly heartbeatFile?: string;
}

/** Where values come from, the one that counts most first: command line, file, environment, default. */
export interface StatedRunner {
  readonly commandLine: Partial<Readonly<Record<Key, string>>>;
  /** The section `runner`, as written. */
  readonly section: unknown;
  /** The file's name, for errors. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @throws ScannerError `config.invalid`: what is wrong, and where. */
export function readRunnerSettings(stated: StatedRunner): RunnerSettings {
  const values = new Values(stated);
  const [cert, key, ca] = [values.text('certfile'), values.text('keyfile'), values.text('cafile')];
  if ((cert === undefined) !== (key === undefined))
    throw invalid(stated.file, 'runner.certfile and runner.keyfile go together');
  const heartbeatFile = values.text('heartbeat');
  return {
    endpoint: endpointOf(values, stated.file),
    token: values.needed('token'),
    updatePeriodMs: values.duration('update_period'),
    workerCount: values.count('n_workers'),
    pollingDelayMs: values.duration('polling_delay'),
    localPaths: values.texts('localpaths', (path) => path.startsWith('/'), 'an absolute path'),
    allowUrls: values.texts('allowurls', isWebUrl, 'an http or https URL'),
    tlsFiles: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    },
    from: values.needed('datasources.from') as RunnerSettings['from'],
    workerMemoryMiB: values.count('worker_memory_mib'),
    ...(heartbeatFile !== undefined && { heartbeatFile }),
  };
}

function endpointOf(values: Values, file: string): string {
  const text = values.needed('endpoint');
  if (!isWebUrl(text)) throw invalid(file, `runner.endpoint ${text}: it is a URL such as https://cvescan.example`);
  return text.replace(/\/+$/, '');
}

const isWebUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');

/** Name of the variable of a key. */
export const variableOf = (key: string): string => `CVESCAN_RUNNER_${key.toUpperCase().replaceAll('.', '_')}`;

class Values {
  readonly #stated: StatedRunner;
  readonly #section: ReadonlyMap<string, unknown>;

  constructor(stated: StatedRunner) {
    this.#stated = stated;
    this.#section = flatten(stated.section, stated.file);
  }

  /** A file's own value stays as YAML has it; all others are text. */
  #get(key: Key): { readonly value: unknown; readonly place: string } | undefined {
    const { commandLine, env, file } = this.#stated;
    const variable = variableOf(key);
    // Read also where another place decides: both forms at once is an error wherever it stands.
    const fromEnvironment = readVariable(env, variable);
    if (commandLine[key] !== undefined) return { value: commandLine[key], place: `--${key.replaceAll('_', '-')}` };
    if (this.#section.has(key)) return { value: this.#section.get(key), place: `${file}: runner.${key}` };
    if (fromEnvironment !== undefined) return { value: fromEnvironment, place: variable };
    const fallback = (RUNNER_SETTINGS as readonly RunnerSetting[]).find((setting) => setting.key === key)?.fallback;
    return fallback === undefined ? undefined : { value: fallback, place: key };
  }

  text(key: Key): string | undefined {
    const { value, place } = this.#get(key) ?? {};
    if (value === undefined || value === '') return undefined;
    if (typeof value !== 'string') throw wrong(place, 'a text');
    const { oneOf }: RunnerSetting = RUNNER_SETTINGS.find((setting) => setting.key === key)!;
    if (oneOf && !oneOf.includes(value)) throw wrong(place, `one of ${oneOf.join(', ')}${didYouMean(value, oneOf)}`);
    return value;
  }

  needed(key: Key): string {
    const value = this.text(key);
    if (value !== undefined) return value;
    const variable = variableOf(key);
    throw invalid(this.#stated.file, `runner.${key} is needed (or ${variable}, or ${variable}_FILE)`);
  }

  /** Seconds, or a duration with units. */
  duration(key: Key): number {
    const { value, place } = this.#get(key)!;
    const text = String(value);
    const milliseconds = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : parseGoDuration(text);
    if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
    throw wrong(place, 'a number of seconds, or a duration such as 1h30m');
  }

  count(key: Key): number {
    const { value, place } = this.#get(key)!;
    if (/^[1-9]\d{0,8}$/.test(String(value))) return Number(value);
    throw wrong(place, 'a whole number above 0');
  }

  /** A list, or text with commas between its items. */
  texts(key: Key, isGood: (item: string) => boolean, wanted: string): readonly string[] {
    const { value = [], place } = this.#get(key) ?? {};
    const items = typeof value === 'string' ? value.split(',').flatMap((item) => item.trim() || []) : value;
    if (!Array.isArray(items) || !items.every((item): item is string => typeof item === 'string'))
      throw wrong(place, 'a list of texts');
    const bad = items.find((item) => !isGood(item));
    if (bad !== undefined) throw new ScannerError('config.invalid', `${place}: ${bad} is not ${wanted}`);
    return items;
  }
}

function flatten(section: unknown, file: string): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  const known = RUNNER_SETTINGS.map(({ key }) => key as string);
  const visit = (value: unknown, path: string): void => {
    if (value === undefined || value === null) return;
    if (known.includes(path)) {
      values.set(path, value);
      return;
    }
    const isGroup = path === '' || known.some((key) => key.startsWith(`${path}.`));
    if (!isGroup) throw invalid(file, `unknown key runner.${path}${didYouMean(path, known, 'runner.')}`);
    if (typeof value !== 'object' || Array.isArray(value))
      throw invalid(file, `runner${path && '.'}${path} holds names with values`);
    for (const [name, member] of Object.entries(value)) visit(member, path === '' ? name : `${path}.${name}`);
  };
  visit(section, '');
  return values;
}

function wrong(place: string | undefined, wanted: string): ScannerError {
  return new ScannerError('config.invalid', `${place} is ${wanted}`);
}

function invalid(file: string, message: string): ScannerError {
  return new ScannerError('config.invalid', `${file}: ${message}`, { file });
}
