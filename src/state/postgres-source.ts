import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { ScannerError } from '../model/errors.ts';

/** libpq's meanings of `sslmode`. */
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** How a connection is protected: each way is tried until one works, as libpq does. `false` is in plain text. */
export type TlsAttempts = readonly (false | ConnectionOptions)[];

/** A connection string, read. */
export interface PostgresSource {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly applicationName?: string;
  readonly connectTimeoutMs?: number;
  readonly tls: TlsAttempts;
  /** Settings of the server that the string makes, `statement_timeout=60000`. */
  readonly settings: ReadonlyMap<string, string>;
}

/** Words of libpq that say nothing that matters here. */
const IGNORED = new Set([
  'client_encoding',
  'fallback_application_name',
  'gssencmode',
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'sslcompression',
  'tcp_user_timeout',
]);

/** Words of libpq that we would have to obey and cannot. */
const REFUSED = new Set([
  'channel_binding',
  'gsslib',
  'krbsrvname',
  'load_balance_hosts',
  'options',
  'passfile',
  'replication',
  'require_auth',
  'requirepeer',
  'service',
  'sslcrl',
  'sslcrldir',
  'sslnegotiation',
  'ssl_max_protocol_version',
  'ssl_min_protocol_version',
  'sslpassword',
  'sslsni',
  'target_session_attrs',
]);

const OURS = new Set([
  ...['host', 'hostaddr', 'port', 'user', 'password', 'dbname', 'application_name', 'connect_timeout'],
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey'],
]);

/**
 * Reads a connection string in either form of libpq: `postgresql://user@host:5432/db?sslmode=require`, or
 * `host=localhost port=5432 password='it''s'`. Other words are settings of the server, as for Clair.
 *
 * @throws ScannerError `config.invalid`; never with the password in its text.
 * Source: https://www.postgresql.org/docs/current/libpq-connect.html, sections 34.1.1, 34.1.2, 34.19.
 */
export function parsePostgresSource(source: string): PostgresSource {
  const words = /^postgres(?:ql)?:\/\//.test(source) ? wordsOfUrl(source) : wordsOfPairs(source);
  for (const word of words.keys()) {
    if (REFUSED.has(word)) throw invalid(`${word} is not supported`);
  }
  const text = (name: string): string | undefined => words.get(name) || undefined;
  const host = text('hostaddr') ?? text('host');
  if (host?.includes(',')) throw invalid('several hosts are not supported: name one, or a proxy that knows them');
  const port = numberOf(words, 'port');
  const timeoutSeconds = numberOf(words, 'connect_timeout');
  const settings = [...words].filter(([word]) => !OURS.has(word) && !IGNORED.has(word));
  for (const [word] of settings) if (!/^[a-z_][a-z0-9_.]*$/i.test(word)) throw invalid(`${word} is no setting`);
  return {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...optional('user', text('user')),
    ...optional('password', text('password')),
    ...optional('database', text('dbname')),
    ...optional('applicationName', text('application_name')),
    ...(timeoutSeconds !== undefined && timeoutSeconds > 0 && { connectTimeoutMs: timeoutSeconds * 1000 }),
    tls: tlsOf(words, host),
    settings: new Map(settings),
  };
}

function optional<Name extends string>(name: Name, value: string | undefined): { [K in Name]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: string };
}

function wordsOfUrl(source: string): Map<string, string> {
  const [, userInfo, hostPort, path = '', query = ''] =
    /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(source) ?? [];
  const words = new Map<string, string>();
  const set = (word: string, value: string | undefined) => {
    if (value !== undefined && value !== '') words.set(word, decoded(value));
  };
  if (hostPort === undefined) throw invalid('the URL cannot be read');
  const colon = userInfo?.indexOf(':') ?? -1;
  set('user', colon < 0 ? userInfo : userInfo?.slice(0, colon));
  if (colon >= 0) set('password', userInfo?.slice(colon + 1));
  const [, bracketed, name, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(hostPort) ?? [];
  if (bracketed === undefined && name === undefined) throw invalid('the host of the URL cannot be read');
  set('host', bracketed ?? name);
  set('port', port);
  set('dbname', path);
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (equals < 1) throw invalid(`the URL's query has a word without a value`);
    words.set(decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1)));
  }
  return words;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('the URL has a "%" that is not followed by two hexadecimal digits');
  }
}

/** `word = value` pairs; a value with spaces stands in single quotes, and `\` takes the next sign as it is. */
function wordsOfPairs(source: string): Map<string, string> {
  const words = new Map<string, string>();
  const pattern = /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'(?=\s|$)|((?:[^\s'\\]|\\.)*)(?=\s|$))\s*/suy;
  while (pattern.lastIndex < source.length) {
    if (source.slice(pattern.lastIndex).trim() === '') break;
    const place = pattern.lastIndex;
    const [, word, quoted, bare] = pattern.exec(source) ?? [];
    if (word === undefined) throw invalid(`the pairs cannot be read from sign ${place + 1} on`);
    words.set(word, (quoted ?? bare ?? '').replace(/\\(.)/gsu, '$1'));
  }
  return words;
}

function numberOf(words: ReadonlyMap<string, string>, word: string): number | undefined {
  const value = words.get(word);
  if (value === undefined || value === '') return undefined;
  if (!/^\d{1,9}$/.test(value)) throw invalid(`${word} is not a number`);
  return Number(value);
}

/** On a Unix socket nothing is encrypted, whatever the mode says. */
function tlsOf(words: ReadonlyMap<string, string>, host: string | undefined): TlsAttempts {
  const mode = words.get('sslmode') || 'prefer';
  if (!(SSL_MODES as readonly string[]).includes(mode)) {
    throw invalid(`sslmode is one of: ${SSL_MODES.join(', ')}`);
  }
  if (host?.startsWith('/') || mode === 'disable') return [false];
  const rootFile = words.get('sslrootcert');
  const ca = rootFile && rootFile !== 'system' ? fileOf('sslrootcert', rootFile) : undefined;
  const own = {
    ...(words.get('sslcert') && { cert: fileOf('sslcert', words.get('sslcert')!) }),
    ...(words.get('sslkey') && { key: fileOf('sslkey', words.get('sslkey')!) }),
  };
  const unverified: ConnectionOptions = { ...own, rejectUnauthorized: false };
  // A certificate of the right authority counts, for whatever name it is.
  const byAuthority: ConnectionOptions = { ...own, ...(ca && { ca }), checkServerIdentity: () => undefined };
  if (mode === 'allow') return [false, unverified];
  if (mode === 'prefer') return [unverified, false];
  // As libpq: with a root certificate `require` means `verify-ca`.
  if (mode === 'require') return [ca === undefined ? unverified : byAuthority];
  if (rootFile === undefined) throw invalid(`sslmode=${mode} needs sslrootcert (a file, or "system")`);
  if (mode === 'verify-ca' && rootFile === 'system') throw invalid('sslrootcert=system needs sslmode=verify-full');
  return [mode === 'verify-ca' ? byAuthority : { ...own, ...(ca && { ca }) }];
}

function fileOf(word: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw invalid(`${word}: ${path} cannot be read`);
  }
}

function invalid(what: string): ScannerError {
  return new ScannerError('config.invalid', `database.options.source: ${what}`, { key: 'database.options.source' });
}
