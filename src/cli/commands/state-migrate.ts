import type { Command } from '../command.ts';
import { wordsOf } from '../server-options.ts';
import { readServerSettings } from '../server-settings.ts';

/** `cvescan state migrate`: brings the schema up to date before a server starts. */
export const stateMigrateCommand: Command = {
  name: 'state migrate',
  summary: "Bring the schema of the server's database up to date.",
  usage: 'cvescan state migrate [--config FILE]',
  description: [
    'A server does the same when it starts. The version before runs on the new schema, so instances are replaced one by one',
    'after this. All steps are made in one transaction.',
  ].join('\n'),
  options: {},

  async run(invocation) {
    wordsOf(invocation, []);
    const { server } = await readServerSettings(invocation);
    const [{ openState }, { checkState }] = await Promise.all([
      import('../../state/open-state.ts'),
      import('../../state/check-state.ts'),
    ]);
    await using state = await openState(server.database);
    const { schemaVersion } = await checkState(state);
    invocation.stdout.write(`${state.dialect}: schema version ${schemaVersion}\n`);
    return 0;
  },
};
