import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { findUpdater, updaters } from '../../feeds/updaters/registry.ts';
import { detectors } from '../../inventory/detectors/registry.ts';
import { listers } from '../../inventory/listers/registry.ts';
import type { Config } from '../../platform/config.ts';
import { parseGoDuration } from '../../platform/duration.ts';
import { didYouMean } from '../../platform/nearest-word.ts';
import type { Places } from '../../platform/places.ts';
import { parseFernetKey } from '../page-tokens.ts';
import { type Address, invalid, readStatedSettings, type StatedSettings, type Value } from './read-settings.ts';
import { SETTINGS } from './settings.ts';

/** Certificates as files, so that they can be read again. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What `cvescan serve` is told: the file, with defaults filled in. Times are milliseconds. */
export interface ServerConfig {
  /** The file that was read; undefined when there is none. */
  readonly file?: string;
  readonly database:
    | { readonly type: 'sqlite'; readonly file: string }
    | { readonly type: 'pgsql'; readonly source: string; readonly poolSize: number };
  /** Undefined: there is no API. */
  readonly api?: {
    readonly address: Address;
    readonly timeoutMs: number;
    readonly v1Auth: 'none' | 'token';
    readonly tls?: TlsFiles & { readonly caFile?: string };
  };
  readonly health: Address;
  /** Fernet key of page tokens, 32 bytes; undefined: the one of state. */
  readonly paginationKey?: Buffer;
  readonly worker: {
    readonly localPaths: readonly string[];
    readonly allowHosts: readonly string[];
    readonly concurrency: number;
    /** Names; all when empty. */
    readonly detectors: readonly string[];
    readonly listers: readonly string[];
  };
  readonly updater: {
    /** 0: no updates. */
    readonly intervalMs: number;
    /** Names of updaters, aliases resolved; all when empty. */
    readonly enabled: readonly string[];
  };
  readonly notifier: {
    readonly attempts: number;
    readonly renotifyMs: number;
    readonly http?: {
      readonly endpoint: string;
      readonly serverName?: string;
      readonly caFile?: string;
      readonly tls?: TlsFiles;
      readonly proxy?: string;
    };
  };
  readonly notifications: {
    readonly secret?: string;
    readonly maxPerUpdate: number;
    readonly slackUrl?: string;
    readonly mail?: { readonly url: string; readonly from: string; readonly to: readonly string[] };
    readonly command: readonly string[];
  };
  readonly state: { readonly retentionMs: number };
  readonly jobs: { readonly leaseSeconds: number };
  /** Absolute paths. */
  readonly plugins: readonly string[];
  readonly drainSeconds: number;
  readonly trustedProxies: readonly string[];
  readonly warnings: readonly string[];
}

/** Port of Clair's API, and of its health. */
const API_PORT = 6060;
const HEALTH_PORT = 6061;

/** Where one listens by default: this machine only. */
export const LOOPBACK = '127.0.0.1';

/**
 * The server's configuration.
 *
 * @param config what `readConfig` read; its server sections are checked here.
 * @throws ScannerError `config.invalid`: what is wrong, and where.
 */
export function serverConfigOf(config: Config, places: Places): ServerConfig {
  const file = config.file ?? 'the configuration';
  const stated = readStatedSettings(config.server, file);
  const values = new Values(stated, file);
  const api = apiOf(values, stated.apiIsOff);
  const paginationKey = paginationKeyOf(values);
  return {
    ...(config.file !== undefined && { file: config.file }),
    database: databaseOf(values, places),
    ...(api && { api }),
    health: healthOf(values, api?.address),
    ...(paginationKey && { paginationKey }),
    worker: workerOf(values),
    updater: { intervalMs: values.number('clair.updater.interval'), enabled: enabledUpdaters(values) },
    notifier: notifierOf(values),
    notifications: notificationsOf(values),
    state: { retentionMs: values.number('state.retention') },
    jobs: { leaseSeconds: values.number('jobs.lease_seconds') },
    plugins: values.texts('plugins').map((path) => resolve(dirname(config.file ?? '.'), path)),
    drainSeconds: values.number('drain_seconds'),
    trustedProxies: values.texts('trusted_proxies'),
    warnings: stated.warnings,
  };
}

/** Values by key, with the table's defaults. */
class Values {
  readonly file: string;
  readonly #stated: StatedSettings;

  constructor(stated: StatedSettings, file: string) {
    this.#stated = stated;
    this.file = file;
  }

  get(key: string): Value | undefined {
    const stated = this.#stated.values.get(key);
    if (stated !== undefined) return stated;
    const setting = SETTINGS.find((known) => known.key === key);
    return setting?.type === 'duration' ? parseGoDuration(String(setting.fallback)) : setting?.fallback;
  }

  text = (key: string) => this.get(key) as string | undefined;
  texts = (key: string) => (this.get(key) ?? []) as readonly string[];
  number = (key: string) => this.get(key) as number;
  address = (key: string) => this.get(key) as Address | undefined;
  port = (key: string) => this.get(key) as number | undefined;
}

function databaseOf(values: Values, places: Places): ServerConfig['database'] {
  const source = values.text('clair.database.options.source');
  if (values.text('clair.database.type') === 'sqlite')
    return { type: 'sqlite', file: source ?? join(places.state, 'state.sqlite') };
  if (source === undefined) throw invalid(values.file, 'clair.database.options.source is needed for pgsql');
  return { type: 'pgsql', source, poolSize: values.number('clair.database.options.poolsize') };
}

