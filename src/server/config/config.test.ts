import { describe, expect, test } from 'vitest';
import { SERVER_SECTIONS } from '../../platform/config.ts';
import { parseGoDuration } from '../../platform/duration.ts';
import { placesOf } from '../../platform/places.ts';
import { parseYaml } from '../../platform/yaml.ts';
import { printConfig } from './print-config.ts';
import { serverConfigOf } from './server-config.ts';
import { SETTINGS } from './settings.ts';

const places = placesOf({ HOME: '/home/a' });
const sections = (yaml: string) => (parseYaml(yaml) ?? {}) as Record<string, unknown>;
const read = (yaml: string) =>
  serverConfigOf({ file: '/etc/c.yml', datasources: { sources: {} }, server: sections(yaml) }, places);

/** The example that Clair 2.0.9 ships. */
const CLAIR_EXAMPLE = `
clair:
  database:
    type: pgsql
    options:
      source: host=localhost port=5432 user=postgres password=s3cret sslmode=disable statement_timeout=60000
      cachesize: 16384
  api:
    port: 6060
    healthport: 6061
    timeout: 900s
    paginationkey:
    servername:
    cafile:
    keyfile:
    certfile:
  updater:
    interval: 2h
    enabledupdaters: [debian, ubuntu, rhel, oracle, alpine, amzn1, amzn2]
  notifier:
    attempts: 3
    renotifyinterval: 2h
    http:
      endpoint:
      servername:
      cafile:
      keyfile:
      certfile:
      proxy:
`;

test('without a file: loopback, SQLite', () => {
  const config = serverConfigOf({ datasources: { sources: {} }, server: {} }, places);
  expect(config).toMatchObject({
    database: { type: 'sqlite', file: '/home/a/.local/state/cvescan/state.sqlite' },
    api: { address: { host: '127.0.0.1', port: 6060 }, timeoutMs: 900_000, v1Auth: 'none' },
    health: { host: '127.0.0.1', port: 6061 },
    updater: { intervalMs: 3_600_000, enabled: [] },
    notifier: { attempts: 5, renotifyMs: 7_200_000 },
    state: { retentionMs: 30 * 86_400_000 },
    drainSeconds: 10,
    warnings: [],
  });
});

test("Clair's own example is taken as it is", () => {
  expect(read(CLAIR_EXAMPLE)).toMatchObject({
    database: { type: 'pgsql', source: expect.stringContaining('user=postgres'), poolSize: 10 },
    api: { address: { port: 6060 } },
    health: { port: 6061 },
    updater: { intervalMs: 7_200_000, enabled: ['debian', 'uct', 'rhel', 'oracle', 'alpine', 'amazon'] },
    notifier: { attempts: 3 },
    warnings: [],
  });
});

describe('addresses', () => {
  test.each([
    ['api: {port: 80}', { port: 80 }, { port: 6061 }],
    ['api: {addr: "127.0.0.2:80"}', { host: '127.0.0.2', port: 80 }, { host: '127.0.0.2', port: 6061 }],
    ['api: {addr: "[::1]:80", healthport: 81}', { host: '::1', port: 80 }, { port: 81 }],
    ['api: {addr: ":80", healthaddr: "localhost:0"}', { port: 80 }, { host: 'localhost', port: 0 }],
    ['api: {addr: "10.0.0.1:80", port: 90}', { host: '10.0.0.1', port: 80 }, { host: '10.0.0.1', port: 6061 }],
  ])('%s', (yaml, api, health) => {
    const config = read(`clair: {${yaml}}`);
    expect(config.api?.address).toEqual(api);
    expect(config.health).toEqual(health);
  });

  test('`api: null` turns the API off, an empty section does not', () => {
    expect(read('clair: {api: null}').api).toBeUndefined();
    expect(read('clair: {api: {}}').api?.address).toEqual({ host: '127.0.0.1', port: 6060 });
  });
});

