import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readRunnerSettings, type StatedRunner } from './runner-settings.ts';

const needed = { CVESCAN_RUNNER_ENDPOINT: 'https://cvescan.example/', CVESCAN_RUNNER_TOKEN: 'cvs_x' };
const read = (stated: Partial<StatedRunner> = {}) =>
  readRunnerSettings({ commandLine: {}, section: undefined, file: 'config.yml', env: needed, ...stated });

function secretFile(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-settings-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'secret'), text);
  return join(directory, 'secret');
}

describe('the settings of a runner', () => {
  test('have the documented defaults', () => {
    expect(read()).toEqual({
      endpoint: 'https://cvescan.example',
      token: 'cvs_x',
      updatePeriodMs: 86_400_000,
      workerCount: expect.toSatisfy((count: number) => count >= 1 && count <= 4),
      pollingDelayMs: 5000,
      localPaths: [],
      allowUrls: [],
      tlsFiles: {},
      from: 'server',
      workerMemoryMiB: 2048,
    });
  });

  test('come from the command line, then the file, then the environment', () => {
    const env = { ...needed, CVESCAN_RUNNER_N_WORKERS: '1' };
    expect(read({ env }).workerCount).toBe(1);
    expect(read({ env, section: { n_workers: 2 } }).workerCount).toBe(2);
    expect(read({ env, section: { n_workers: 2 }, commandLine: { n_workers: '3' } }).workerCount).toBe(3);
  });

  test('are read from mounted files, without the final line feed', () => {
    const env = { CVESCAN_RUNNER_ENDPOINT: 'http://a', CVESCAN_RUNNER_TOKEN_FILE: secretFile('cvs_mounted\n') };
    expect(read({ env }).token).toBe('cvs_mounted');
  });

  const durations = [
    [90, 90_000, 'seconds, as YAML has them'],
    ['90', 90_000, 'seconds'],
    ['1h30m', 5_400_000, 'units'],
    ['1d', 86_400_000, 'days'],
  ] as const;
  for (const [stated, want, shows] of durations) {
    test(`${stated} is ${shows}`, () => {
      expect(read({ section: { update_period: stated } }).updatePeriodMs).toBe(want);
    });
  }

  test('of several values are a list, or have commas between them', () => {
    expect(read({ section: { localpaths: ['/srv/a', '/srv/b'] } }).localPaths).toEqual(['/srv/a', '/srv/b']);
    const env = { ...needed, CVESCAN_RUNNER_LOCALPATHS: '/srv/a, /srv/b', CVESCAN_RUNNER_ALLOWURLS: 'https://r/x/' };
    expect(read({ env })).toMatchObject({ localPaths: ['/srv/a', '/srv/b'], allowUrls: ['https://r/x/'] });
  });

  const wrong: readonly [shows: string, stated: Partial<StatedRunner>, message: string][] = [
    [
      'no endpoint',
      { env: {} },
      'config.yml: runner.endpoint is needed (or CVESCAN_RUNNER_ENDPOINT, or CVESCAN_RUNNER_ENDPOINT_FILE)',
    ],
    ['an endpoint that is none', { section: { endpoint: 'cvescan' } }, 'runner.endpoint cvescan: it is a URL'],
    [
      'a variable and its file',
      { env: { ...needed, CVESCAN_RUNNER_TOKEN_FILE: '/x' } },
      'CVESCAN_RUNNER_TOKEN and CVESCAN_RUNNER_TOKEN_FILE are both set',
    ],
    [
      'both, though the file decides',
      { section: { token: 'x' }, env: { ...needed, CVESCAN_RUNNER_TOKEN_FILE: '/x' } },
      'are both set',
    ],
    ['an unknown key', { section: { n_worker: 1 } }, 'unknown key runner.n_worker; did you mean runner.n_workers?'],
    [
      'an unknown key of a group',
      { section: { datasources: { form: 'server' } } },
      'did you mean runner.datasources.from?',
    ],
    ['a word that is none of several', { section: { datasources: { from: 'servers' } } }, 'did you mean server?'],
    ['no workers', { section: { n_workers: 0 } }, 'runner.n_workers is a whole number above 0'],
    ['a delay that is none', { section: { polling_delay: 'soon' } }, 'runner.polling_delay is a number of seconds'],
    ['a relative path', { section: { localpaths: ['images'] } }, 'images is not an absolute path'],
    ['a prefix that is no URL', { section: { allowurls: ['file:///'] } }, 'file:/// is not an http or https URL'],
    ['a certificate without its key', { section: { certfile: '/c.pem' } }, 'go together'],
  ];
  for (const [shows, stated, message] of wrong) {
    test(`with ${shows} are refused`, () => {
      expect(() => read(stated)).toThrow(message);
    });
  }

  test('never tell the token in an error', () => {
    for (const section of [{ token: 7 }, { token: 'cvs_secret', n_workers: 'cvs' }]) {
      expect(() => read({ section })).toThrow(expect.not.stringContaining('secret'));
    }
  });
});
