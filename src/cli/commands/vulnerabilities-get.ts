import { printable } from '../../platform/terminal.ts';
import { ClairClient } from '../../wire/clair-v1/client.ts';
import type { ClairVulnerability } from '../../wire/clair-v1/types.ts';
import type { Command } from '../command.ts';
import { JSON_OUTPUT, openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wantsJson, wordsOf } from '../server-options.ts';
import { textTable } from '../text-table.ts';

/** `cvescan vulnerabilities get`: one vulnerability as a server knows it. */
export const vulnerabilitiesGetCommand: Command = {
  name: 'vulnerabilities get',
  summary: 'Show a vulnerability as a server knows it, with the versions that fix it.',
  usage: 'cvescan vulnerabilities get [OPTIONS] NAMESPACE NAME',
  description: TOKEN_HELP,
  options: { ...SERVER_OPTIONS, output: JSON_OUTPUT },

  async run(invocation) {
    const [namespace, name] = wordsOf(invocation, ['NAMESPACE', 'NAME']);
    const asJson = wantsJson(invocation);
    await using api = openEndpoint(invocation);
    const vulnerability = await new ClairClient(api).getVulnerability(namespace, name);
    invocation.stdout.write(asJson ? `${JSON.stringify(vulnerability, null, 2)}\n` : textOf(vulnerability));
    return 0;
  },
};

function textOf({ Name, NamespaceName, Severity, Link, Description, FixedIn = [] }: ClairVulnerability): string {
  const head = printable(`${Name} (${Severity}) in ${NamespaceName}`);
  const lines = [head, ...[Link, Description].flatMap((text) => (text === undefined ? [] : [printable(text)]))];
  const fixes = FixedIn.map(({ Name, Version }) => [
    `  ${Name}`,
    Version === 'None' ? 'no fix' : `fixed in ${Version}`,
  ]);
  return `${lines.join('\n')}\n${textTable(fixes)}`;
}
