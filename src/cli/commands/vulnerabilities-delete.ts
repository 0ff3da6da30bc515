import { ClairClient } from '../../wire/clair-v1/client.ts';
import type { Command } from '../command.ts';
import { openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wordsOf } from '../server-options.ts';

/** `cvescan vulnerabilities delete`: a server lists a vulnerability no more. */
export const vulnerabilitiesDeleteCommand: Command = {
  name: 'vulnerabilities delete',
  summary: 'Have a server list a vulnerability no more; updates of the feeds do not bring it back.',
  usage: 'cvescan vulnerabilities delete [OPTIONS] NAMESPACE NAME',
  description: `${TOKEN_HELP}\ncvescan vulnerabilities reset takes it back.`,
  options: SERVER_OPTIONS,

  async run(invocation) {
    const [namespace, name] = wordsOf(invocation, ['NAMESPACE', 'NAME']);
    await using api = openEndpoint(invocation);
    await new ClairClient(api).deleteVulnerability(namespace, name);
    return 0;
  },
};
