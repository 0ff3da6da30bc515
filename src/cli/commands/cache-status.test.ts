import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Command, OptionValues } from '../command.ts';
import { cacheClearCommand } from './cache-clear.ts';
import { cacheStatusCommand } from './cache-status.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cache-commands-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const layers = () => join(home, 'cvescan', 'layers');

async function run(command: Command, options: OptionValues = {}): Promise<string> {
  const stdout = new PassThrough();
  const output = text(stdout);
  const exit = await command.run({
    options,
    positionals: [],
    stdin: Readable.from([]),
    stdout,
    stderr: new PassThrough(),
    env: { XDG_CACHE_HOME: home, HOME: home },
    now: () => new Date(0),
    signal: new AbortController().signal,
  });
  expect(exit).toBe(0);
  stdout.end();
  return output;
}

function fill(): void {
  mkdirSync(layers(), { recursive: true });
  writeFileSync(join(layers(), 'a.layer'), Buffer.alloc(1024 ** 2));
  writeFileSync(join(layers(), 'b.layer'), Buffer.alloc(1024 ** 2 / 2));
  writeFileSync(join(layers(), 'notes.txt'), 'not ours');
}

describe('cvescan cache', () => {
  test('status of a cache that was never used', async () => {
    expect(await run(cacheStatusCommand)).toBe(`${layers()}: 0 layers, 0.0 MiB of 1024.0 MiB\n`);
  });

  test('status counts entries only', async () => {
    fill();
    expect(await run(cacheStatusCommand)).toBe(`${layers()}: 2 layers, 1.5 MiB of 1024.0 MiB\n`);
  });

  test('status as JSON', async () => {
    fill();
    expect(JSON.parse(await run(cacheStatusCommand, { output: 'json' }))).toEqual({
      schemaVersion: '1.0',
      directory: layers(),
      entryCount: 2,
      sizeBytes: 1.5 * 1024 ** 2,
      maxCacheBytes: 1024 ** 3,
    });
  });

  test('status in another format is refused', async () => {
    await expect(run(cacheStatusCommand, { output: 'xml' })).rejects.toMatchObject({ code: 'report.unknown-format' });
  });

  test('clear removes entries and answers of OSV, and nothing else', async () => {
    fill();
    const answers = join(home, 'cvescan/osv/answers');
    mkdirSync(answers, { recursive: true });
    expect(await run(cacheClearCommand)).toBe(`${layers()}: removed 2 layers\n`);
    expect(readdirSync(layers())).toEqual(['notes.txt']);
    expect(existsSync(answers)).toBe(false);
  });
});
