import { verifyCurrentSnapshot } from '../../advisories/verify-snapshot.ts';
import { ScannerError } from '../../model/errors.ts';
import { printable } from '../../platform/terminal.ts';
import type { Command } from '../command.ts';
import { readSettings } from '../settings.ts';

/** `cvescan db verify`: recomputes the hashes of all parts, the id, and the tables that follow from them. */
export const dbVerifyCommand: Command = {
  name: 'db verify',
  summary: 'Check that the advisory database is what its id says.',
  usage: 'cvescan db verify',
  description: [
    'Reads the whole database, which takes some seconds: the pages and indexes of the file, the hash of each part, the id, the alias',
    'groups, the counts, and that what counts as covered is held. Not covered are revisions, the dates of readings, and until when a',
    'source covers a namespace: they follow from nothing else in the file.',
  ].join('\n'),
  options: {},

  async run(invocation) {
    const { databaseDirectory } = await readSettings(invocation);
    const { partCount, differing, faults, statedId, computedId } = verifyCurrentSnapshot(databaseDirectory);
    if (differing.length > 0 || statedId !== computedId) {
      const first = differing[0] ? `, the first is ${printable(differing[0])}` : '';
      throw new ScannerError(
        'database.damaged',
        `${differing.length} of ${partCount} parts differ from their hash${first}; the id is ${statedId}, computed ${computedId}`,
      );
    }
    if (faults[0] !== undefined) {
      const more = faults.length > 1 ? `, and ${faults.length - 1} more` : '';
      throw new ScannerError('database.damaged', `snapshot ${statedId}: ${printable(faults[0])}${more}`);
    }
    if (!invocation.options.quiet) invocation.stdout.write(`snapshot ${statedId} is whole, ${partCount} parts\n`);
    return 0;
  },
};
