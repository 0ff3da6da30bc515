import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { placesOf } from '../src/platform/places.ts';
import { parseYaml } from '../src/platform/yaml.ts';
import { serverConfigOf } from '../src/server/config/server-config.ts';
import { fakeOutside, sampleNotification } from '../src/server/notifications/notifier.contract.ts';
import { notifierPlugins } from '../src/server/notifiers/registry.ts';

// What docs/how-to/get-notified.md shows is tried here.

const page = readFileSync(resolve(import.meta.dirname, '../docs/how-to/get-notified.md'), 'utf8');
const blockOf = (language: string): string => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page)![1]!;
const server = parseYaml(blockOf('yaml')) as Record<string, unknown>;
const config = serverConfigOf(
  { file: 'page.yml', datasources: { sources: {} }, server },
  placesOf({ HOME: '/home/a' }),
);

test('the configuration of the page has every notifier on', () => {
  const on = notifierPlugins.filter((plugin) => plugin.configure(config, fakeOutside('takes')) !== undefined);
  expect(on.map(({ name }) => name)).toEqual(['command', 'mail', 'slack', 'webhook']);
});

test('the check of signatures takes what a webhook is sent, and nothing else', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-docs-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'check.mjs');
  writeFileSync(file, blockOf('js'));
  const { isGenuine } = (await import(pathToFileURL(file).href)) as {
    isGenuine: (header: string, body: string, secret: string, nowSeconds: number) => boolean;
  };
  const outside = fakeOutside('takes');
  const webhook = notifierPlugins.find(({ name }) => name === 'webhook')!.configure(config, outside)!;
  await webhook.send([sampleNotification(1)], new AbortController().signal);
  const { body, headers } = JSON.parse(outside.done[0]!) as { body: string; headers: Record<string, string> };
  const [header, secret, nowSeconds] = [headers['x-cvescan-signature']!, config.notifications.secret!, 1_700_000_000];
  expect(isGenuine(header, body, secret, nowSeconds)).toBe(true);
  expect(isGenuine(header, `${body} `, secret, nowSeconds)).toBe(false);
  expect(isGenuine(header, body, 'another', nowSeconds)).toBe(false);
  expect(isGenuine(header, body, secret, nowSeconds + 301)).toBe(false);
  expect(isGenuine('', body, secret, nowSeconds)).toBe(false);
});
