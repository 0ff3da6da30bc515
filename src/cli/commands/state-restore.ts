import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScannerError } from '../../model/errors.ts';
import type { Command } from '../command.ts';
import { wordsOf } from '../server-options.ts';
import { readServerSettings } from '../server-settings.ts';

/** `cvescan state restore`: the server's database from a backup. */
export const stateRestoreCommand: Command = {
  name: 'state restore',
  summary: "Fill the server's database from a file of `state backup`.",
  usage: 'cvescan state restore [--config FILE] [--replace] BACKUP',
  description: [
    'Stop all servers first. A backup of an older version is brought up to date on the way; the file itself is not changed.',
    'All or nothing: what goes wrong leaves the database as it was.',
  ].join('\n'),
  options: {
    replace: { type: 'boolean', help: 'remove what the database holds; without it one in use is left alone' },
  },

  async run(invocation) {
    const [file] = wordsOf(invocation, ['BACKUP']);
    if (!existsSync(file)) throw new ScannerError('usage.invalid', `there is no file ${file}`);
    const { server } = await readServerSettings(invocation);
    const [{ openState }, { copyState, isStateUsed }] = await Promise.all([
      import('../../state/open-state.ts'),
      import('../../state/copy-state.ts'),
    ]);
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-restore-'));
    try {
      const copy = join(directory, 'backup.sqlite');
      copyFileSync(file, copy);
      await using from = await openState({ type: 'sqlite', file: copy });
      const { database } = server;
      await using to = await openState(database.type === 'sqlite' ? { ...database, exclusive: true } : database);
      if (invocation.options.replace !== true && (await isStateUsed(to))) {
        throw new ScannerError('usage.invalid', 'the database holds something already: --replace removes it');
      }
      const { tableCount, rowCount } = await copyState(from, to);
      invocation.stdout.write(`${to.dialect}: ${rowCount} rows of ${tableCount} tables\n`);
      return 0;
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
};
