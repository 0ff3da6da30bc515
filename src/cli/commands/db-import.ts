import { lockDirectory, makeDatabaseDirectory } from '../../advisories/database-directory.ts';
import { importSnapshot } from '../../advisories/snapshot-archive.ts';
import { ScannerError } from '../../model/errors.ts';
import type { Command } from '../command.ts';
import { readSettings } from '../settings.ts';

/** `cvescan db import FILE`: makes an exported snapshot the current one. */
export const dbImportCommand: Command = {
  name: 'db import',
  summary: 'Take an advisory database that db export wrote.',
  usage: 'cvescan db import FILE',
  description:
    'The file is checked first; where anything is wrong with it, the database in use stays. A damaged one is replaced.',
  options: {},

  async run(invocation) {
    const { options, positionals, stdout, stderr, now, signal } = invocation;
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0)
      throw new ScannerError('usage.invalid', `give one file: ${dbImportCommand.usage}`);
    const { databaseDirectory } = await readSettings(invocation);
    makeDatabaseDirectory(databaseDirectory);
    const onWait = (owner: string) => stderr.write(`waiting for ${owner}, which is updating the database\n`);
    using _ = await lockDirectory(databaseDirectory, { signal, onWait });
    const { id } = await importSnapshot(databaseDirectory, file, now().toISOString());
    if (!options.quiet) stdout.write(`snapshot ${id}\n`);
    return 0;
  },
};
