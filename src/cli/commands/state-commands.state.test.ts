import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { runCommandLine } from '../../../test/command-line.ts';
import { openState } from '../../state/open-state.ts';
import { describeState } from '../../state/state.contract.ts';
import type { StateOptions } from '../../state/state.ts';

describeState('cvescan state', ({ database, dialect }) => {
  async function setUp() {
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-state-command-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const configFor = (options: StateOptions, name: string) => {
      const file = join(directory, name);
      const source = options.type === 'sqlite' ? options.file : options.source;
      writeFileSync(file, stringify({ clair: { database: { type: options.type, options: { source } } } }));
      return file;
    };
    const state = (config: string, ...words: string[]) => runCommandLine(['state', ...words, '--config', config]);
    return { directory, configFor, state };
  }

  test('goes from one database into another, over a backup', async () => {
    const { directory, configFor, state } = await setUp();
    const [from, to] = [await database(), await database()];
    const [old, next] = [configFor(from, 'old.yml'), configFor(to, 'new.yml')];
    expect(await state(old, 'check')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cvescan state migrate'),
    });
    expect(await state(old, 'migrate')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: schema version \d+\n$/),
    });
    expect(await state(old, 'check')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('well, schema version'),
    });
    const added = await runCommandLine(['tokens', 'add', 'ci', '--permission', 'admin', '--config', old]);
    expect(added.code).toBe(0);

    const backup = join(directory, 'backup');
    expect(await state(old, 'backup', backup)).toMatchObject({ code: 0, stdout: expect.stringContaining('rows of') });
    expect(await state(old, 'backup', backup)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there already'),
    });
    expect(await state(next, 'restore', backup)).toMatchObject({ code: 0 });
    const listed = await runCommandLine(['tokens', 'list', '--config', next]);
    expect(listed.stdout).toContain('ci');
    expect(await state(next, 'restore', backup)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--replace'),
    });
    expect(await state(next, 'restore', '--replace', backup)).toMatchObject({ code: 0 });
    expect(await state(next, 'restore', join(directory, 'none'))).toMatchObject({ code: 2 });
  });

  test.runIf(dialect === 'sqlite')('leaves the file of a running server alone, and finds a damaged one', async () => {
    const { directory, configFor, state } = await setUp();
    const options = { ...(await database()), exclusive: true } as StateOptions & { readonly file: string };
    const config = configFor(options, 'c.yml');
    const backup = join(directory, 'backup');
    {
      await using _ = await openState(options);
      expect((await state(config, 'backup', backup)).code).toBe(0);
      expect(await state(config, 'restore', '--replace', backup)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('in use by another server'),
      });
    }
    writeFileSync(options.file, Buffer.alloc(1 << 20, 'x'));
    expect(await state(config, 'check')).toMatchObject({ code: 1, stderr: expect.stringContaining('is damaged') });
  });
});
