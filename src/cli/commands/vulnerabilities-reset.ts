import { ClairClient } from '../../wire/clair-v1/client.ts';
import type { Command } from '../command.ts';
import { openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wordsOf } from '../server-options.ts';

/** `cvescan vulnerabilities reset`: what the feed says of a vulnerability counts again. */
export const vulnerabilitiesResetCommand: Command = {
  name: 'vulnerabilities reset',
  summary: 'Take back what was changed by hand of a vulnerability: what the feed says counts again.',
  usage: 'cvescan vulnerabilities reset [OPTIONS] NAMESPACE NAME',
  description: `Only cvescan serve can do that, and it asks for the token of an administrator.\n${TOKEN_HELP}`,
  options: SERVER_OPTIONS,

  async run(invocation) {
    const [namespace, name] = wordsOf(invocation, ['NAMESPACE', 'NAME']);
    await using api = openEndpoint(invocation);
    await new ClairClient(api).resetVulnerability(namespace, name);
    return 0;
  },
};
