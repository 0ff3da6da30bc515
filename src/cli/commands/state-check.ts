import type { Command } from '../command.ts';
import { wordsOf } from '../server-options.ts';
import { readServerSettings } from '../server-settings.ts';

/** `cvescan state check`: whether the server's database is whole and of this program's schema. */
export const stateCheckCommand: Command = {
  name: 'state check',
  summary: "Check the server's database: reachable, whole, of this version's schema.",
  usage: 'cvescan state check [--config FILE]',
  description: 'May run beside a server. Exit code 1: it is not well; what is wrong, and what to do, is said.',
  options: {},

  async run(invocation) {
    wordsOf(invocation, []);
    const { server } = await readServerSettings(invocation);
    const [{ openState }, { checkState }] = await Promise.all([
      import('../../state/open-state.ts'),
      import('../../state/check-state.ts'),
    ]);
    await using state = await openState(server.database, { schema: 'check' });
    const { schemaVersion, layerCount, ownVulnerabilityCount, jobCount } = await checkState(state);
    invocation.stdout.write(
      `${state.dialect}: well, schema version ${schemaVersion}, ${layerCount} layers, ` +
        `${ownVulnerabilityCount} own vulnerabilities, ${jobCount} jobs\n`,
    );
    return 0;
  },
};
