/** What a value of the configuration is, as the file writes it. */
export type SettingType = 'text' | 'address' | 'port' | 'count' | 'seconds' | 'duration' | 'boolean' | 'texts';

/** One key of the server's configuration. The table is read by the reader, by `config print` and by docs/reference/configuration.md. */
export interface Setting {
  /** From the top, with dots: `clair.api.port`. */
  readonly key: string;
  readonly type: SettingType;
  /** As the file would write it; without one the key is unset. */
  readonly fallback?: string | number | boolean | readonly string[];
  /** One sentence for the reference. */
  readonly help: string;
  /** Never printed; `in-url`: of a URL its user, password and query are not. */
  readonly secret?: boolean | 'in-url';
  readonly oneOf?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

const tls = (section: string, what: string): readonly Setting[] => [
  { key: `${section}.certfile`, type: 'text', help: `PEM file of ${what} certificate; goes with \`keyfile\`.` },
  { key: `${section}.keyfile`, type: 'text', help: 'PEM file of its key.' },
];

const CLAIR: readonly Setting[] = [
  {
    key: 'clair.database.type',
    type: 'text',
    fallback: 'sqlite',
    oneOf: ['sqlite', 'pgsql'],
    help: 'Where state is kept; `pgsql` for more than one instance.',
  },
  {
    key: 'clair.database.options.source',
    type: 'text',
    secret: true,
    help: 'PostgreSQL: `host=… port=…` or a URL. SQLite: the file; by default below `$XDG_STATE_HOME/cvescan`.',
  },
  {
    key: 'clair.database.options.cachesize',
    type: 'count',
    help: "Clair's number of cached rows; read, and without effect: the cache is bounded in bytes.",
  },
  {
    key: 'clair.database.options.paginationkey',
    type: 'text',
    secret: true,
    help: 'As `clair.api.paginationkey`.',
  },
  {
    key: 'clair.database.options.poolsize',
    type: 'count',
    fallback: 10,
    minimum: 1,
    maximum: 1000,
    help: 'Connections to PostgreSQL.',
  },
  {
    key: 'clair.api.addr',
    type: 'address',
    help: 'Where the API listens, `host:port`; `127.0.0.1:6060` when neither this nor `port` is given.',
  },
  { key: 'clair.api.port', type: 'port', help: "Clair's way to say it: this port, on all interfaces." },
  {
    key: 'clair.api.healthaddr',
    type: 'address',
    help: "Where health and metrics are served; port 6061 on the API's interface when neither this nor `healthport` is given.",
  },
  { key: 'clair.api.healthport', type: 'port', help: 'This port, on all interfaces.' },
  {
    key: 'clair.api.timeout',
    type: 'duration',
    fallback: '900s',
    help: 'The longest that a request may take; then 503, and its work is given up.',
  },
  {
    key: 'clair.api.paginationkey',
    type: 'text',
    secret: true,
    help: 'Fernet key of page tokens: 32 bytes in base64 or hex; without one it is made once and kept in state.',
  },
  { key: 'clair.api.servername', type: 'text', help: 'Read, and without effect, as in Clair.' },
  {
    key: 'clair.api.cafile',
    type: 'text',
    help: 'PEM file of authorities: clients must then show a certificate of theirs.',
  },
  ...tls('clair.api', "the server's"),
  {
    key: 'clair.api.v1_auth',
    type: 'text',
    fallback: 'none',
    oneOf: ['none', 'token'],
    help: "`token`: `/v1` asks for a token as `/api/v1` does; Clair's clients send none.",
  },
  {
    key: 'clair.worker.localpaths',
    type: 'texts',
    fallback: [],
    help: 'Directories of this machine that a layer may be read from; none by default.',
  },
  {
    key: 'clair.worker.allowhosts',
    type: 'texts',
    fallback: [],
    help: 'When given, layers are fetched from these hosts only: `host`, `host:port`, or a URL prefix.',
  },
  {
    key: 'clair.worker.concurrency',
    type: 'count',
    minimum: 1,
    maximum: 1024,
    help: 'Layers that are analysed at once; the number of cores by default. 64 more may wait.',
  },
  { key: 'clair.worker.namespace_detectors', type: 'texts', fallback: [], help: 'Detectors to use; all when empty.' },
  { key: 'clair.worker.feature_listers', type: 'texts', fallback: [], help: 'Listers to use; all when empty.' },
  {
    key: 'clair.updater.interval',
    type: 'duration',
    fallback: '1h',
    help: 'Time between two updates of the advisories; `0` turns updates off.',
  },
  {
    key: 'clair.updater.enabledupdaters',
    type: 'texts',
    fallback: [],
    help: 'Distributions whose feeds are read; all when empty. NVD, EPSS and KEV are read always.',
  },
  {
    key: 'clair.notifier.attempts',
    type: 'count',
    fallback: 5,
    minimum: 1,
    maximum: 1000,
    help: 'Tries in one series.',
  },
  {
    key: 'clair.notifier.renotifyinterval',
    type: 'duration',
    fallback: '2h',
    help: 'After this a notification that nobody has read is sent again.',
  },
  {
    key: 'clair.notifier.http.endpoint',
    type: 'text',
    secret: 'in-url',
    help: 'URL of the webhook; without one there is none. Its user and password are sent as `Authorization`.',
  },
  { key: 'clair.notifier.http.servername', type: 'text', help: "Name that the webhook's certificate must have." },
  { key: 'clair.notifier.http.cafile', type: 'text', help: 'PEM file of authorities for the webhook.' },
  ...tls('clair.notifier.http', "the client's"),
  { key: 'clair.notifier.http.proxy', type: 'text', secret: true, help: 'URL of a proxy for the webhook.' },
];

const OURS: readonly Setting[] = [
  { key: 'notifications.secret', type: 'text', secret: true, help: 'Signs webhooks: header `X-Cvescan-Signature`.' },
  {
    key: 'notifications.max_per_update',
    type: 'count',
    fallback: 10_000,
    minimum: 1,
    help: 'More than this from one update become one summary.',
  },
  {
    key: 'notifications.slack.url',
    type: 'text',
    secret: true,
    help: 'Incoming webhook of Slack, or of what speaks its form.',
  },
  { key: 'notifications.mail.url', type: 'text', secret: true, help: 'SMTP server, `smtps://user:password@host:465`.' },
  { key: 'notifications.mail.from', type: 'text', help: 'Sender.' },
  { key: 'notifications.mail.to', type: 'texts', fallback: [], help: 'Recipients.' },
  {
    key: 'notifications.command',
    type: 'texts',
    fallback: [],
    help: 'A program and its arguments; it gets the notification as JSON on standard input. No shell.',
  },
  {
    key: 'state.retention',
    type: 'duration',
    fallback: '30d',
    help: 'How long read notifications and finished jobs are kept.',
  },
  {
    key: 'jobs.lease_seconds',
    type: 'seconds',
    fallback: 300,
    minimum: 10,
    maximum: 3600,
    help: 'How long a runner holds a job without renewing it.',
  },
  {
    key: 'plugins',
    type: 'texts',
    fallback: [],
    help: 'Modules with listers, detectors and updaters of your own, relative to this file.',
  },
  {
    key: 'drain_seconds',
    type: 'seconds',
    fallback: 10,
    maximum: 3600,
    help: 'At a stop, running requests have this long to end.',
  },
  {
    key: 'trusted_proxies',
    type: 'texts',
    fallback: [],
    help: 'Addresses or CIDR ranges whose `X-Forwarded-For` and `X-Request-Id` are believed.',
  },
];

/** All keys of the server's configuration, in the order of the reference. */
export const SETTINGS: readonly Setting[] = [...CLAIR, ...OURS];
