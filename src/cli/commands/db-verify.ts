import { verifyCurrentSnapshot } from '../../advisories/verify-snapshot.ts';
import { ScannerError } from '../../model/errors.ts';
import { printable } from '../../platform/terminal.ts';
import type { Command } from '../command.ts';
import { readSettings } from '../settings.ts';

/** `cvescan db verify`: recomputes the hashes of all parts, and the id. */
export const dbVerifyCommand: Command = {
  name: 'db verify',
  summary: 'Check that the advisory database is what its id says.',
  usage: 'cvescan db verify',
  description: 'Reads the whole database, which takes some seconds.',
  options: {},

  async run(invocation) {
    const { databaseDirectory } = await readSettings(invocation);
    const { partCount, differing, statedId, computedId } = verifyCurrentSnapshot(databaseDirectory);
    if (differing.length > 0 || statedId !== computedId) {
      const first = differing[0] ? `, the first is ${printable(differing[0])}` : '';
      throw new ScannerError(
        'database.damaged',
        `${differing.length} of ${partCount} parts differ from their hash${first}; the id is ${statedId}, computed ${computedId}`,
      );
    }
    if (!invocation.options.quiet) invocation.stdout.write(`snapshot ${statedId} is whole, ${partCount} parts\n`);
    return 0;
  },
};
