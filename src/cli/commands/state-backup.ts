import { existsSync, rmSync } from 'node:fs';
import { ScannerError } from '../../model/errors.ts';
import type { Command } from '../command.ts';
import { wordsOf } from '../server-options.ts';
import { readServerSettings } from '../server-settings.ts';

/** `cvescan state backup`: the server's database as one file. */
export const stateBackupCommand: Command = {
  name: 'state backup',
  summary: "Write the server's database, SQLite or PostgreSQL, into one file.",
  usage: 'cvescan state backup [--config FILE] BACKUP',
  description: [
    'May run beside a server: the file holds one moment. It is a SQLite database, whatever it was made of, so it can be restored',
    'into either: that is the way from SQLite to PostgreSQL. It holds the hashes of tokens and the key of page tokens: keep it',
    'as you keep those.',
  ].join('\n'),
  options: {},

  async run(invocation) {
    const [file] = wordsOf(invocation, ['BACKUP']);
    if (existsSync(file)) throw new ScannerError('usage.invalid', `${file} is there already: name another file`);
    const { server } = await readServerSettings(invocation);
    const [{ openState }, { copyState }] = await Promise.all([
      import('../../state/open-state.ts'),
      import('../../state/copy-state.ts'),
    ]);
    await using from = await openState(server.database, { schema: 'check' });
    try {
      await using to = await openState({ type: 'sqlite', file });
      const { tableCount, rowCount } = await copyState(from, to);
      invocation.stdout.write(`${file}: ${rowCount} rows of ${tableCount} tables\n`);
    } catch (error) {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
      throw error;
    }
    return 0;
  },
};
