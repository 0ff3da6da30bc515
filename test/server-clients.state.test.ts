import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { describeState } from '../src/state/state.contract.ts';
import { runCommandLine } from './command-line.ts';
import { archiveOf, dockerSave } from './images.ts';
import { DEBIAN_12, dpkgStatus, layerTar } from './posted-layers.ts';
import { startTestServer } from './start-server.ts';

/** Our own clients, and the commands of the how-tos, against the real server. */

const howTo = (name: string) => readFileSync(resolve(import.meta.dirname, '../docs/how-to', name), 'utf8');

function scratch(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'cvescan-clients-')));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

const debian = (packages: Record<string, string>) => ({
  'etc/os-release': DEBIAN_12,
  'var/lib/dpkg/status': dpkgStatus(packages),
});

describeState('clients', ({ database }) => {
  test('an image is analysed, a vulnerability is added, notified of and acknowledged', async () => {
    const directory = scratch();
    const told: string[] = [];
    const webhook = createServer(async (request, response) => {
      told.push((JSON.parse(await text(request)) as { Notification: { Name: string } }).Notification.Name);
      response.end();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void webhook.close());
    await once(webhook, 'listening');
    const endpoint = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/hook`;
    await using server = await startTestServer(await database(), { clair: { notifier: { http: { endpoint } } } });
    const run = async (...words: string[]) => {
      const answer = await runCommandLine([...words, '--endpoint', server.url]);
      expect([words, answer.stderr, answer.code]).toEqual([words, expect.any(String), expect.toBeOneOf([0, 10])]);
      return answer;
    };
    const image = join(directory, 'image.tar');
    const layers = [debian({ bash: '5.2', curl: '7.88' }), debian({ bash: '5.2' })].map((files) => layerTar(files));
    writeFileSync(image, archiveOf(dockerSave([{ layers: layers.map((layer) => ({ tar: layer })) }])));
    const analyse = () => run('analyze-local-images', '--port', '0', '--no-color', image);
    expect((await analyse()).code).toBe(0);

    await run('vulnerabilities', 'add', '--severity', 'High', '--fixed-in', 'bash=5.3', 'debian:12', 'CVE-2099-1');
    await run('vulnerabilities', 'add', '--severity', 'Low', '--fixed-in', 'curl=None', 'debian:12', 'CVE-2099-2');
    expect((await run('vulnerabilities', 'list', 'debian:12')).stdout).toMatch(/CVE-2099-1.*CVE-2099-2/s);
    expect((await run('vulnerabilities', 'get', 'debian:12', 'CVE-2099-1')).stdout).toContain('bash');
    const found = await analyse();
    expect(found.code).toBe(10);
    expect(found.stdout).toMatch(/CVE-2099-1.*bash.*CVE-2099-2.*curl/s);

    await expect.poll(() => told.length, { timeout: 10_000 }).toBe(2);
    const notification = await run('notifications', 'get', told[0]!);
    expect(notification.stdout).toMatch(/CVE-2099-1/);
    await run('notifications', 'ack', told[0]!);
    await run('vulnerabilities', 'delete', 'debian:12', 'CVE-2099-1');
    expect(
      (await runCommandLine(['vulnerabilities', 'get', 'debian:12', 'CVE-2099-1', '--endpoint', server.url])).code,
    ).toBe(3);
  }, 60_000);

  test('the commands of how to run the server do what it says', async () => {
    const directory = scratch();
    const options = await database();
    const config = join(directory, 'config.yml');
    const source = options.type === 'sqlite' ? options.file : options.source;
    writeFileSync(config, stringify({ clair: { database: { type: options.type, options: { source } } } }));
    mkdirSync(join(directory, 'layers'));
    mkdirSync(join(directory, 'backup'));
    writeFileSync(join(directory, 'layers', 'layer.tar'), layerTar(debian({ bash: '5.2' })));
    const here = (words: string): string[] =>
      words
        .replaceAll('/etc/cvescan/config.yml', config)
        .replaceAll('/var/lib/layers', join(directory, 'layers'))
        .replaceAll('/backup', join(directory, 'backup'))
        .split(' ');
    const commands = [...howTo('run-the-server.md').matchAll(/^ {4,}cvescan (.*)$/gm)].map(([, words]) => words!);
    expect(commands.length).toBeGreaterThan(6);
    const env = { CVESCAN_CONFIG: config };
    const run = async (words: string, more: Record<string, string> = {}) => {
      const answer = await runCommandLine(here(words), { env: { ...env, ...more } });
      expect([words, answer.stderr, answer.code]).toEqual([words, expect.any(String), 0]);
    };
    {
      const worker = { localpaths: [join(directory, 'layers')] };
      await using server = await startTestServer(options, { clair: { worker } });
      for (const words of commands.filter((it) => !/^(?:serve|state)/.test(it))) {
        await run(words, words.startsWith('tokens') ? {} : { CVESCAN_ENDPOINT: server.url });
      }
      await run(commands.find((it) => it.startsWith('state backup'))!);
      rmSync(join(directory, 'backup'), { recursive: true });
      mkdirSync(join(directory, 'backup'));
    }
    for (const words of commands.filter((it) => it.startsWith('state'))) await run(words);
  }, 60_000);
});

describe('how-tos', () => {
  test.each(['run-the-server.md', 'replace-clair.md'])('the configurations of %s are some', async (name) => {
    const directory = scratch();
    for (const [, indent = '', yaml = ''] of howTo(name).matchAll(/^( *)```yaml\n(.*?)^ *```$/gms)) {
      const document = parse(yaml.replaceAll(new RegExp(`^${indent}`, 'gm'), '')) as object;
      const config = join(directory, 'config.yml');
      writeFileSync(config, stringify(document));
      const { code, stderr } = await runCommandLine(['config', 'check', config]);
      expect([stderr, code]).toEqual(['', 0]);
    }
  });

  test('the commands of how to replace a Clair are some', async () => {
    const commands = [...howTo('replace-clair.md').matchAll(/`cvescan ([^`]+)`|^ {4,}cvescan (.*)$/gm)];
    expect(commands.length).toBeGreaterThan(3);
    for (const [, inline, line] of commands) {
      const words = (inline ?? line!).split(' ').filter((word) => !/^[-/]/.test(word));
      expect([words, (await runCommandLine([...words.slice(0, 2), '--help'])).code]).toEqual([words, 0]);
    }
  });
});
