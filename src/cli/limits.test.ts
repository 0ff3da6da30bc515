import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../test/command-line.ts';
import { readLimits } from './limits.ts';

describe('readLimits', () => {
  const nothing = { options: [], file: {}, variable: undefined };

  test('nothing is stated', () => expect(readLimits(nothing)).toEqual({}));

  const units = [
    ['20', 20],
    ['2KiB', 2048],
    ['3 MiB', 3 * 1024 ** 2],
    ['1GiB', 1024 ** 3],
  ] as const;
  for (const [text, number] of units)
    test(text, () =>
      expect(readLimits({ ...nothing, file: { maxImageBytes: text } })).toEqual({ maxImageBytes: number }),
    );

  test('the command line wins over the file, the file over the environment', () =>
    expect(
      readLimits({
        options: ['maxLayers=1', 'maxLayers=2'],
        file: { maxLayers: '3', maxComponents: '4' },
        variable: 'maxLayers=5, maxComponents=6,maxCacheBytes=7,',
      }),
    ).toEqual({ maxLayers: 2, maxComponents: 4, maxCacheBytes: 7 }));

  const refused = [
    [{ options: ['maxLayer=1'] }, 'usage.invalid', '--limit: there is no limit maxLayer; did you mean maxLayers?'],
    [{ options: ['maxLayers'] }, 'usage.invalid', '--limit maxLayers: it is NAME=NUMBER'],
    [{ options: ['maxLayers=0'] }, 'usage.invalid', 'maxLayers is a number above 0'],
    [{ options: ['maxLayers=-1'] }, 'usage.invalid', 'maxLayers is a number above 0'],
    [{ options: ['maxLayers=1e3'] }, 'usage.invalid', 'maxLayers is a number above 0'],
    [{ file: { constructor: '1' } }, 'config.invalid', 'limits: there is no limit constructor'],
    [{ variable: 'maxLayers=many' }, 'config.invalid', 'CVESCAN_LIMITS: maxLayers is a number above 0'],
  ] as const;
  for (const [places, code, message] of refused)
    test(message, () =>
      expect(() => readLimits({ ...nothing, ...places })).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(message) }),
      ),
    );
});

describe('commands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cvescan-limits-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const list = join(folder, 'two.txt');
  writeFileSync(list, 'pkg:npm/a@1\npkg:npm/b@1\n');
  const config = join(folder, 'cvescan.yml');
  writeFileSync(config, 'limits:\n  maxComponents: 1\n');

  for (const command of [
    ['packages', list],
    ['convert', '-o', 'purl', list],
  ]) {
    const cases = [
      [['--limit', 'maxComponents=2'], {}, 0],
      [['--limit', 'maxComponents=1'], {}, 3],
      [['--config', config], {}, 3],
      [['--config', config, '--limit', 'maxComponents=2'], {}, 0],
      [[], { CVESCAN_LIMITS: 'maxComponents=1' }, 3],
    ] as const;
    for (const [more, env, code] of cases)
      test(`${command[0]} ${more.join(' ').replaceAll(folder, '')} ${JSON.stringify(env)}: ${code}`, async () => {
        const answer = await runCommandLine([...command, ...more], { env });
        expect(answer.code).toBe(code);
        if (code === 3) expect(answer.stderr).toContain('it has more than maxComponents 1');
      });
  }

  test('maxCacheBytes is what cache status tells', async () => {
    const { stdout } = await runCommandLine(['cache', 'status', '-o', 'json'], {
      env: { CVESCAN_LIMITS: 'maxCacheBytes=5MiB' },
    });
    expect(JSON.parse(stdout)).toMatchObject({ maxCacheBytes: 5 * 1024 ** 2 });
  });
});
