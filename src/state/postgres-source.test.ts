import { describe, expect, test } from 'vitest';
import { parsePostgresSource } from './postgres-source.ts';

describe('parsePostgresSource', () => {
  const cases = [
    // source                                              what it says
    [
      'postgresql://u:p%40s@db:6432/clair?sslmode=disable',
      { user: 'u', password: 'p@s', host: 'db', port: 6432, database: 'clair' },
    ],
    ['postgres://db', { host: 'db' }],
    ['postgres:///clair?host=/run/pg', { database: 'clair', host: '/run/pg' }],
    ['postgres://[::1]:5433/x', { host: '::1', port: 5433, database: 'x' }],
    ['host=localhost port=5432 user=postgres sslmode=disable', { host: 'localhost', port: 5432, user: 'postgres' }],
    [
      String.raw`password = 'it\'s a \\' dbname=x host=h`,
      { password: String.raw`it's a \ `.trimEnd(), database: 'x', host: 'h' },
    ],
    ['host=a hostaddr=10.0.0.1', { host: '10.0.0.1' }],
    ['', {}],
    ["password='' host=h", { host: 'h' }],
    [
      'host=h connect_timeout=3 application_name=x keepalives=1',
      { host: 'h', connectTimeoutMs: 3000, applicationName: 'x' },
    ],
  ] as const;
  for (const [source, said] of cases) {
    test(source, () => {
      const { tls: _, settings, ...rest } = parsePostgresSource(source);
      expect(rest).toEqual(said);
      expect([...settings]).toEqual([]);
    });
  }

  test('other words are settings of the server', () => {
    const { settings } = parsePostgresSource('host=h statement_timeout=60000');
    expect([...settings]).toEqual([['statement_timeout', '60000']]);
  });

  const refused = [
    ['host=a,b', 'several hosts'],
    ['service=x', 'service is not supported'],
    ['host', 'from sign 1'],
    ["host=h password='open", 'from sign 8'],
    ['host=h port=x', 'port is not a number'],
    ['host=h sslmode=never', 'sslmode is one of'],
    ['host=h sslmode=verify-full', 'needs sslrootcert'],
    ['host=h sslmode=verify-ca sslrootcert=system', 'needs sslmode=verify-full'],
    ['host=h sslrootcert=/nowhere/ca.pem sslmode=require', 'cannot be read'],
    ['postgres://h/%zz', 'hexadecimal'],
    ["host=h a'b=1", 'is no setting'],
  ] as const;
  for (const [source, why] of refused) {
    test(`refuses ${source}`, () => {
      expect(() => parsePostgresSource(source)).toThrowError(expect.objectContaining({ code: 'config.invalid' }));
      expect(() => parsePostgresSource(source)).toThrowError(why);
    });
  }

  test('never tells the password', () => {
    for (const source of ["host=h port=x password='secret'", 'postgres://u:secret@h:x/', "password='secret"]) {
      expect(() => parsePostgresSource(source)).toThrowError(/^(?!.*secret)/);
    }
  });
});

describe('sslmode', () => {
  const modes = [
    ['disable', ['plain']],
    ['allow', ['plain', 'unverified']],
    ['prefer', ['unverified', 'plain']],
    [undefined, ['unverified', 'plain']],
    ['require', ['unverified']],
    ['verify-full&sslrootcert=system', ['verified']],
    [`verify-ca&sslrootcert=${encodeURIComponent(import.meta.filename)}`, ['authority']],
    [`require&sslrootcert=${encodeURIComponent(import.meta.filename)}`, ['authority']],
    [`verify-full&sslrootcert=${encodeURIComponent(import.meta.filename)}`, ['verified']],
  ] as const;
  for (const [mode, ways] of modes) {
    test(`${mode?.split('&')[0]} is ${ways}`, () => {
      const { tls } = parsePostgresSource(`postgres://h/${mode === undefined ? '' : `?sslmode=${mode}`}`);
      const words = tls.map((way) => {
        if (way === false) return 'plain';
        if (way.rejectUnauthorized === false) return 'unverified';
        return way.checkServerIdentity ? 'authority' : 'verified';
      });
      expect(words).toEqual(ways);
    });
  }

  test('a socket is never encrypted', () => {
    expect(parsePostgresSource('host=/run/postgresql sslmode=require').tls).toEqual([false]);
  });
});