function apiOf(values: Values, isOff: boolean): ServerConfig['api'] {
  if (isOff) return undefined;
  const port = values.port('clair.api.port');
  const everywhere = port === undefined ? undefined : { port };
  const tls = tlsOf(values, 'clair.api');
  const caFile = values.text('clair.api.cafile');
  if (caFile !== undefined && !tls) throw invalid(values.file, 'clair.api.cafile needs certfile and keyfile');
  return {
    address: values.address('clair.api.addr') ?? everywhere ?? { host: LOOPBACK, port: API_PORT },
    timeoutMs: values.number('clair.api.timeout'),
    v1Auth: values.text('clair.api.v1_auth') === 'token' ? 'token' : 'none',
    ...(tls && { tls: { ...tls, ...(caFile !== undefined && { caFile }) } }),
  };
}

function tlsOf(values: Values, section: string): TlsFiles | undefined {
  const [certFile, keyFile] = [values.text(`${section}.certfile`), values.text(`${section}.keyfile`)];
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  throw invalid(values.file, `${section}.certfile and ${section}.keyfile go together`);
}

function healthOf(values: Values, api: Address | undefined): Address {
  const port = values.port('clair.api.healthport');
  if (port !== undefined) return values.address('clair.api.healthaddr') ?? { port };
  return values.address('clair.api.healthaddr') ?? { ...(api ?? { host: LOOPBACK }), port: HEALTH_PORT };
}

function paginationKeyOf(values: Values): Buffer | undefined {
  for (const key of ['clair.api.paginationkey', 'clair.database.options.paginationkey']) {
    const text = values.text(key);
    if (text === undefined) continue;
    const parsed = parseFernetKey(text);
    if (!parsed) throw invalid(values.file, `${key}: Invalid Pagination key; must be 32 bytes in base64 or hex`);
    return parsed;
  }
  return undefined;
}

function workerOf(values: Values): ServerConfig['worker'] {
  const relative = values.texts('clair.worker.localpaths').find((path) => !path.startsWith('/'));
  if (relative !== undefined) throw invalid(values.file, `clair.worker.localpaths: ${relative} is not absolute`);
  return {
    localPaths: values.texts('clair.worker.localpaths'),
    allowHosts: values.texts('clair.worker.allowhosts'),
    concurrency: values.port('clair.worker.concurrency') ?? availableParallelism(),
    detectors: known(values, 'clair.worker.namespace_detectors', detectors),
    listers: known(values, 'clair.worker.feature_listers', listers),
  };
}

function known(values: Values, key: string, plugins: readonly { readonly name: string }[]): readonly string[] {
  const names = plugins.map(({ name }) => name);
  for (const name of values.texts(key)) {
    if (!names.includes(name)) throw invalid(values.file, `${key}: there is no ${name}${didYouMean(name, names)}`);
  }
  return values.texts(key);
}

/** Clair's names for feeds that are one of ours. */
const CLAIR_UPDATERS: Readonly<Record<string, string>> = { ubuntu: 'uct', amzn1: 'amazon', amzn2: 'amazon' };

function enabledUpdaters(values: Values): readonly string[] {
  const key = 'clair.updater.enabledupdaters';
  const names = values.texts(key).map((name) => {
    const updater = findUpdater(CLAIR_UPDATERS[name] ?? name);
    if (updater) return updater.name;
    const all = [...updaters.map((it) => it.name), ...Object.keys(CLAIR_UPDATERS)];
    throw invalid(values.file, `${key}: there is no ${name}${didYouMean(name, all)}`);
  });
  return [...new Set(names)];
}

function notifierOf(values: Values): ServerConfig['notifier'] {
  const section = 'clair.notifier.http';
  const endpoint = values.text(`${section}.endpoint`);
  const tls = tlsOf(values, section);
  const serverName = values.text(`${section}.servername`);
  const caFile = values.text(`${section}.cafile`);
  const proxy = values.text(`${section}.proxy`);
  for (const [name, url] of Object.entries({ endpoint, proxy })) {
    if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw invalid(values.file, `${section}.${name} is an http or https URL`);
  }
  return {
    attempts: values.number('clair.notifier.attempts'),
    renotifyMs: values.number('clair.notifier.renotifyinterval'),
    ...(endpoint !== undefined && {
      http: {
        endpoint,
        ...(serverName !== undefined && { serverName }),
        ...(caFile !== undefined && { caFile }),
        ...(tls && { tls }),
        ...(proxy !== undefined && { proxy }),
      },
    }),
  };
}

function notificationsOf(values: Values): ServerConfig['notifications'] {
  const [secret, slackUrl] = [values.text('notifications.secret'), values.text('notifications.slack.url')];
  const [url, from] = [values.text('notifications.mail.url'), values.text('notifications.mail.from')];
  const to = values.texts('notifications.mail.to');
  if (url !== undefined && (from === undefined || to.length === 0))
    throw invalid(values.file, 'notifications.mail needs url, from and to');
  return {
    maxPerUpdate: values.number('notifications.max_per_update'),
    command: values.texts('notifications.command'),
    ...(secret !== undefined && { secret }),
    ...(slackUrl !== undefined && { slackUrl }),
    ...(url !== undefined && from !== undefined && { mail: { url, from, to } }),
  };
}
