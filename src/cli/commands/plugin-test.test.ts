import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';
import { layerTar } from '../../../test/posted-layers.ts';
import { spawnServer } from '../../../test/spawn-server.ts';

const examples = resolve(import.meta.dirname, '../../../examples/plugins');
const main = resolve(import.meta.dirname, '../main.ts');

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-plugins-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

function moduleOf(text: string): string {
  const file = join(scratch(), 'own.mjs');
  writeFileSync(file, text);
  return file;
}

test('the example keeps every promise of its families', async () => {
  const { code, stdout } = await runCommandLine(['plugin', 'test', join(examples, 'acme.mjs')]);
  expect(stdout).not.toContain('broken');
  expect(code).toBe(0);
  expect(stdout).toMatch(/listers acme\n.*detectors acme-release\n.*updaters acme\n.*stops at its limit\n$/s);
}, 60_000);

test('a broken promise is told', async () => {
  const file = moduleOf(`export default {
    detectors: [{ name: 'own', version: 1, wants: ['etc/own'], detect: () => ({ namespace: 'own:1' }) }],
    fixtures: { detectors: { own: { texts: { 'etc/own': 'x' }, namespace: 'own:1' } } },
  };`);
  const { code, stdout } = await runCommandLine(['plugin', 'test', file]);
  expect(code).toBe(1);
  expect(stdout).toContain('  broken  it has no answer where there is nothing');
});

test.each([
  ['throw new Error("no");', 'cannot be loaded: no'],
  ['export const a = 1;', 'its default export is no object'],
  ['export default {};', 'it holds no plugin'],
  ['export default { listers: 1 };', 'listers is no list'],
  ['export default { listers: [{ name: "A b" }] };', 'one of the listers has no name'],
  ['export default { listers: [{ name: "a", version: 1, wants() {} }] };', 'a of the listers has no list (function)'],
  [
    'export default { listers: [{ name: "a", version: 1, wants() {}, list() {} }] };',
    'fixtures.listers holds nothing for a',
  ],
])('%s is refused: %s', async (text, message) => {
  const { code, stderr } = await runCommandLine(['plugin', 'test', moduleOf(text)]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('a server lists, detects and updates with them; a module that cannot be used keeps it from starting', {
  timeout: 60_000,
}, async () => {
  const directory = scratch();
  cpSync(examples, directory, { recursive: true });
  const layer = join(directory, 'layer.tar');
  writeFileSync(layer, layerTar({ 'etc/acme-release': 'Acme Linux 3\n', 'var/lib/acme-packages': 'rocket 2.4\n' }));
  const settings = {
    clair: {
      worker: { localpaths: [directory], namespace_detectors: ['acme-release', 'os-release'] },
      updater: { interval: '1h', enabledupdaters: ['acme'] },
    },
    ours: {
      plugins: ['acme.mjs'],
      datasources: {
        mirror: join(directory, 'feed'),
        ...Object.fromEntries(['nvd', 'epss', 'cisa_kev'].map((name) => [name, { enabled: 'false' }])),
      },
    },
  };
  const database = { type: 'sqlite', file: join(directory, 'state.sqlite') } as const;
  await using server = await spawnServer(directory, database, settings);
  const posted = await fetch(`${server.url}/v1/layers`, {
    method: 'POST',
    body: JSON.stringify({ Layer: { Name: 'a', Path: layer, Format: 'Docker' } }),
  });
  expect(posted.status).toBe(201);
  const shown = async () => {
    const answer = await fetch(`${server.url}/v1/layers/a?vulnerabilities`);
    return ((await answer.json()) as { Layer: unknown }).Layer;
  };
  await expect.poll(shown, { timeout: 30_000, interval: 200 }).toMatchObject({
    NamespaceName: 'acme:3',
    Features: [{ Name: 'rocket', Version: '2.4', Vulnerabilities: [{ Name: 'CVE-2099-1001', FixedBy: '2.5' }] }],
  });

  writeFileSync(
    join(directory, 'acme.mjs'),
    'export default { listers: [{ name: "dpkg", version: 1, wants() {}, list() {} }] };',
  );
  const config = ['config', 'check', join(directory, 'config.yml')];
  const checked = spawnSync(process.execPath, [main, ...config], { encoding: 'utf8', env: { HOME: directory } });
  expect(checked.status).toBe(2);
  expect(checked.stderr).toContain('there is a plugin dpkg among the listers already');
});
