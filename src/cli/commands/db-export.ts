import { exportSnapshot } from '../../advisories/snapshot-archive.ts';
import { ScannerError } from '../../model/errors.ts';
import type { Command } from '../command.ts';
import { readSettings } from '../settings.ts';

/** `cvescan db export FILE`: the current snapshot as one file to be carried elsewhere. */
export const dbExportCommand: Command = {
  name: 'db export',
  summary: 'Write the advisory database to one compressed file.',
  usage: 'cvescan db export FILE',
  description: 'For machines that reach no publisher: carry the file there, and run cvescan db import FILE.',
  options: {},

  async run(invocation) {
    const [file, ...more] = invocation.positionals;
    if (file === undefined || more.length > 0)
      throw new ScannerError('usage.invalid', `give one file: ${dbExportCommand.usage}`);
    const { databaseDirectory } = await readSettings(invocation);
    const { id, sizeBytes } = await exportSnapshot(databaseDirectory, file);
    if (!invocation.options.quiet) invocation.stdout.write(`snapshot ${id}, ${(sizeBytes / 2 ** 20).toFixed(1)} MiB\n`);
    return 0;
  },
};
