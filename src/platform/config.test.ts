import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';

const directory = mkdtempSync(join(tmpdir(), 'cvescan-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

const written = (text: string): string => {
  const file = join(directory, `${Math.abs(text.length)}-${text.replace(/\W/g, '').slice(0, 40)}.yml`);
  writeFileSync(file, text);
  return file;
};
const read = (text: string, env = {}) => readConfig(env, [], written(text));

test('without a file the environment counts', async () => {
  const config = await readConfig({ CVESCAN_MIRROR: '/mirror', CVESCAN_NVD_API_KEY: 'key' }, ['/none/config.yml']);
  expect(config).toEqual({ datasources: { mirror: '/mirror', sources: { nvd: { apiKey: 'key' } } }, server: {} });
});

test('the file wins over the environment', async () => {
  const config = await read('datasources:\n  root: /db\n  mirror: https://mirror.example\nnvd:\n  api_key: ours\n', {
    CVESCAN_MIRROR: '/mirror',
    CVESCAN_NVD_API_KEY: 'theirs',
  });
  expect(config.datasources).toEqual({
    root: '/db',
    mirror: 'https://mirror.example',
    sources: { nvd: { apiKey: 'ours' } },
  });
});

test('the first of the usual places counts, an empty file says nothing', async () => {
  const file = written('');
  expect(await readConfig({}, ['/none/config.yml', file])).toEqual({ file, datasources: { sources: {} }, server: {} });
});

test('a secret may lie in a file, but not in both', async () => {
  const file = written('secret\n');
  const config = await readConfig({ CVESCAN_NVD_API_KEY_FILE: file }, []);
  expect(config.datasources.sources.nvd).toEqual({ apiKey: 'secret' });
  await expect(readConfig({ CVESCAN_NVD_API_KEY: 'a', CVESCAN_NVD_API_KEY_FILE: file }, [])).rejects.toThrow(
    'keep one',
  );
});

test("the server's sections are handed on", async () => {
  expect((await read('clair:\n  api: null\ndrain_seconds: 3\n')).server).toEqual({
    clair: { api: null },
    drain_seconds: 3,
  });
});

test('variables in the path of the file are expanded, an empty path is no file', async () => {
  const file = written('drain_seconds: 4\n');
  const name = file.slice(directory.length + 1);
  for (const path of [`$PLACE/${name}`, `\${PLACE}/${name}`])
    expect((await readConfig({ PLACE: directory }, [], path)).file).toBe(file);
  expect(await readConfig({ CVESCAN_CONFIG: file }, [file], '')).not.toHaveProperty('file');
});

test('scope and ignore rules are handed on', async () => {
  const config = await read('scope:\n  project: Gateway\nignore:\n  - vulnerability: CVE-2024-5535\n');
  expect(config).toMatchObject({ scope: { project: 'Gateway' }, ignore: [{ vulnerability: 'CVE-2024-5535' }] });
});

test('sources that judge are a text or a list', async () => {
  const config = await read('detection: [nvd, "!distribution"]\nconsolidation: osv,epss\nmin_confidence: product\n');
  expect(config.judging).toEqual({
    detection: 'nvd,!distribution',
    consolidation: 'osv,epss',
    'min-confidence': 'product',
  });
});

describe('what is wrong is named', () => {
  for (const [text, message] of [
    ['datasource: {}', 'unknown key datasource; did you mean datasources?'],
    ['datasources:\n  miror: /x', 'unknown key datasources.miror; did you mean datasources.mirror?'],
    [
      'datasources:\n  nvd:\n    apikey: x',
      'unknown key datasources.nvd.apikey; did you mean datasources.nvd.api_key?',
    ],
    ['datasources:\n  root: [a]', 'datasources.root is one value'],
    ['scope:\n  projet: a', 'unknown key scope.projet; did you mean scope.project?'],
    ['scope:\n  project: [a]', 'scope.project is one value'],
    ['- a list', 'the document holds names with values'],
    ['a: b: c', 'Nested mappings are not allowed'],
  ] as const) {
    test(message, () =>
      expect(read(text)).rejects.toMatchObject({ code: 'config.invalid', message: expect.stringContaining(message) }),
    );
  }

  test('a named file that is missing', () =>
    expect(readConfig({}, [], '/none.yml')).rejects.toThrow('there is no configuration file /none.yml'));

  test('a named file that cannot be read', () =>
    expect(readConfig({}, [], '/')).rejects.toThrow('/: cannot be read: it is a directory (EISDIR)'));
});