describe('what is wrong is named', () => {
  test.each([
    ['clair: {api: {adr: ":1"}}', 'unknown key clair.api.adr; did you mean clair.api.addr?'],
    ['clair: {nothing: {like: it}}', 'unknown key clair.nothing'],
  ])('%s is a warning', (yaml, warning) => {
    expect(read(yaml).warnings).toEqual([`/etc/c.yml: ${warning}`]);
  });

  test.each([
    ['notifications: {secrt: x}', 'unknown key notifications.secrt; did you mean notifications.secret?'],
    ['clair: {api: {timeout: 900}}', 'clair.api.timeout is a duration with its unit, e.g. 900s or 2h'],
    ['clair: {api: {port: 65536}}', 'clair.api.port is a whole number from 0 to 65535'],
    ['clair: {api: {port: "80"}}', 'clair.api.port is a whole number from 0 to 65535'],
    ['clair: {api: {addr: localhost}}', 'clair.api.addr is host:port'],
    ['clair: {api: 3}', 'clair.api holds names with values'],
    ['clair: {api: {certfile: a}}', 'clair.api.certfile and clair.api.keyfile go together'],
    ['clair: {api: {cafile: a}}', 'clair.api.cafile needs certfile and keyfile'],
    ['clair: {api: {paginationkey: short}}', 'clair.api.paginationkey: Invalid Pagination key'],
    ['clair: {api: {v1_auth: tokens}}', 'clair.api.v1_auth is one of none, token; did you mean token?'],
    ['clair: {database: {type: pgsql}}', 'clair.database.options.source is needed for pgsql'],
    ['clair: {database: {type: mysql}}', 'clair.database.type is one of sqlite, pgsql'],
    ['clair: {database: {options: {managedatabaselifecycle: true}}}', 'managedatabaselifecycle is not supported'],
    ['clair: {database: {options: {fixturepath: /x.sql}}}', 'fixturepath is not supported'],
    ['clair: {worker: {localpaths: [layers]}}', 'clair.worker.localpaths: layers is not absolute'],
    ['clair: {worker: {localpaths: /layers}}', 'clair.worker.localpaths is a list of texts'],
    ['clair: {worker: {concurrency: 0}}', 'clair.worker.concurrency is a whole number from 1 to 1024'],
    ['clair: {worker: {feature_listers: [dpgk]}}', 'there is no dpgk; did you mean dpkg?'],
    ['clair: {updater: {enabledupdaters: [debain]}}', 'there is no debain; did you mean debian?'],
    ['clair: {notifier: {http: {endpoint: "ftp://x"}}}', 'clair.notifier.http.endpoint is an http or https URL'],
    ['notifications: {mail: {url: "smtp://x"}}', 'notifications.mail needs url, from and to'],
    ['drain_seconds: -1', 'drain_seconds is a whole number from 0 to 3600'],
  ])('%s is an error', (yaml, message) => {
    expect(() => read(yaml)).toThrow(message);
  });
});

test('every duration of Go is read, and days', () => {
  const durations = {
    '900s': 900_000,
    '1h30m': 5_400_000,
    '1.5h': 5_400_000,
    '.5s': 500,
    '100ms': 100,
    '2d': 172_800_000,
    '0': 0,
  };
  for (const [text, milliseconds] of Object.entries(durations))
    expect([text, parseGoDuration(text)]).toEqual([text, milliseconds]);
  for (const text of ['', '1', '-1s', 's', '1 h', '1x', 'h1'])
    expect([text, parseGoDuration(text)]).toEqual([text, undefined]);
});

describe('keys', () => {
  test('the sections that other commands pass over are those of the table', () => {
    expect([...new Set(SETTINGS.map(({ key }) => key.split('.', 1)[0]))].sort()).toEqual([...SERVER_SECTIONS].sort());
  });

  test('only two are said to be without effect', () => {
    const withoutEffect = SETTINGS.filter(({ help }) => help.includes('without effect')).map(({ key }) => key);
    expect(withoutEffect).toEqual(['clair.database.options.cachesize', 'clair.api.servername']);
  });

  test('secrets are never printed, all else is', () => {
    const printed = printConfig(
      sections(`${CLAIR_EXAMPLE}notifications: {secret: abc123, slack: {url: "https://s/T0K"}}`),
      'f',
    );
    expect(printed).not.toMatch(/s3cret|abc123|T0K/);
    expect(printed).toContain('secret: (hidden)');
    expect(printed).toContain('interval: 2h');
    expect(printed).toContain('drain_seconds: 10');
    const endpointOf = (endpoint: string) =>
      printConfig({ clair: { notifier: { http: { endpoint } } } }, 'f').match(/endpoint: (.*)/)?.[1];
    expect(endpointOf('https://hooks.example.org/a')).toBe('https://hooks.example.org/a');
    expect(endpointOf('http://u:s3cret@h:81/a?token=s3cret')).toBe('http://(hidden)@h:81/a?(hidden)');
    expect(sections(printConfig({ clair: { api: null } }, 'f'))).toMatchObject({ clair: { api: null } });
  });
});
