import { openSnapshot } from '../../advisories/open-snapshot.ts';
import { snapshotFile } from '../../advisories/pointer.ts';
import type { Command } from '../command.ts';
import { readSettings } from '../settings.ts';

/** `cvescan db path`: the file of the current snapshot. */
export const dbPathCommand: Command = {
  name: 'db path',
  summary: 'Print the path of the advisory database in use.',
  usage: 'cvescan db path',
  description: 'An SQLite file that never changes: an update makes another one.',
  options: {},

  async run(invocation) {
    const { databaseDirectory } = await readSettings(invocation);
    using snapshot = openSnapshot(databaseDirectory);
    invocation.stdout.write(`${snapshotFile(databaseDirectory, snapshot.id)}\n`);
    return 0;
  },
};
